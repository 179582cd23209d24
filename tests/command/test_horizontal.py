#!/usr/bin/env python3
"""Training over the rows of many clients: federated over TCP, pooled, going on from an earlier model; models that score alone."""
import csv
import json
import random

from harness import Bench, DONE, INPUT, USAGE, check, check_ended, free_port

NAMES = ["centre", "north", "south"]


def write_job(bench, algorithm="horizontal-linear", **parameters):
    parties = []
    for name in NAMES:
        key = bench.done("keygen", "--output", bench.path(name + ".key")).out.strip()
        parties.append({"name": name, "role": "client" if parties else "aggregator", "key": key})
    parties[0]["address"] = "127.0.0.1:%d" % free_port()
    bench.write("job.json", json.dumps({"algorithm": algorithm, "id": "id", "label": "y", "parties": parties,
                                        "parameters": dict({"rounds": 6, "batch": 8, "learning_rate": 0.5}, **parameters)}))


def write_table(bench, name, seed, rows=80):
    draw = random.Random(seed)
    lines = ["id,y,a,b"]
    for row in range(rows):
        a, b = draw.uniform(-1, 1), draw.uniform(-1, 1)
        lines.append("%s%d,%d,%r,%r" % (name, row, a + 2 * b > 0, 100 + a, b / 1000))
    bench.write(name + ".csv", "\n".join(lines) + "\n")


def start(bench, name, model, *words):
    table = [] if name == "centre" else ["--table", bench.path(name + ".csv")]
    return bench.start("train", "--job", bench.path("job.json"), "--party", name, "--key", bench.path(name + ".key"), "--threads", "1",
                       "--model", bench.path(name + model), *table, *words)


def train(bench, model, *words):
    for process in [start(bench, name, model, *words) for name in NAMES]:
        check_ended(process.wait(), DONE)


def right(bench, model):
    """The share of the test rows that a model puts on the right side."""
    bench.done("predict", "--job", bench.path("job.json"), "--table", bench.path("test.csv"), "--model", bench.path(model), "--output",
               bench.path("scores.csv"))
    with open(bench.path("test.csv")) as labels, open(bench.path("scores.csv")) as scores:
        labels = {row["id"]: row["y"] for row in csv.DictReader(labels)}
        found = [(float(row["score"]) > 0.5) == (labels[row["id"]] == "1") for row in csv.DictReader(scores)]
    check(len(found) == len(labels), "%d rows were scored, not %d" % (len(found), len(labels)))
    return sum(found) / len(found)


def prepare(bench, **more):
    write_job(bench, **more)
    for seed, name in enumerate(["north", "south", "test"]):
        write_table(bench, name, seed)


def test_federated(bench):
    """clients and an aggregator without a table train; every party has the model; it scores alone, is inspected, and training goes on from it"""
    prepare(bench)
    train(bench, ".model")
    texts = {bench.done("inspect", bench.path(name + ".model")).out for name in NAMES}
    check(len(texts) == 1 and "objective logistic" in texts.pop(), "models differ, or say nothing of the objective")
    for name in NAMES:
        share = right(bench, name + ".model")
        check(share > 0.9, "%s puts %g on the right side" % (name, share))
    further = [start(bench, name, ".further", "--from", bench.path(name + ".model")) for name in NAMES]
    for process in further:
        check_ended(process.wait(), DONE)
    check(right(bench, "north.further") > 0.9, "a model that was trained on is worse")


def test_pooled(bench):
    """a pooled run takes all clients' tables, or one alone"""
    prepare(bench, algorithm="horizontal-neural", hidden="4")
    for names in (["north", "south"], ["south"]):
        tables = [word for name in names for word in ("--table", "%s=%s" % (name, bench.path(name + ".csv")))]
        bench.done("train", "--pooled", "--restart", "--job", bench.path("job.json"), "--model", bench.path("pooled"), *tables)
        check(right(bench, "pooled/centre.model") > 0.9, "the model of %s is bad" % names)


def test_refusals(bench):
    """what is missing or does not fit is said"""
    prepare(bench)
    job, key = ["--job", bench.path("job.json")], ["--key", bench.path("north.key")]
    check_ended(bench.start("train", *job, "--party", "north", *key, "--model", bench.path("m")).wait(), USAGE, r"--table FILE is missing")
    check_ended(bench.start("predict", *job, "--model", bench.path("m"), "--table", bench.path("test.csv")).wait(), USAGE, r"--output FILE is missing")
    check_ended(bench.start("predict", *job, "--model", bench.path("m"), "--table", bench.path("test.csv"), "--output", bench.path("s"), "--leaves").wait(),
                USAGE, r"--leaves: models of horizontal-linear are whole")
    bench.done("train", "--pooled", *job, "--model", bench.path("pooled"), "--table", "north=" + bench.path("north.csv"))
    bench.write("few.csv", "id,y,a\n1,0,2\n")
    check_ended(bench.start("predict", *job, "--model", bench.path("pooled/north.model"), "--table", bench.path("few.csv"), "--output",
                            bench.path("s")).wait(), INPUT, r'no column "b"')
    bench.write("wrong.csv", "id,y,a,b\n1,3,2,1\n")
    check_ended(bench.start("train", "--pooled", *job, "--restart", "--model", bench.path("pooled"), "--table",
                            "north=" + bench.path("wrong.csv")).wait(), INPUT, r"the label 3 does not fit the loss logistic")


if __name__ == "__main__":
    Bench().run_all([test_federated, test_pooled, test_refusals])
