#!/usr/bin/env python3
"""Training over rounds in processes over TCP: an aggregator without a table, parties that are killed and started again."""
import json
import os
import random
import signal
import time

from harness import Bench, DONE, INPUT, Failure, WATCHDOG_SECONDS, check, check_ended, free_port

CLIENTS = 3


class Job:
    """Keys, tables and a job; party 0 is the aggregator. Labels follow from a line through two columns of other scales."""

    def __init__(self, bench, algorithm, **parameters):
        self.bench = bench
        parties = []
        for party in range(CLIENTS + 1):
            key = bench.done("keygen", "--output", bench.path("%d.key" % party)).out.strip()
            parties.append({"name": "p%d" % party, "role": "client" if party else "aggregator", "key": key})
            chance = random.Random(party)
            lines = ["id,y,x,z"]
            for row in range(200):
                x, z = chance.random() * 2 - 1, chance.random() * 2 - 1
                lines.append("r%d,%d,%r,%r" % (row, x + 2 * z > 0.2, 1000 + 50 * x, z / 1000))
            bench.write("%d.csv" % party, "\n".join(lines) + "\n")
        parties[0]["address"] = "127.0.0.1:%d" % free_port()
        document = {"algorithm": algorithm, "id": "id", "parties": parties, "parameters": parameters}
        if algorithm != "horizontal-statistics":
            document["label"] = "y"
        bench.write("job.json", json.dumps(document))

    def start(self, party, *words):
        path = self.bench.path
        table = ("--table", path("%d.csv" % party)) if party else ()
        return self.bench.start("train", "--job", path("job.json"), "--party", "p%d" % party, "--key", path("%d.key" % party), *table,
                                "--model", path("%d.model" % party), "--threads", "1", *words)

    def bodies(self):
        return [self.bench.done("inspect", "--json", self.bench.path("%d.model" % party)).out for party in range(CLIENTS + 1)]


def test_linear(bench):
    """a linear model; the aggregator has no table; all parties have the same model"""
    job = Job(bench, "horizontal-linear", rounds=8, learning_rate=0.5, trust="lying")
    for process in [job.start(party) for party in range(CLIENTS + 1)]:
        check_ended(process.wait(), DONE)
    texts = [bench.done("inspect", bench.path("%d.model" % party)).out for party in range(CLIENTS + 1)]
    check(all("x" in text and "z" in text for text in texts), "the columns are not shown")
    models = [open(bench.path("%d.model" % party), "rb").read() for party in range(CLIENTS + 1)]
    check(all(len(model) > 50 for model in models), "a model is empty")


def wait_for_checkpoints(directory, wanted):
    """Waits until stored state has been replaced so many times."""
    seen, begin = set(), time.monotonic()
    while len(seen) < wanted:
        if time.monotonic() - begin > WATCHDOG_SECONDS:
            raise Failure("there are only %d checkpoints" % len(seen))
        for folder, _, names in os.walk(directory):
            for name in names:
                try:
                    status = os.stat(os.path.join(folder, name))
                    seen.add((name, status.st_ino, status.st_mtime_ns))
                except FileNotFoundError:  # replaced just now
                    pass
        time.sleep(0.005)


def kill_and_start_again(bench, party):
    """A party is killed in the midst of training, and started again with its state; all end with one model."""
    job = Job(bench, "horizontal-neural", rounds=60, hidden="8", local_epochs=4, batch=4)
    words = [("--state", bench.path("%d.state" % party)) for party in range(CLIENTS + 1)]
    processes = [job.start(party, *words[party]) for party in range(CLIENTS + 1)]
    wait_for_checkpoints(words[party][1], 10)
    processes[party].signal(signal.SIGKILL)
    check(processes[party].wait().code == -signal.SIGKILL, "party %d had ended before it was killed" % party)
    check(not os.path.exists(bench.path("%d.model" % party)), "there is a model before the end")
    processes[party] = job.start(party, *words[party])
    for process in processes:
        check_ended(process.wait(), DONE)
    check(len(set(job.bodies())) == 1, "the models differ")


def test_a_client_is_killed(bench):
    """a client is killed in the middle and started again with its state"""
    kill_and_start_again(bench, 2)


def test_the_aggregator_is_killed(bench):
    """the aggregator is killed in the middle and started again with its state"""
    kill_and_start_again(bench, 0)


def test_an_aggregator_has_no_table(bench):
    """an aggregator with a table is told how to be a client too"""
    job = Job(bench, "horizontal-linear", rounds=2)
    clients = [job.start(party) for party in range(1, CLIENTS + 1)]
    check_ended(job.start(0, "--table", bench.path("0.csv")).wait(), INPUT, "two parties of the job, an aggregator and a client")
    for client in clients:
        client.end()


def test_statistics(bench):
    """statistics of the columns of all clients"""
    job = Job(bench, "horizontal-statistics", bins=4, quantiles="0.5", resolution=64)
    for process in [job.start(party) for party in range(CLIENTS + 1)]:
        check_ended(process.wait(), DONE)
    check('"count": [600, 600, 600]' in job.bodies()[1], job.bodies()[1])


def test_a_client_needs_a_table(bench):
    """a client without a table is refused, with the option's name"""
    Job(bench, "horizontal-linear")
    path = bench.path
    bench.fails(["train", "--job", path("job.json"), "--party", "p1", "--key", path("1.key"), "--model", path("1.model")], 2,
                "--table FILE is missing")


if __name__ == "__main__":
    Bench().run_all([test_linear, test_a_client_is_killed, test_the_aggregator_is_killed, test_an_aggregator_has_no_table, test_statistics, test_a_client_needs_a_table])
