#!/usr/bin/env python3
"""fate align, and training on tables whose rows differ: what two processes find is the plain intersection."""
import csv
import io
import json
import os
import re
import signal
import time

from harness import Bench, Job, INPUT, PEER, check, check_done, check_ended


def psi_job(bench, job=None, **more):
    """A job of psi with the keys of a training job; more: members of the document."""
    job = job or Job(bench)
    document = job.document()
    document = {"algorithm": "psi", "id": "id", "parties": document["parties"], "parameters": {}}
    document.update(more)
    job.path = job.write_job("psi.json", document)
    return job


def align_words(bench, job, party, *more):
    return ["align", "--job", job.path, "--party", party, "--key", bench.path(party + ".key"), "--table", bench.path(party + ".csv"),
            "--output", bench.path(party + "_aligned.csv"), *more]


def align_all(bench, job, *more):
    processes = [bench.start(*align_words(bench, job, name, *more)) for name in job.names]
    return [process.wait() for process in processes]


def rows_of(bench, name):
    return list(csv.DictReader(io.StringIO(bench.bytes_of(name).decode())))


def facts(result):
    return {line.split()[0]: int(line.split()[1]) for line in result.out.splitlines()}


def test_inner(bench):
    """common rows in the order of their ids, all columns as they are"""
    job = psi_job(bench)
    bench.write("bank.csv", 'note,id\n"a, b",7\n,3\n"say ""x""",5\n last ,1\n')
    bench.write("telecom.csv", "id,plan\r\n5,full\r\n9,none\r\n7,\r\n")
    results = align_all(bench, job)
    check_done(results)
    check(bench.bytes_of("bank_aligned.csv") == b'note,id\n"say ""x""",5\n"a, b",7\n', "bank: %s" % bench.bytes_of("bank_aligned.csv"))
    check(bench.bytes_of("telecom_aligned.csv") == b'id,plan\n5,full\n7,""\n', "telecom: %s" % bench.bytes_of("telecom_aligned.csv"))
    check(facts(results[0]) == {"own": 4, "peer": 3, "intersection": 2, "rows": 2}, "the facts are %s" % results[0])


def test_several_columns(bench):
    """an id of two columns, normalised; several rows of one id at the guest"""
    job = psi_job(bench, id=["phone", "birth"], normalise=["digits", "trim fold"], duplicates="many")
    bench.write("bank.csv", "phone,birth,n\n030-1, 1970A,1\n+0301,1970a ,2\n0302,1971,3\n")
    bench.write("telecom.csv", "birth,phone,m\n1970a,0301,x\n1972,0302,y\n")
    check_done(align_all(bench, job))
    check([row["n"] for row in rows_of(bench, "bank_aligned.csv")] == ["1", "2"], "bank: %s" % rows_of(bench, "bank_aligned.csv"))
    check([row["m"] for row in rows_of(bench, "telecom_aligned.csv")] == ["x", "x"], "telecom: %s" % rows_of(bench, "telecom_aligned.csv"))
    bench.write("telecom.csv", "birth,phone,m\n1970a,0301,x\n1970A,0301,y\n")
    bench.fails(align_words(bench, job, "telecom"), INPUT, "have the same id")


def test_left(bench):
    """a left join keeps the guest's rows, numbered alike at both"""
    job = psi_job(bench, parameters={"join": "left"})
    bench.write("bank.csv", "id,x\n1,a\n2,b\n3,c\n")
    bench.write("telecom.csv", "id,y\n2,B\n4,D\n3,C\n")
    check_done(align_all(bench, job))
    bank, telecom = rows_of(bench, "bank_aligned.csv"), rows_of(bench, "telecom_aligned.csv")
    check([row["row"] for row in bank] == ["1", "2", "3"] == [row["row"] for row in telecom], "rows: %s %s" % (bank, telecom))
    check(sorted(row["id"] for row in bank) == ["1", "2", "3"], "bank: %s" % bank)
    for own, other in zip(bank, telecom):
        check(other["id"] == (own["id"] if own["id"] != "1" else "") and other["y"] == {"1": "", "2": "B", "3": "C"}[own["id"]],
              "%s beside %s" % (own, other))


def test_who_learns(bench):
    """count tells numbers alone, guest tells the guest alone; a small intersection tells nobody"""
    job = psi_job(bench, parameters={"learn": "count"})
    bench.write("bank.csv", "id\n1\n2\n3\n")
    bench.write("telecom.csv", "id\n2\n3\n4\n")
    results = align_all(bench, job)
    check_done(results)
    for name, result in zip(job.names, results):
        check(facts(result) == {"own": 3, "peer": 3, "intersection": 2, "rows": 0}, "the facts are %s" % result)
        check(not os.path.exists(bench.path(name + "_aligned.csv")), "%s wrote rows" % name)
    document = dict(json.loads(bench.bytes_of("psi.json")), parameters={"learn": "guest"})
    job.path = job.write_job("psi.json", document)
    check_done(align_all(bench, job))
    check(len(rows_of(bench, "bank_aligned.csv")) == 2 and not os.path.exists(bench.path("telecom_aligned.csv")), "who wrote what")
    document["parameters"] = {"minimum_intersection": 3}
    job.path = job.write_job("psi.json", document)
    for result in align_all(bench, job):
        check(result.code in (INPUT, PEER) and "minimum_intersection" in result.err, "it says %s" % result)


def announced(result):
    """The names of the messages that a party said would leave it."""
    part = result.err.split("What will leave this party")[1].split("What this party will receive")[0]
    return set(re.findall(r"^ *- ([a-z' ]+) to \w+:", part, re.M))


def test_announced(bench):
    """what is announced are the messages that the job's parameters let it send, and limits that are set"""
    base = Job(bench)
    for number, (parameters, limits) in enumerate([
            ({}, "told however few"), ({"learn": "guest", "minimum_intersection": 1}, "at least 1 of them"),
            ({"learn": "count", "minimum_set": 2}, "fewer than 2 different.*told to nobody"), ({"stored_set": "guest"}, "however few"),
            ({"stored_set": "host", "learn": "guest"}, "however few")]):
        job = psi_job(bench, base, parameters=parameters)
        bench.write("bank.csv", "id\n1\n2\n3\n")
        bench.write("telecom.csv", "id\n2\n3\n4\n")
        words = {name: ["--evidence", bench.path("%s.%d" % (name, number))] for name in job.names}
        if "stored_set" in parameters:
            words = {name: words[name] + ["--sets", bench.path("%s.sets" % name)] for name in job.names}
        processes = [bench.start(*align_words(bench, job, name, *words[name])) for name in job.names]
        for name, result in zip(job.names, [process.wait() for process in processes]):
            check_ended(result, 0)
            shown = json.loads(bench.done("evidence", "show", words[name][1], "--json").out)["records"]
            sent = {record["message"] for record in shown if record["kind"] == "sent"}
            check(sent == announced(result), "%s of %s announces %s and sends %s" % (name, parameters, announced(result), sent))
            check(re.search(limits, " ".join(result.err.split())), "%s: it says %s" % (parameters, result.err))
            check("fewer than 0" not in result.err and "at least 0" not in result.err, "it says %s" % result.err)


def raw_tables(bench, job):
    """Takes rows out of the tables of a training job; returns the ids that remain common."""
    common = None
    for number, name in enumerate(job.names):
        for rows in ("train", "test"):
            head, *lines = bench.bytes_of("%s_%s.csv" % (name, rows)).decode().split("\n")
            kept = [line for line in lines if line.strip() and int(line.split(",")[0].split("-")[1]) % (5 + number) != number]
            bench.write("%s_%s.csv" % (name, rows), "\n".join([head] + kept) + "\n")
            if rows == "train":
                ids = {line.split(",")[0] for line in kept}
                common = ids if common is None else common & ids
    return common


def check_trained(bench, job, results):
    check_done(results)
    bench.done(*job.pooled_words("train"))
    for name in job.names:
        check(bench.bytes_of(name + ".model") == bench.bytes_of("pooled/%s.model" % name), "%s.model differs from the pooled run's" % name)
    check_done(job.predict_all())
    bench.done(*job.pooled_words("predict", "--output", bench.path("pooled.csv"), table="test"))
    check(bench.bytes_of("scores.csv") == bench.bytes_of("pooled.csv"), "the scores differ from the pooled run's")


def test_train(bench):
    """"align": "psi" lets tables differ; with state the same command goes on and changes nothing after success"""
    job = Job(bench, rows=60)
    document = job.document()
    document["align"] = "psi"
    job.path = job.write_job("job.json", document)
    common = raw_tables(bench, job)
    more = {name: ["--state", bench.path(name + ".state"), "--evidence", bench.path(name + ".log")] for name in job.names}
    check_trained(bench, job, job.train_all(**more))
    for name in job.names:
        bench.done("evidence", "verify", bench.path(name + ".log.align"), "--job", job.path)
    before = bench.bytes_of("bank.model")
    check_done(job.train_all(**more))
    check(bench.bytes_of("bank.model") == before, "the model changed")
    check(0 < len(common) < 60, "%d rows are common" % len(common))


def test_validation(bench):
    """validation tables that differ are aligned too, after the training tables; all parties give one or none does"""
    job = Job(bench, rows=60, trees=6, early_stopping_rounds=2)
    job.path = job.write_job("job.json", dict(job.document(), align="psi"))
    raw_tables(bench, job)
    more = {name: ["--validation", bench.path(name + "_test.csv"), "--state", bench.path(name + ".state"), "--evidence",
                   bench.path(name + ".log")] for name in job.names}
    check_done(job.train_all(**more))
    for log in ("", ".align", ".align-validation"):
        bench.done("evidence", "verify", bench.path("bank.log" + log), bench.path("telecom.log" + log), "--job", job.path)
    validations = [word for name in job.names for word in ("--validation", "%s=%s" % (name, bench.path(name + "_test.csv")))]
    bench.done(*job.pooled_words("train", *validations))
    for name in job.names:
        check(bench.bytes_of(name + ".model") == bench.bytes_of("pooled/%s.model" % name), "%s.model differs from the pooled run's" % name)
    check_done(job.train_all(**more))
    for name in job.names:
        os.remove(bench.path(name + ".model"))
    job.parameters["early_stopping_rounds"] = 0
    job.path = job.write_job("job.json", dict(job.document(), align="psi"))
    results = job.train_all(bank=["--validation", bench.path("bank_test.csv")])
    check(any("all parties give one, or none does" in result.err for result in results), "it says %s %s" % tuple(results))


def test_killed_in_training(bench):
    """a party that is killed after its tables were aligned goes on when started again, through the alignment, with the same model"""
    job = Job(bench, rows=60, trees=40)
    document = job.document()
    document["align"] = "psi"
    job.path = job.write_job("job.json", document)
    raw_tables(bench, job)
    words = {name: job.train_words(name, "--state", bench.path(name + ".state")) for name in job.names}
    bank = bench.start(*words["bank"], terminal=True)
    telecom = bench.start(*words["telecom"])
    bank.wait_for(r"tree ([4-9]|[1-4]\d)/40")
    telecom.signal(signal.SIGKILL)
    telecom.wait()
    check_done([bench.start(*words["telecom"]).wait(), bank.wait()])
    bench.done(*job.pooled_words("train"))
    for name in job.names:
        check(bench.bytes_of(name + ".model") == bench.bytes_of("pooled/%s.model" % name), "%s.model differs from the pooled run's" % name)


def test_nothing_in_common(bench):
    """tables without a common id say so, and a job that only aligns is told where it belongs"""
    job = Job(bench, rows=20)
    document = job.document()
    document["align"] = "psi"
    job.path = job.write_job("job.json", document)
    lines = bench.bytes_of("telecom_train.csv").decode().split("\n")
    bench.write("telecom_train.csv", "\n".join([lines[0]] + ["x" + line for line in lines[1:] if line]) + "\n")
    for result in job.train_all():
        check_ended(result, INPUT, "have no id in common")
    psi_job(bench, job)
    bench.fails(job.train_words("bank"), INPUT, "fate align runs it")


def test_saved(bench):
    """an alignment that was saved is used again, by all parties; for another table it is refused"""
    job = Job(bench, rows=60, hosts=("telecom", "shop"))
    document = job.document()
    document["align"] = "psi"
    job.path = job.write_job("job.json", document)
    raw_tables(bench, job)
    words = {name: ["align", "--job", job.path, "--party", name, "--key", bench.path(name + ".key"), "--table",
                    bench.path(name + "_train.csv"), "--alignment", bench.path(name + ".alignment")] for name in job.names}
    check_done([process.wait() for process in [bench.start(*words[name]) for name in job.names]])
    check_trained(bench, job, job.train_all(**{name: ["--alignment", bench.path(name + ".alignment")] for name in job.names}))
    os.remove(bench.path("bank.model"))
    bench.fails(job.train_words("bank", "--alignment", bench.path("bank.alignment"), table=bench.path("bank_test.csv")), INPUT,
                "does not hold the ids that were aligned")
    bench.fails(job.train_words("bank", "--alignment", bench.path("shop.model")), INPUT, "not an alignment")


def messages_of(bench, name):
    return {row["message"] for row in json.loads(bench.bytes_of(name))["messages"] if row["direction"] == "sent"}


def test_stored_set(bench):
    """a set that is stored is used again by later alignments, training and prediction; a changed table is stored anew"""
    job = Job(bench, rows=60)
    raw_tables(bench, job)
    document = dict(job.document(), align="psi")
    document["parameters"] = dict(document["parameters"], stored_set="host")
    job.path = job.write_job("job.json", document)
    sets = {name: ["--sets", bench.path(name + ".sets")] for name in job.names}
    table = {name: bench.path(name + "_train.csv") for name in job.names}

    def align():
        check_done([process.wait() for process in [bench.start(
            "align", "--job", job.path, "--party", name, "--key", bench.path(name + ".key"), "--table", table[name], "--report",
            bench.path(name + ".json"), "--alignment", bench.path(name + ".alignment"), *sets[name]) for name in job.names]])
        return "host stored ids" in messages_of(bench, "telecom.json")
    check(align(), "the first alignment sends the set")
    check(not align(), "the second one does not")
    table["bank"] = bench.path("bank_test.csv")
    check(not align(), "nor does one with other rows of the small side")
    table["telecom"] = bench.path("telecom_test.csv")
    check(align(), "a changed table is sent")
    check_done(job.train_all(**sets))
    bench.done(*job.pooled_words("train"))
    for name in job.names:
        check(bench.bytes_of(name + ".model") == bench.bytes_of("pooled/%s.model" % name), "%s.model differs from the pooled run's" % name)
    check_done(job.predict_all(**sets))
    bench.done(*job.pooled_words("predict", "--output", bench.path("pooled.csv"), table="test"))
    check(bench.bytes_of("scores.csv") == bench.bytes_of("pooled.csv"), "the scores differ from the pooled run's")
    os.remove(bench.path("bank.model"))
    bench.fails(job.train_words("bank"), INPUT, "--sets")
    bench.fails(job.train_words("bank", *sets["bank"], "--alignment", bench.path("bank.alignment"), table=table["bank"]), INPUT,
                "no tables are aligned")
    document["parameters"].pop("stored_set")
    job.path = job.write_job("job.json", document)
    bench.fails(job.train_words("bank", *sets["bank"]), INPUT, "stores no set")


def wait_for_file(process, directory, words):
    """Waits until the state has a file of that kind."""
    while not (os.path.isdir(directory) and any(words in name for name in os.listdir(directory))):
        check(process.process.poll() is None, "it ended before there was a file %s" % words)
        time.sleep(0.002)


def test_spilled(bench):
    """sets above the job's memory go through the state directory; a party that is killed anywhere there goes on, and nothing is left"""
    job = psi_job(bench, parameters={"memory": 0.5})
    for number, name in [(2, "bank"), (3, "telecom")]:
        bench.write(name + ".csv", "id,x\n" + "".join("k%05d,%d\n" % (i * 7919 % 40009, i) for i in range(0, 40009, number)))
    words = {name: align_words(bench, job, name, "--state", bench.path(name + ".state")) for name in job.names}
    bank = bench.start(*words["bank"])
    telecom = bench.start(*words["telecom"])
    for kind in ["-own-2-", "-own-5-", "-peer0-3-", "-peer0-9-", "-match0-0-"]:
        wait_for_file(telecom, bench.path("telecom.state"), kind)
        telecom.signal(signal.SIGKILL)
        telecom.wait()
        telecom = bench.start(*words["telecom"])
    wait_for_file(bank, bench.path("bank.state"), "-match0-0-")
    bank.signal(signal.SIGKILL)
    bank.wait()
    bank = bench.start(*words["bank"])
    check_done([bank.wait(), telecom.wait()])
    ids = {name: [row["id"] for row in rows_of(bench, name + ".csv")] for name in job.names}
    common = sorted(set(ids["bank"]) & set(ids["telecom"]))
    for name in job.names:
        check([row["id"] for row in rows_of(bench, name + "_aligned.csv")] == common, "%s: other rows than the common ones" % name)
        left = [file for file in os.listdir(bench.path(name + ".state")) if "spill" in file]
        check(left == [], "left in the state: %s" % left)


def test_refusals(bench):
    """jobs that align nothing, tables without the id, and parameters that do not fit"""
    job = Job(bench)
    words = ["align", "--job", job.path, "--party", "bank", "--key", bench.path("bank.key"), "--table", bench.path("bank_train.csv")]
    bench.fails(words, INPUT, "aligns no tables")
    job = psi_job(bench, job)
    bench.write("bank.csv", "key\n1\n")
    bench.fails(align_words(bench, job, "bank"), INPUT, "no column \"id\"")
    document = json.loads(bench.bytes_of("psi.json"))
    for parameters, words in [({"learn": "guest", "join": "left"}, "join"), ({"learn": "nobody"}, "learn")]:
        job.path = job.write_job("psi.json", dict(document, parameters=parameters))
        bench.fails(align_words(bench, job, "bank"), INPUT, words)


if __name__ == "__main__":
    Bench().run_all([test_inner, test_several_columns, test_left, test_who_learns, test_announced, test_train, test_validation, test_killed_in_training, test_nothing_in_common, test_saved, test_stored_set, test_spilled,
                     test_refusals])
