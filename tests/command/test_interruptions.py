#!/usr/bin/env python3
"""Parties that are killed or interrupted in the middle of a job."""
import json
import os
import signal

from harness import Bench, Job, CANCELLED, INPUT, NETWORK, PEER, check, check_done, check_ended, check_equals_pooled

# Long enough for a slow machine to start a process and shake hands, short enough to wait for.
SHORT_TIMEOUT = "15"


def start_long_job(bench, *more):
    """Both parties in the middle of a long job."""
    job = Job(bench, rows=60, trees=1000)
    bank = bench.start(*job.train_words("bank", *more), terminal=True)
    telecom = bench.start(*job.train_words("telecom", *more))
    bank.wait_for(r"tree [2-9]/1000")
    return bank, telecom


def test_peer_killed(bench):
    """when a peer is killed in the middle the other one says so after its time-out"""
    bank, telecom = start_long_job(bench, "--timeout", SHORT_TIMEOUT)
    telecom.signal(signal.SIGKILL)
    telecom.wait()
    check_ended(bank.wait(), NETWORK, r"telecom")
    check(not os.path.exists(bench.path("bank.model")), "a model was written")


def test_interrupt(bench):
    """an interrupt cancels the job; the peer is told and ends too"""
    bank, telecom = start_long_job(bench)
    bank.signal(signal.SIGINT)
    check_ended(bank.wait(), CANCELLED, r"cancelled")
    check_ended(telecom.wait(), PEER, r"bank")
    for name in ["bank.model", "telecom.model"]:
        check(not os.path.exists(bench.path(name)), "%s was written" % name)


def test_terminate_waiting(bench):
    """a request to end is heeded while waiting for a peer"""
    job = Job(bench)
    bank = bench.start(*job.train_words("bank"), terminal=True)
    bank.wait_for(r"telecom")
    bank.signal(signal.SIGTERM)
    check_ended(bank.wait(), CANCELLED, r"cancelled")


def test_resume(bench):
    """with --state a party that is killed in the middle goes on when started again, with the same model"""
    job = Job(bench, rows=60, trees=40)
    bank = bench.start(*job.train_words("bank", "--state", bench.path("bank.state")), terminal=True)
    for tree in [3, 9, 15]:
        telecom = bench.start(*job.train_words("telecom", "--state", bench.path("telecom.state")))
        bank.wait_for(r"tree (%d|[2-4]\d)/40" % tree)
        telecom.signal(signal.SIGKILL)
        telecom.wait()
    telecom = bench.start(*job.train_words("telecom", "--state", bench.path("telecom.state")))
    check_done([bank.wait(), telecom.wait()])
    check_equals_pooled(bench, job)


def test_resume_lattice(bench):
    """the same with the experimental cipher, whose hints are in the store, and with evidence: either party is killed"""
    job = Job(bench, rows=60, trees=40, cipher="lattice")
    words = {name: job.train_words(name, "--state", bench.path(name + ".state"), "--evidence", bench.path(name + ".evidence"))
             for name in ["bank", "telecom"]}
    running = {name: bench.start(*words[name], terminal=name == "bank") for name in words}
    for tree, name in [(3, "telecom"), (9, "bank"), (15, "telecom"), (21, "bank")]:
        running["bank"].wait_for(r"tree (%d|[2-4]\d)/40" % tree)
        running[name].signal(signal.SIGKILL)
        running[name].wait()
        running[name] = bench.start(*words[name], terminal=name == "bank")
    check_done([running[name].wait() for name in ["bank", "telecom"]])
    check_equals_pooled(bench, job)
    left = [name for name in os.listdir(bench.path("bank.state")) if "lattice" in name]
    check(left == [], "hints stay in the store: %s" % left)
    bench.done("evidence", "verify", bench.path("bank.evidence"), bench.path("telecom.evidence"), "--job", job.path)


def test_kept_hint(bench):
    """a hint that is kept with --sets serves the next training, in which a party is killed, and no longer when it has carried enough vectors"""
    job = Job(bench, rows=60, trees=8, cipher="lattice", lattice_vectors=130)

    def train(kill):
        words = {name: job.train_words(name, "--sets", bench.path(name + ".sets"), "--state", bench.path(name + ".state"), "--restart",
                                       "--report", bench.path(name + ".json")) for name in job.names}
        running = {name: bench.start(*words[name], terminal=name == "bank") for name in job.names}
        if kill:
            running["bank"].wait_for(r"tree [2-8]/8")
            running["telecom"].signal(signal.SIGKILL)
            running["telecom"].wait()
            words["telecom"].remove("--restart")
            running["telecom"] = bench.start(*words["telecom"])
        ended = [running[name].wait() for name in job.names]
        check_done(ended)
        check_equals_pooled(bench, job)
        report = json.loads(bench.bytes_of("bank.json"))
        return {row["message"] for row in report["messages"] if row["direction"] == "received"}, ended[0].err
    check("hint" in train(False)[0], "the first training needs a hint")
    check("hint" not in train(True)[0], "the second one has it")
    check(any(name.startswith("kept-lattice-hint") for name in os.listdir(bench.path("bank.sets"))), "hints are not in --sets")
    for _ in range(4):
        messages, said = train(False)
        if "hint" in messages:
            break
    check("hint" in messages and "lattice_vectors allows 130 in all" in said, "the cap is not kept: %s" % said)
    os.remove(bench.path("bank.model"))
    bench.fails(job.train_words("bank"), INPUT, "--sets names the directory")


def test_continue_after_interrupt(bench):
    """with --state a job that both parties stopped goes on with the same commands, and --restart begins it anew"""
    job = Job(bench, rows=60, trees=30)
    words = {name: job.train_words(name, "--state", bench.path(name + ".state")) for name in ["bank", "telecom"]}
    for number in [signal.SIGKILL, signal.SIGINT]:
        bank, telecom = bench.start(*words["bank"], terminal=True), bench.start(*words["telecom"])
        bank.wait_for(r"tree (5|[12]\d)/30")
        bank.signal(number)
        bank.wait()
        telecom.signal(number)  # after SIGINT it may have ended already: the bank has told it
        telecom.wait()
    bank, telecom = bench.start(*words["bank"], terminal=True), bench.start(*words["telecom"])
    results = [bank.wait(), telecom.wait()]
    check_done(results)
    check("tree 1/30" not in results[0].err, "it began anew: %s" % results[0])
    check_equals_pooled(bench, job)
    restart = [bench.start(*(words[name] + ["--restart"])) for name in ["bank", "telecom"]]
    check_done([process.wait() for process in restart])
    check(bench.bytes_of("bank.model") == bench.bytes_of("pooled/bank.model"), "another model after --restart")


def test_one_of_many_hosts(bench):
    """of several hosts one is stopped, then one is killed: all others end with an error, and all go on with the same model"""
    job = Job(bench, hosts=("telecom", "shop", "broker"), rows=60, trees=30)
    words = {name: job.train_words(name, "--state", bench.path(name + ".state"), "--timeout", SHORT_TIMEOUT) for name in job.names}
    for victim, number, tree in [("shop", signal.SIGSTOP, r"tree [3-9]/30"), ("broker", signal.SIGKILL, r"tree (9|1\d)/30")]:
        running = {name: bench.start(*words[name], terminal=name == "bank") for name in job.names}
        running["bank"].wait_for(tree)
        running[victim].signal(number)
        check_ended(running["bank"].wait(), NETWORK, victim)
        for name in job.hosts:
            if name != victim:
                check_ended(running[name].wait(), PEER, r"bank")
        running[victim].signal(signal.SIGKILL)
        running[victim].wait()
        check(not os.path.exists(bench.path("bank.model")), "a model was written")
    running = [bench.start(*words[name], terminal=name == "bank") for name in job.names]
    results = [process.wait() for process in running]
    check_done(results)
    check("tree 1/30" not in results[0].err, "it began anew: %s" % results[0])
    check_equals_pooled(bench, job)


def test_finished_with_state(bench):
    """with --state a party that has its model stays reachable for peers that lost theirs, and changes nothing"""
    job = Job(bench)
    more = {name: ["--state", bench.path(name + ".state")] for name in job.names}
    check_done(job.train_all(**more))
    os.remove(bench.path("telecom.model"))
    before = os.stat(bench.path("bank.model"))
    results = job.train_all(**more)
    check_done(results)
    check("stays reachable" in results[0].err, "it says: %s" % results[0])
    check(os.stat(bench.path("bank.model")).st_ino == before.st_ino, "the bank's model was written again")
    check_equals_pooled(bench, job)


if __name__ == "__main__":
    Bench().run_all([test_peer_killed, test_interrupt, test_terminate_waiting, test_resume, test_resume_lattice, test_kept_hint, test_continue_after_interrupt, test_one_of_many_hosts,
                     test_finished_with_state])
