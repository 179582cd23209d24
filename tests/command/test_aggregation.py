#!/usr/bin/env python3
"""Secure sums over TCP: processes of an aggregator and many clients, some of which are killed on the way."""
import json

from harness import Bench, DONE, INPUT, check, check_ended, free_port

ROWS = ("a", "b", "c")


def value(client, row):
    return ((client * 37 + row * 11) % 201 - 100) / 8


class Clients:
    """Keys, tables and a job for that many clients; client 0 is the aggregator."""

    def __init__(self, bench, clients, algorithm="secure-sum", **parameters):
        self.bench, self.clients = bench, clients
        parties = []
        for party in range(clients + 1):
            key = bench.done("keygen", "--output", bench.path("%d.key" % party)).out.strip()
            parties.append({"name": "p%d" % party, "role": "client" if party else "aggregator", "key": key})
            weight = ",weight" if algorithm == "secure-mean" else ""
            lines = ["id,x" + weight]
            for row, name in enumerate(ROWS):
                lines.append("%s,%r%s" % (name, value(party, row), ",%d" % (party % 3 + 1) if weight else ""))
            bench.write("%d.csv" % party, "\n".join(lines) + "\n")
        parties[0]["address"] = "127.0.0.1:%d" % free_port()
        document = {"algorithm": algorithm, "id": "id", "parties": parties, "parameters": dict(parameters, bound=100)}
        bench.write("job.json", json.dumps(document))

    def start(self, party, *words):
        path = self.bench.path
        return self.bench.start("train", "--job", path("job.json"), "--party", "p%d" % party, "--key", path("%d.key" % party),
                                "--table", path("%d.csv" % party), "--model", path("%d.model" % party), "--threads", "1", *words)


def sums_of(clients):
    return [sum(value(client, row) for client in clients) for row in range(len(ROWS))]


def find(document, name):
    """The first object in a document that has a member of that name."""
    if isinstance(document, dict):
        if name in document:
            return document
        document = list(document.values())
    for item in document if isinstance(document, list) else []:
        found = find(item, name)
        if found:
            return found
    return None


def inspect(bench, party):
    return find(json.loads(bench.done("inspect", "--json", bench.path("%d.model" % party)).out), "columns")


def test_sum(bench):
    """the sum of five clients, in every party's model file"""
    job = Clients(bench, 5, trust="lying")
    for process in [job.start(party) for party in range(6)]:
        check_ended(process.wait(), DONE)
    for party in range(6):
        check(inspect(bench, party)["columns"]["x"] == sums_of(range(1, 6)), "party %d has %s" % (party, inspect(bench, party)))
        check(inspect(bench, party)["clients"] == 5, "not five clients")


def test_mean(bench):
    """the weighted mean"""
    job = Clients(bench, 4, algorithm="secure-mean", weight="weight", weight_bound=3)
    for process in [job.start(party) for party in range(5)]:
        check_ended(process.wait(), DONE)
    weights = [client % 3 + 1 for client in range(1, 5)]
    for row, mean in enumerate(inspect(bench, 2)["columns"]["x"]):
        expected = sum(value(client, row) * weight for client, weight in zip(range(1, 5), weights)) / sum(weights)
        check(abs(mean - expected) < 1e-9, "row %d: %r, not %r" % (row, mean, expected))


def test_a_hundred(bench):
    """a hundred clients, some of which never come and one of which is killed"""
    job = Clients(bench, 100, patience=12)
    absent, killed = {7, 8, 90}, 33
    processes = {party: job.start(party) for party in range(101) if party not in absent}
    processes[killed].signal(9)
    results = {party: process.wait() for party, process in processes.items() if party != killed}
    for result in results.values():
        check_ended(result, DONE)
    check_ended(results[0], DONE, r"not among them: p7, p8,")
    there = [client for client in range(1, 101) if client not in absent and client != killed]
    result = inspect(bench, 0)
    check(result["columns"]["x"] in (sums_of(there), sums_of(there + [killed])), "the sum is %s" % result)
    check(result == inspect(bench, 50), "two parties have different sums")


def test_bad_tables(bench):
    """a value that is missing or out of bounds ends its client before anything is sent"""
    job = Clients(bench, 2)
    bench.write("1.csv", "id,x\na,1\nb,\nc,2\n")
    check_ended(job.start(1).wait(), INPUT, r'row "b", column "x": the value is missing')
    bench.write("1.csv", "id,x\na,1\nb,101\nc,2\n")
    check_ended(job.start(1).wait(), INPUT, r"beyond the job's bound of 100")


def test_nothing_to_predict(bench):
    """predict says that a sum is nothing to predict with, and what shows it"""
    Clients(bench, 2)
    words = ["predict", "--job", bench.path("job.json"), "--table", bench.path("1.csv"), "--model", bench.path("1.model")]
    for more in ([], ["--party", "p1", "--key", bench.path("1.key")]):
        bench.fails(words + more, INPUT, r"job of secure-sum makes no model that scores rows", r"fate inspect")


def test_describe(bench):
    """fate describe says what is sent and what each party learns"""
    for name in ("secure-sum", "secure-mean"):
        out = bench.done("describe", name).out
        for word in ("masked vector", "aggregator", "client", "vanish", "Not protected against"):
            check(word in out, "%s: no %r in:\n%s" % (name, word, out))


if __name__ == "__main__":
    Bench().run_all([test_sum, test_mean, test_bad_tables, test_nothing_to_predict, test_describe, test_a_hundred])
