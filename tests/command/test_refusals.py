#!/usr/bin/env python3
"""Parties that do not agree, and a network that is not as the job says: clear errors on both sides, and no model."""
import os
import socket
import time

from harness import Bench, Job, DISAGREE, INPUT, NETWORK, PEER, check, check_done, check_ended

# Long enough for a slow machine to start a process and shake hands, short enough to wait for.
SHORT_TIMEOUT = "15"


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
    check_done([bank.wait(), telecom.wait()])


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


def test_rows_differ(bench):
    """tables with other rows are a clear error on both sides before training"""
    job = Job(bench)
    text = bench.bytes_of("telecom_train.csv").decode()
    bench.write("telecom_train.csv", text.replace("train-007", "train-999"))
    for result in job.train_all():
        check_ended(result, DISAGREE, r"rows|ids")
    check(not os.path.exists(bench.path("bank.model")), "a model was written")


def test_validation_on_one_side(bench):
    """a validation table that only one party has is a clear error on both sides"""
    job = Job(bench)
    for result in job.train_all(bank=["--validation", bench.path("bank_test.csv")]):
        check(result.code in (INPUT, DISAGREE, PEER), "it ends with %s" % result)
        check_ended(result, result.code, r"validation")


def test_predict_rows_differ(bench):
    """scoring tables with other rows are a clear error on both sides"""
    job = Job(bench)
    check_done(job.train_all())
    text = bench.bytes_of("telecom_test.csv").decode()
    bench.write("telecom_test.csv", text.replace("test-007", "test-999"))
    for result in job.predict_all():
        check_ended(result, DISAGREE, r"rows|ids")
    check(not os.path.exists(bench.path("scores.csv")), "scores were written")


def test_predict_wrong_model(bench):
    """the model of another party is refused before anything is sent"""
    job = Job(bench)
    bench.done(*job.pooled_words("train"))
    for model in ["telecom.model", "bank.model"]:
        os.rename(bench.path("pooled/" + model), bench.path(model))
    os.rename(bench.path("telecom.model"), bench.path("bank.model"))
    bench.fails(job.predict_words("bank", "--output", bench.path("scores.csv")), INPUT, r"model", r"telecom")


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


def test_noise(bench):
    """bytes of strangers on the port do not end a job"""
    job = Job(bench)
    bank = bench.start(*job.train_words("bank"), terminal=True)
    for noise in [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 70000, b"\x00" * 64, b""]:
        send_noise(bank, job.port, noise)
    telecom = bench.start(*job.train_words("telecom"))
    check_done([bank.wait(), telecom.wait()])


if __name__ == "__main__":
    Bench().run_all([test_other_peer_key, test_listener_gives_up, test_other_listener_key, test_jobs_differ, test_rows_differ,
                     test_validation_on_one_side, test_predict_rows_differ, test_predict_wrong_model, test_port_in_use,
                     test_absent_peer, test_noise])
