#!/usr/bin/env python3
"""The pooled run from the command line, and what inspect says about its models. The bank alone is a job of one party."""
import json
import os

from harness import Bench, INPUT, Job, USAGE, check


def train(bench, job, *more):
    return bench.done(*job.pooled_words("train", *more))


def test_train(bench):
    """training writes one model a party, quietly when there is no terminal"""
    job = Job(bench)
    result = train(bench, job)
    check(result.out == "" and result.err == "", "it is not quiet: %s" % result)
    check(sorted(os.listdir(bench.path("pooled"))) == ["bank.model", "telecom.model"], "models: %s" % os.listdir(bench.path("pooled")))


def test_again(bench):
    """the same command after success changes nothing, and --restart gives the same bytes"""
    job = Job(bench)
    train(bench, job)
    before = [bench.bytes_of("pooled/bank.model"), bench.bytes_of("pooled/telecom.model")]
    os.chmod(bench.path("pooled/bank.model"), 0o444)
    facts = os.stat(bench.path("pooled/bank.model"))
    check("nothing to do" in train(bench, job).err, "it trained again")
    check(os.stat(bench.path("pooled/bank.model")).st_ino == facts.st_ino, "the model was written again")
    train(bench, job, "--restart")
    check(before == [bench.bytes_of("pooled/bank.model"), bench.bytes_of("pooled/telecom.model")], "other bytes")


def test_threads(bench):
    """the models do not depend on the number of threads"""
    job = Job(bench, rows=300, trees=3)
    train(bench, job, "--threads", "1")
    one = [bench.bytes_of("pooled/bank.model"), bench.bytes_of("pooled/telecom.model")]
    train(bench, job, "--threads", "3", "--restart")
    check(one == [bench.bytes_of("pooled/bank.model"), bench.bytes_of("pooled/telecom.model")], "other bytes")


def test_validation(bench):
    """a validation table for each party stops training early"""
    job = Job(bench, trees=60, early_stopping_rounds=2)
    validation = []
    for name in ["bank", "telecom"]:
        validation += ["--validation", "%s=%s" % (name, bench.path(name + "_test.csv"))]
    train(bench, job, *validation)
    check(os.path.exists(bench.path("pooled/bank.model")), "no model")
    bench.fails(job.pooled_words("train", "--restart", *validation[:2]), USAGE, r"--validation telecom=FILE is missing")


def test_tables(bench):
    """--table NAME=FILE is needed once for each party"""
    job = Job(bench)
    words = job.pooled_words("train")
    at = words.index("--table")
    bench.fails(words[:at] + words[at + 2:], USAGE, r"--table bank=FILE is missing")
    bench.fails(words + words[at:at + 2], USAGE, r"--table is given twice for bank")
    bench.fails(words[:at + 1] + ["bank"] + words[at + 2:], USAGE, r"NAME=FILE")
    bench.fails(words[:at + 1] + ["banc=x"] + words[at + 2:], USAGE, r'no party "banc"')


def test_rows_differ(bench):
    """tables with other rows are refused"""
    job = Job(bench)
    lines = bench.bytes_of("telecom_train.csv").decode().split("\r\n")
    bench.write("telecom_train.csv", "\r\n".join(lines[:-2]) + "\r\n")
    bench.fails(job.pooled_words("train"), 5, r"rows|ids")
    check(not os.path.exists(bench.path("pooled/bank.model")), "a model was written")


def test_other_model(bench):
    """the model of another job in the way is kept"""
    job = Job(bench)
    train(bench, job)
    before = bench.bytes_of("pooled/bank.model")
    job.parameters["trees"] = 3
    job.path = job.write_job("other.json")
    bench.fails(job.pooled_words("train", "--restart"), INPUT, r"bank\.model exists", r"not overwritten")
    check(before == bench.bytes_of("pooled/bank.model"), "the model was touched")


def test_predict(bench):
    """scores have the id column of the job and one probability for each row, in order of ids"""
    job = Job(bench)
    train(bench, job)
    bench.done(*job.pooled_words("predict", "--output", bench.path("scores.csv"), table="test"))
    lines = bench.bytes_of("scores.csv").decode().splitlines()
    check(lines[0] == "id,score" and len(lines) == 26, "the file begins %s and has %d lines" % (lines[0], len(lines)))
    rows = [line.split(",") for line in lines[1:]]
    check([row[0] for row in rows] == sorted(row[0] for row in rows), "the ids are not in order")
    check(all(0 < float(row[1]) < 1 for row in rows) and len({row[1] for row in rows}) > 2, "the scores are %s" % rows)


def test_predict_without_label(bench):
    """the label may be missing, and changes no score"""
    job = Job(bench)
    train(bench, job)
    bench.done(*job.pooled_words("predict", "--output", bench.path("with.csv"), table="test"))
    lines = [line.split(",") for line in bench.bytes_of("bank_test.csv").decode().splitlines()]
    bench.write("bank_test.csv", "\n".join(",".join(line[:1] + line[2:]) for line in lines) + "\n")
    bench.done(*job.pooled_words("predict", "--output", bench.path("without.csv"), table="test"))
    check(bench.bytes_of("with.csv") == bench.bytes_of("without.csv"), "other scores")


def test_evaluate(bench):
    """scores of training rows are better than chance"""
    job = Job(bench, rows=200, trees=10)
    train(bench, job)
    bench.done(*job.pooled_words("predict", "--output", bench.path("scores.csv")))
    found = json.loads(bench.done("evaluate", "--scores", bench.path("scores.csv"), "--labels", bench.path("bank_train.csv"), "--id", "id",
                                  "--label", "y", "--json").out)
    check(found["auc"] > 0.8, "auc is %r" % found["auc"])


def test_damaged_model(bench):
    """a model that is cut, altered or of another job is refused"""
    job = Job(bench)
    train(bench, job)
    whole = bench.bytes_of("pooled/telecom.model")
    words = job.pooled_words("predict", "--output", bench.path("scores.csv"), table="test")
    for damaged in [whole[:-1], whole[:len(whole) // 2], b"", whole[:20] + bytes([whole[20] ^ 1]) + whole[21:]]:
        with open(bench.path("pooled/telecom.model"), "wb") as file:
            file.write(damaged)
        bench.fails(words, INPUT, r"telecom\.model")
    with open(bench.path("pooled/telecom.model"), "wb") as file:
        file.write(whole)
    document = job.document()
    document["parameters"]["trees"] = 3
    job.path = job.write_job("other.json", document)
    bench.fails(job.pooled_words("predict", "--output", bench.path("scores.csv"), table="test"), INPUT, r"job")


def test_inspect(bench):
    """inspect shows one party's model as text and JSON, and merges those of all parties"""
    job = Job(bench)
    train(bench, job)
    bank, telecom = bench.path("pooled/bank.model"), bench.path("pooled/telecom.model")
    check("vertical-boosting" in bench.done("inspect", bank).out, "the algorithm is not named")
    one = json.loads(bench.done("inspect", bank, "--json").out)
    both = json.loads(bench.done("inspect", "--json", bank, telecom).out)
    check(isinstance(one, dict) and isinstance(both, dict) and one != both, "merging changes nothing")
    text = bench.done("inspect", bank, telecom).out
    check("minutes" in text or "plan" in text or "calls" in text or "income" in text, "no column is named:\n%s" % text)
    bench.fails(["inspect", bank, bank], INPUT, r"bank")
    bench.fails(["inspect", bench.write("no.model", "nothing")], INPUT, r"no\.model")
    bench.fails(["inspect", bench.path("missing.model")], INPUT, r"missing\.model")


def test_alone(bench):
    """a job of the guest alone trains and predicts"""
    job = Job(bench)
    document = job.document()
    document["parties"] = document["parties"][:1]
    document["categorical"] = ["region"]
    path = job.write_job("alone.json", document)
    words = ["--pooled", "--job", path, "--model", bench.path("alone")]
    bench.done("train", "--table", "bank=" + bench.path("bank_train.csv"), *words)
    bench.done("predict", "--table", "bank=" + bench.path("bank_test.csv"), "--output", bench.path("scores.csv"), *words)
    check(os.listdir(bench.path("alone")) == ["bank.model"], "models: %s" % os.listdir(bench.path("alone")))


def test_leaves(bench):
    """--leaves adds a column for each tree, which names leaves of the dump"""
    job = Job(bench, trees=3)
    train(bench, job)
    bench.done(*job.pooled_words("predict", "--output", bench.path("plain.csv")))
    bench.done(*job.pooled_words("predict", "--output", bench.path("leaves.csv"), "--leaves"))
    plain, rows = bench.bytes_of("plain.csv").decode().splitlines(), bench.bytes_of("leaves.csv").decode().splitlines()
    check(rows[0].split(",")[1:] == ["score", "leaf_1", "leaf_2", "leaf_3"], "header: %s" % rows[0])
    check([",".join(row.split(",")[:2]) for row in rows] == plain, "other scores with --leaves")
    dump = json.loads(bench.done("inspect", bench.path("pooled/bank.model"), "--json").out)
    for row in rows[1:]:
        for tree, leaf in enumerate(row.split(",")[2:]):
            check("leaf" in dump["trees"][tree]["nodes"][int(leaf)], "node %s of tree %d is no leaf" % (leaf, tree + 1))


if __name__ == "__main__":
    Bench().run_all([test_train, test_again, test_threads, test_validation, test_tables, test_rows_differ, test_other_model, test_predict,
                     test_predict_without_label, test_evaluate, test_damaged_model, test_inspect, test_alone, test_leaves])
