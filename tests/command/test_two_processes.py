#!/usr/bin/env python3
"""Two processes that talk over TCP: a bank (guest) and a telecom company (host), and all that can go wrong between them."""
import json
import os
import signal
import socket
import time

from harness import (Bench, CANCELLED, DISAGREE, INPUT, Job, NETWORK, PEER, check, check_ended)

# Long enough for a slow machine to start a process and shake hands, short enough to wait for.
SHORT_TIMEOUT = "15"


def check_both_done(results):
    for result in results:
        check_ended(result, 0)


def predict_both(bench, job):
    bank = bench.start(*job.predict_words("bank", "--output", bench.path("scores.csv")))
    telecom = bench.start(*job.predict_words("telecom", "--output", bench.path("host_scores.csv")))
    return bank.wait(), telecom.wait()


def check_equals_pooled(bench, job, validation=()):
    bench.done(*job.pooled_words("train", *validation))
    for name in ["bank.model", "telecom.model"]:
        check(bench.bytes_of(name) == bench.bytes_of("pooled/" + name), "%s differs from the pooled run's" % name)
    results = predict_both(bench, job)
    check_both_done(results)
    bench.done(*job.pooled_words("predict", "--output", bench.path("pooled.csv"), table="test"))
    check(bench.bytes_of("scores.csv") == bench.bytes_of("pooled.csv"), "the scores differ from the pooled run's")
    check(not os.path.exists(bench.path("host_scores.csv")), "the host wrote scores")
    check("nothing was written" in results[1].err, "the host does not say so: %s" % results[1])


def test_equals_pooled(bench):
    """federated models and scores equal the pooled ones byte for byte"""
    job = Job(bench, rows=60, trees=3, depth=3)
    results = job.train_both(["--threads", "2", "--report", bench.path("report.json")], ["--threads", "1"])
    check_both_done(results)
    for result in results:
        check(result.out == "" and "telecom" in result.err and "bank" in result.err, "it does not say who learns what: %s" % result)
    check_equals_pooled(bench, job)
    report = json.loads(bench.bytes_of("report.json"))
    check(report["bytes_sent"] > 0 and report["bytes_received"] > 0 and report["seconds"] > 0, "the report is %s" % report)
    sent = {entry["message"] for entry in report["messages"] if entry["direction"] == "sent"}
    check("gradients" in sent and all(entry["peer"] == "telecom" for entry in report["messages"]), "the report is %s" % report)


def test_validation(bench):
    """with validation tables and early stopping too"""
    job = Job(bench, trees=8, early_stopping_rounds=1, depth=2)
    check_both_done(job.train_both(["--validation", bench.path("bank_test.csv")], ["--validation", bench.path("telecom_test.csv")]))
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
    check_both_done(job.train_both(["--state", bench.path("bank.state")], ["--state", bench.path("telecom.state")]))
    check_equals_pooled(bench, job)


def test_again(bench):
    """the same command after success ends with success, without any peer"""
    job = Job(bench)
    check_both_done(job.train_both())
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
    check_both_done([bank.wait(), telecom.wait()])


def test_progress(bench):
    """on a terminal a bar shows tree, level, rows, bytes and time"""
    job = Job(bench, rows=60, trees=4)
    bank = bench.start(*job.train_words("bank"), terminal=True)
    telecom = bench.start(*job.train_words("telecom"))
    result = bank.wait()
    check_both_done([result, telecom.wait()])
    for pattern in [r"telecom is connected", r"tree \d/4", r"rows/s", r"out \d", r"in \d", r"done in \d"]:
        check_ended(result, 0, pattern)


def test_other_peer_key(bench):
    """a dialler with another key is told so and ends; the listener warns, goes on waiting, and trains with the right one"""
    job = Job(bench)
    other = bench.done("keygen", "--output", bench.path("other.key")).out.strip()
    document = job.document()
    document["parties"][1]["key"] = other
    theirs = job.write_job("theirs.json", document)
    bank = bench.start(*job.train_words("bank"), terminal=True)
    bench.fails(job.train_words("telecom", job=theirs, key=bench.path("other.key")), DISAGREE, r"bank", r"key")
    check(not os.path.exists(bench.path("telecom.model")), "a model was written")
    bank.wait_for(r"warning: ")
    telecom = bench.start(*job.train_words("telecom"))
    check_both_done([bank.wait(), telecom.wait()])


def test_listener_gives_up(bench):
    """a listener that only ever hears another key ends with its time-out"""
    job = Job(bench)
    other = bench.done("keygen", "--output", bench.path("other.key")).out.strip()
    document = job.document()
    document["parties"][1]["key"] = other
    theirs = job.write_job("theirs.json", document)
    bank = bench.start(*job.train_words("bank", "--timeout", SHORT_TIMEOUT))
    bench.fails(job.train_words("telecom", job=theirs, key=bench.path("other.key")), DISAGREE, r"key")
    check_ended(bank.wait(), NETWORK, r"warning: .*key", r"telecom")


def test_other_listener_key(bench):
    """a dialler that reaches somebody with another key than the job pins does not train with him"""
    job = Job(bench)
    other = bench.done("keygen", "--output", bench.path("other.key")).out.strip()
    document = job.document()
    document["parties"][0]["key"] = other
    theirs = job.write_job("theirs.json", document)
    bank = bench.start(*job.train_words("bank", "--timeout", SHORT_TIMEOUT, job=theirs, key=bench.path("other.key")))
    telecom = bench.start(*job.train_words("telecom", "--timeout", SHORT_TIMEOUT))
    for result in [bank.wait(), telecom.wait()]:
        check(result.code in (DISAGREE, NETWORK), "it ends with %s" % result)
    check(not os.path.exists(bench.path("bank.model")) and not os.path.exists(bench.path("telecom.model")), "a model was written")


def test_jobs_differ(bench):
    """when the jobs differ both parties name the first differing field with both values"""
    job = Job(bench)
    document = job.document()
    document["parameters"]["trees"] = 23
    theirs = job.write_job("theirs.json", document)
    bank = bench.start(*job.train_words("bank"))
    telecom = bench.start(*job.train_words("telecom", job=theirs))
    for result, peer in [(bank.wait(), "telecom"), (telecom.wait(), "bank")]:
        check_ended(result, DISAGREE, r"trees", r"\b2\b", r"\b23\b", peer)


def test_addresses_may_differ(bench):
    """addresses are not part of what must be equal"""
    job = Job(bench)
    document = job.document()
    document["parties"][1]["address"] = "192.0.2.7:9"
    theirs = job.write_job("theirs.json", document)
    bank = bench.start(*job.train_words("bank"))
    telecom = bench.start(*job.train_words("telecom", job=theirs))
    check_both_done([bank.wait(), telecom.wait()])


def test_rows_differ(bench):
    """tables with other rows are a clear error on both sides before training"""
    job = Job(bench)
    text = bench.bytes_of("telecom_train.csv").decode()
    bench.write("telecom_train.csv", text.replace("train-007", "train-999"))
    for result in job.train_both():
        check_ended(result, DISAGREE, r"rows|ids")
    check(not os.path.exists(bench.path("bank.model")), "a model was written")


def test_validation_on_one_side(bench):
    """a validation table that only one party has is a clear error on both sides"""
    job = Job(bench)
    for result in job.train_both(["--validation", bench.path("bank_test.csv")], []):
        check(result.code in (INPUT, DISAGREE, PEER), "it ends with %s" % result)
        check_ended(result, result.code, r"validation")


def test_port_in_use(bench):
    """an address that is in use is named"""
    job = Job(bench)
    with socket.socket() as other:
        other.bind(("127.0.0.1", job.port))
        other.listen()
        bench.fails(job.train_words("bank"), NETWORK, r"%d" % job.port, r"in use")


def test_absent_peer(bench):
    """a peer that does not come is named when the time is over"""
    job = Job(bench)
    bank = bench.start(*job.train_words("bank", "--timeout", "2"))
    check_ended(bank.wait(), NETWORK, r"telecom")
    telecom = bench.start(*job.train_words("telecom", "--timeout", "2"))
    check_ended(telecom.wait(), NETWORK, r"bank")


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
    check_both_done([bank.wait(), telecom.wait()])


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
    check_both_done([bank.wait(), telecom.wait()])
    check_equals_pooled(bench, job)


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
    check_both_done(results)
    check("tree 1/30" not in results[0].err, "it began anew: %s" % results[0])
    check_equals_pooled(bench, job)
    restart = [bench.start(*(words[name] + ["--restart"])) for name in ["bank", "telecom"]]
    check_both_done([process.wait() for process in restart])
    check(bench.bytes_of("bank.model") == bench.bytes_of("pooled/bank.model"), "another model after --restart")


def test_terminate_waiting(bench):
    """a request to end is heeded while waiting for a peer"""
    job = Job(bench)
    bank = bench.start(*job.train_words("bank"), terminal=True)
    bank.wait_for(r"telecom")
    bank.signal(signal.SIGTERM)
    check_ended(bank.wait(), CANCELLED, r"cancelled")


def test_noise(bench):
    """bytes of strangers on the port do not end a job"""
    job = Job(bench)
    bank = bench.start(*job.train_words("bank"), terminal=True)
    for noise in [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 70000, b"\x00" * 64, b""]:
        send_noise(bank, job.port, noise)
    telecom = bench.start(*job.train_words("telecom"))
    check_both_done([bank.wait(), telecom.wait()])


def send_noise(bank, port, noise):
    bank.wait_for(r"telecom")
    for _ in range(500):
        try:
            with socket.create_connection(("127.0.0.1", port), 10) as stranger:
                stranger.sendall(noise)
            return
        except ConnectionRefusedError:  # it does not listen yet
            time.sleep(0.05)
        except (ConnectionResetError, BrokenPipeError):
            return


if __name__ == "__main__":
    Bench().run_all([test_equals_pooled, test_validation, test_squared, test_again, test_host_listens, test_progress, test_other_peer_key,
                     test_listener_gives_up, test_other_listener_key, test_jobs_differ, test_addresses_may_differ, test_rows_differ,
                     test_validation_on_one_side, test_port_in_use, test_absent_peer, test_peer_killed, test_interrupt,
                     test_ask, test_resume, test_continue_after_interrupt, test_terminate_waiting, test_noise])
