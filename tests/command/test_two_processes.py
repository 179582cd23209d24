#!/usr/bin/env python3
"""Two processes that talk over TCP, a bank (guest) and a telecom company (host): what they make equals the pooled run."""
import json
import os
import re
import shutil
import signal

from harness import Bench, Job, CANCELLED, INPUT, PEER, USAGE, check, check_done, check_ended, check_equals_pooled


def test_equals_pooled(bench):
    """federated models and scores equal the pooled ones byte for byte"""
    job = Job(bench, rows=60, trees=3, depth=3)
    results = job.train_all(bank=["--threads", "2", "--report", bench.path("report.json")], telecom=["--threads", "1"])
    check_done(results)
    for result in results:
        check(result.out == "" and "telecom" in result.err and "bank" in result.err, "it does not say who learns what: %s" % result)
        check(re.search(r"^fate train: done in [0-9.]+ s; .* the model is in \S+\.model\.$", result.err, re.M), "no end: %s" % result)
    check_equals_pooled(bench, job)
    report = json.loads(bench.bytes_of("report.json"))
    check(report["bytes_sent"] > 0 and report["bytes_received"] > 0 and report["seconds"] > 0, "the report is %s" % report)
    sent = {entry["message"] for entry in report["messages"] if entry["direction"] == "sent"}
    check("gradients" in sent and all(entry["peer"] == "telecom" for entry in report["messages"]), "the report is %s" % report)



def test_place_lost(bench):
    """a model whose place is gone at the end is written elsewhere, where it overwrites nothing, and the exit code tells of it"""
    job = Job(bench)
    os.mkdir(bench.path("place"))
    os.mkdir(bench.path("here"))
    bench.write("here/bank.model", "precious")
    words = job.train_words("bank")
    words[words.index("--model") + 1] = bench.path("place/bank.model")
    bank = bench.start(*words, terminal=True, directory=bench.path("here"))
    bank.wait_for("Why each message is allowed")
    os.rmdir(bench.path("place"))
    check_done([bench.start(*job.train_words("telecom")).wait()])
    check_ended(bank.wait(), INPUT, r"place/bank\.model", r"the model is in \./bank\.model\.1 instead")
    check(bench.bytes_of("here/bank.model") == b"precious", "the other file was overwritten")
    os.rename(bench.path("here/bank.model.1"), bench.path("bank.model"))
    check_equals_pooled(bench, job)


def test_from(bench):
    """training goes on from earlier models, and equals one training of the whole length; both sides say when one has none"""
    job = Job(bench, rows=60, trees=2)
    check_done(job.train_all())
    for party in ["bank", "telecom"]:
        os.rename(bench.path(party + ".model"), bench.path(party + ".earlier"))
    earlier = {party: ["--from", bench.path(party + ".earlier")] for party in ["bank", "telecom"]}
    job.parameters["trees"] = 4
    job.path = job.write_job("longer.json")
    for result, code in zip(job.train_all(bank=earlier["bank"]), [INPUT, PEER]):
        check_ended(result, code, "bank starts from an earlier model and telecom does not")
    check_done(job.train_all(**earlier))
    check_equals_pooled(bench, job)
    whole = [bench.bytes_of("pooled/%s.model" % party) for party in ["bank", "telecom"]]
    words = ["--from", "bank=" + bench.path("bank.earlier")]
    bench.fails(job.pooled_words("train", "--restart", *words), USAGE, r"--from telecom=FILE is missing")
    bench.done(*job.pooled_words("train", "--restart", *words, "--from", "telecom=" + bench.path("telecom.earlier")))
    check(whole == [bench.bytes_of("pooled/%s.model" % party) for party in ["bank", "telecom"]], "pooled: other bytes")

def test_validation(bench):
    """with validation tables and early stopping too"""
    job = Job(bench, trees=8, early_stopping_rounds=1, depth=2)
    check_done(job.train_all(**{name: ["--validation", bench.path(name + "_test.csv")] for name in job.names}))
    check_equals_pooled(bench, job, ["--validation", "bank=" + bench.path("bank_test.csv"),
                                     "--validation", "telecom=" + bench.path("telecom_test.csv")])


def test_squared(bench):
    """objective squared with a weight, and --state"""
    job = Job(bench, trees=2, objective="squared")
    document = job.document()
    document["weight"] = "income"
    lines = [line.split(",") for line in bench.bytes_of("bank_train.csv").decode().splitlines()]
    bench.write("bank_train.csv", "\n".join(",".join(field or "1" for field in line) for line in lines) + "\n")
    job.path = job.write_job("job.json", document)
    check_done(job.train_all(**{name: ["--state", bench.path(name + ".state")] for name in job.names}))
    check_equals_pooled(bench, job)


def test_ciphers(bench):
    """two ciphers at both lengths of keys, and the experimental one at its three profiles; with so many classes that a row's gradients take several ciphertexts, and a column of scores each"""
    job = Job(bench, rows=40, trees=1)
    cases = [{"cipher": cipher, "key_bits": bits} for cipher in ["paillier", "okamoto-uchiyama"] for bits in [2048, 3072]]
    cases += [{"cipher": "lattice", "lattice_profile": profile, "key_bits": 2048} for profile in ["B", "C", "A"]]
    for case in cases + [{"cipher": "paillier", "lattice_profile": "B", "objective": "softmax", "classes": 40, "multi_strategy": "multi_output_tree", "key_bits": 2048}]:
        for name in ["scores.csv", "pooled.csv", "bank.model", "telecom.model", "pooled"]:
            if os.path.exists(bench.path(name)):
                (shutil.rmtree if name == "pooled" else os.remove)(bench.path(name))
        job.parameters.update(case)
        job.path = job.write_job("job.json")
        results = job.train_all()
        check_done(results)
        check(all(("EXPERIMENTAL: nobody" in result.err) == (case["cipher"] == "lattice") for result in results), "it says: %s" % results[0])
        check(all(("DECLARED LEAKAGE" in result.err) == (case.get("lattice_profile") == "A") for result in results), "it says: %s" % results[0])
        check_equals_pooled(bench, job)
    head = bench.bytes_of("scores.csv").decode().splitlines()[0].split(",")
    check(head == ["id"] + ["score_%d" % i for i in range(40)], "the columns of scores are %s" % head)


def test_directions(bench):
    """each party gives directions to its own columns; trees are grown leaf-wise"""
    job = Job(bench, rows=80, trees=3, depth=4, max_leaves=5, grow="leaf-wise", colsample_bylevel=0.7)
    check_done(job.train_all(bank=["--increasing", "income"], telecom=["--decreasing", "minutes", "--increasing", "calls"]))
    check_equals_pooled(bench, job, ["--increasing", "bank=income", "--decreasing", "telecom=minutes", "--increasing", "telecom=calls"])
    words = job.train_words("telecom", "--restart")
    bench.fails(words + ["--increasing", "plan"], INPUT, r"plan.*categories")
    bench.fails(words + ["--increasing", "hours"], INPUT, r"hours.*does not have")
    bench.fails(words + ["--increasing", "calls", "--decreasing", "calls"], USAGE, r"--increasing and by --decreasing")
    bench.fails(job.pooled_words("train", "--restart", "--increasing", "calls"), USAGE, r"NAME=COLUMN")


def test_three_parties(bench):
    """two hosts whose columns have the same names"""
    job = Job(bench, hosts=("telecom", "shop"), trees=4, depth=3)
    check_done(job.train_all())
    check_equals_pooled(bench, job)
    check(len({bench.bytes_of(name + ".model") for name in job.names}) == 3, "two models are equal")


def test_again(bench):
    """the same command after success ends with success, without any peer"""
    job = Job(bench)
    check_done(job.train_all())
    for party in ["bank", "telecom"]:
        before = os.stat(bench.path(party + ".model"))
        result = bench.done(*job.train_words(party))
        check("nothing to do" in result.err, "it says: %s" % result)
        check(os.stat(bench.path(party + ".model")).st_ino == before.st_ino, "the model was written again")


def test_host_listens(bench):
    """a guest behind a firewall only dials out; --listen replaces the job's address"""
    job = Job(bench)
    document = job.document()
    del document["parties"][0]["address"]
    document["parties"][1]["address"] = "127.0.0.1:%d" % job.port
    job.path = job.write_job("bank.json", document)
    document["parties"][1]["address"] = "192.0.2.1:9"
    theirs = job.write_job("telecom.json", document)
    bank = bench.start(*job.train_words("bank"))
    telecom = bench.start(*job.train_words("telecom", "--listen", "127.0.0.1:%d" % job.port, job=theirs))
    check_done([bank.wait(), telecom.wait()])


def test_addresses_may_differ(bench):
    """addresses are not part of what must be equal"""
    job = Job(bench)
    document = job.document()
    document["parties"][1]["address"] = "192.0.2.7:9"
    theirs = job.write_job("theirs.json", document)
    bank = bench.start(*job.train_words("bank"))
    telecom = bench.start(*job.train_words("telecom", job=theirs))
    check_done([bank.wait(), telecom.wait()])


def test_progress(bench):
    """on a terminal a bar shows tree, level, rows, bytes and time"""
    job = Job(bench, rows=60, trees=4)
    bank = bench.start(*job.train_words("bank"), terminal=True)
    telecom = bench.start(*job.train_words("telecom"))
    result = bank.wait()
    check_done([result, telecom.wait()])
    for pattern in [r"telecom is connected", r"tree \d/4", r"rows/s", r"out \d", r"in \d", r"done in \d"]:
        check_ended(result, 0, pattern)


def test_ask(bench):
    """--ask goes on after a yes, and sends nothing after any other answer"""
    job = Job(bench)
    for answer in ["no\n", "y\n", "\n", "yes please\n", "\x04"]:
        bank = bench.start(*job.train_words("bank", "--ask"), terminal=True)
        bank.wait_for(r"Type yes: ")
        bank.type(answer)
        check_ended(bank.wait(), CANCELLED, r"Nothing was sent")
    bank = bench.start(*job.train_words("bank", "--ask"), terminal=True)
    bank.wait_for(r"Type yes: ")
    bank.signal(signal.SIGINT)
    check_ended(bank.wait(), CANCELLED)
    bank = bench.start(*job.train_words("bank", "--ask"), terminal=True)
    bank.wait_for(r"Type yes: ")
    telecom = bench.start(*job.train_words("telecom"))
    bank.type("yes\n")
    check_done([bank.wait(), telecom.wait()])


if __name__ == "__main__":
    Bench().run_all([test_equals_pooled, test_place_lost, test_from, test_validation, test_squared, test_ciphers, test_directions, test_three_parties, test_again,
                     test_host_listens, test_addresses_may_differ, test_progress, test_ask])
