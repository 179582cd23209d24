#!/usr/bin/env python3
"""Evidence of real processes: fate train --evidence, and fate evidence verify and show."""
import json
import os
import signal

from harness import (Bench, CANCELLED, DONE, INPUT, Job, PEER, USAGE, check, check_done, check_ended, check_equals_pooled)


def log_of(bench, party):
    return bench.path(party + ".evidence")


def kept(bench, *parties):
    """The words that make these parties keep evidence."""
    return {party: ["--evidence", log_of(bench, party)] for party in parties}


def verify(bench, code, *words):
    result = bench.fate("evidence", "verify", *words)
    check_ended(result, code)
    check(("WRONG" in result.out) == (code != DONE), "the exit code and what it says differ: %s" % result)
    return result.out


def records_of(bench, party):
    return json.loads(bench.done("evidence", "show", log_of(bench, party), "--json").out)["records"]


def finished_job(bench):
    job = Job(bench)
    check_done(job.train_all(**kept(bench, "bank", "telecom")))
    return job


def test_both(bench):
    """both parties' logs hold, fit each other and the job, and are sealed by the other to the end"""
    job = finished_job(bench)
    for party, peer in [("bank", "telecom"), ("telecom", "bank")]:
        out = verify(bench, DONE, log_of(bench, party), log_of(bench, peer), "--job", job.path)
        check("note" not in out and "%s sealed the first" % peer in out and "%s signed the first" % party in out, "it says: %s" % out)
        records = records_of(bench, party)
        check([record["record"] for record in records] == list(range(len(records))), "numbers: %s" % records)
        names = {record["message"] for record in records if record["kind"] == "sent"}
        check({"bank": "gradients", "telecom": "histograms"}[party] in names, "messages: %s" % names)
    sent = [(r["message"], r["bytes"], r["digest"]) for r in records_of(bench, "bank") if r["kind"] == "sent"]
    received = [(r["message"], r["bytes"], r["digest"]) for r in records_of(bench, "telecom") if r["kind"] == "received"]
    check(sent == received, "the logs differ: %s, %s" % (sent, received))
    text = bench.done("evidence", "show", log_of(bench, "bank")).out
    check("log of bank" in text and "gradients to telecom" in text and "FATE_FINISHED" in text, "it shows: %s" % text)
    check_equals_pooled(bench, job)


def test_tampering(bench):
    """a changed byte, a log that was cut off, another party's or another job's: each is found, with exit code 3"""
    job = finished_job(bench)
    log = bench.bytes_of("bank.evidence")
    changed = bytearray(log)
    changed[len(log) // 2] ^= 1
    for name, content in [("changed", bytes(changed)), ("cut", log[:len(log) // 2])]:
        with open(bench.path(name), "wb") as file:
            file.write(content)
        verify(bench, INPUT, bench.path(name))
    out = verify(bench, INPUT, bench.path("cut"), log_of(bench, "telecom"))
    check("bank's log was cut off: telecom holds bank's signature" in out, "it says: %s" % out)
    verify(bench, INPUT, log_of(bench, "bank"), log_of(bench, "bank"))
    job.parameters["trees"] = 3
    verify(bench, INPUT, log_of(bench, "bank"), "--job", job.write_job("other.json"))
    bench.fails(["evidence", "verify", job.path], INPUT, r"not an evidence log")
    bench.fails(["evidence", "verify", bench.path("none")], INPUT)
    for words in [[], ["verify"], ["check", job.path], ["show", "a", "b"], ["show", "a", "--job", "b"], ["verify", "a", "--json"]]:
        bench.fails(["evidence"] + words, USAGE)


def test_killed(bench):
    """parties that are killed in the middle go on with the same log, which holds and fits the peer's"""
    job = Job(bench, rows=60, trees=40)
    words = {name: job.train_words(name, "--state", bench.path(name + ".state"), "--evidence", log_of(bench, name)) for name in job.names}
    bank = bench.start(*words["bank"], terminal=True)
    for tree in [3, 9, 15]:
        telecom = bench.start(*words["telecom"])
        bank.wait_for(r"tree (%d|[2-4]\d)/40" % tree)
        telecom.signal(signal.SIGKILL)
        telecom.wait()
        verify(bench, INPUT, log_of(bench, "telecom"))
        if tree == 9:  # as if the crash had torn the last record
            with open(log_of(bench, "telecom"), "ab") as file:
                file.write(b"\x0a\xbd\x01\x0a\x99\x01half of it")
    bank.signal(signal.SIGKILL)
    bank.wait()
    processes = [bench.start(*words[name]) for name in job.names]
    check_done([process.wait() for process in processes])
    for party, peer in [("bank", "telecom"), ("telecom", "bank")]:
        out = verify(bench, DONE, log_of(bench, party), log_of(bench, peer), "--job", job.path)
        check("telecom's log: a crash tore" in out and "bank was started again" in out, "it says: %s" % out)
    check_equals_pooled(bench, job)


def test_not_written_over(bench):
    """a log that is there is not written over"""
    job = finished_job(bench)
    before = bench.bytes_of("bank.evidence")
    os.remove(bench.path("bank.model"))
    bench.fails(job.train_words("bank", "--evidence", log_of(bench, "bank")), INPUT, r"earlier run")
    check(bench.bytes_of("bank.evidence") == before, "the log was written to")


def test_own_log(bench):
    """a job is continued only with its own log; one that was cancelled holds, and says so"""
    job = Job(bench, rows=60, trees=40)
    words = {name: job.train_words(name, "--state", bench.path(name + ".state")) for name in job.names}
    logs = kept(bench, *job.names)
    bank, telecom = bench.start(*words["bank"], *logs["bank"], terminal=True), bench.start(*words["telecom"], *logs["telecom"])
    bank.wait_for(r"tree (5|[1-4]\d)/40")
    bank.signal(signal.SIGINT)
    check_ended(bank.wait(), CANCELLED)
    check_ended(telecom.wait(), PEER)
    check("ended with an error: FATE_E_CANCELLED" in verify(bench, DONE, log_of(bench, "bank")), "the outcome is not said")
    bench.fails(words["bank"], INPUT, r"keeps evidence")
    bench.fails(words["bank"] + ["--evidence", bench.path("third")], INPUT, r"cut off")
    bench.fails(words["bank"] + ["--evidence", log_of(bench, "telecom")], INPUT, r"another run")
    processes = [bench.start(*words[name], *logs[name]) for name in job.names]
    check_done([process.wait() for process in processes])
    verify(bench, DONE, log_of(bench, "bank"), log_of(bench, "telecom"))


def test_predict(bench):
    """fate predict keeps evidence too; a party that keeps none seals the other's all the same"""
    job = finished_job(bench)
    log = bench.path("scoring.evidence")
    bank = bench.start(*job.predict_words("bank", "--output", bench.path("scores.csv"), "--evidence", log))
    telecom = bench.start(*job.predict_words("telecom"))
    check_done([bank.wait(), telecom.wait()])
    out = verify(bench, DONE, log, "--job", job.path)
    check("telecom sealed the first" in out and "note" not in out, "it says: %s" % out)
    verify(bench, INPUT, log, log_of(bench, "telecom"))


if __name__ == "__main__":
    Bench().run_all([test_both, test_tampering, test_killed, test_not_written_over, test_own_log, test_predict])
