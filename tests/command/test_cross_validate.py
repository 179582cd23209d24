#!/usr/bin/env python3
"""Cross-validation from the command line: two processes, the pooled run, and measures worked out here."""
import csv
import json
import math
import os

from harness import Bench, INPUT, Job, USAGE, check, check_done


def pooled(bench, job, *more):
    tables = [word for name in job.names for word in ("--table", "%s=%s" % (name, bench.path(name + "_train.csv")))]
    return bench.done("cross-validate", "--pooled", "--job", job.path, *tables, *more)


def words(bench, job, party, *more):
    path = bench.path
    return ["cross-validate", "--job", job.path, "--party", party, "--key", path(party + ".key"), "--table", path(party + "_train.csv"), *more]


def log_loss(rows):
    return sum(-math.log(score if label else 1 - score) for score, label in rows) / len(rows)


def test_two_processes(bench):
    """two parties get the numbers of the pooled run, and they are those of the scores that are written"""
    job = Job(bench, rows=90, folds=3)
    processes = [bench.start(*words(bench, job, "bank", "--json", "--output", bench.path("folds.csv"))),
                 bench.start(*words(bench, job, "telecom"))]
    results = [process.wait() for process in processes]
    check_done(results)
    check("go to the guest" in results[1].err and results[1].out == "", "the host prints: %s" % results[1])
    check(results[0].out == pooled(bench, job, "--json", "--output", bench.path("pooled.csv")).out, "the pooled run has other measures")
    check(bench.bytes_of("folds.csv") == bench.bytes_of("pooled.csv"), "the pooled run has other scores")
    check(not os.path.exists(bench.path("bank.model")), "a model was written")
    found = json.loads(results[0].out)
    with open(bench.path("bank_train.csv"), newline="") as file:
        labels = {row["id"]: int(row["y"]) for row in csv.DictReader(file)}
    folds = {}
    with open(bench.path("folds.csv"), newline="") as file:
        for row in csv.DictReader(file):
            folds.setdefault(row["fold"], []).append((float(row["score"]), labels[row["id"]]))
    check(sorted(folds) == ["1", "2", "3"] and all(len(rows) == 30 for rows in folds.values()), "folds: %s" % sorted(folds))
    losses = [log_loss(folds[fold]) for fold in sorted(folds)]
    mean = sum(losses) / 3
    deviation = math.sqrt(sum((loss - mean) ** 2 for loss in losses) / 2)
    for name, value, expected in [(i, found["folds"][i]["log_loss"], losses[i]) for i in range(3)] + [
            ("mean", found["mean"]["log_loss"], mean), ("deviation", found["deviation"]["log_loss"], deviation)]:
        check(abs(value - expected) < 1e-12, "log_loss of %s is %r and should be %r" % (name, value, expected))


def test_aligned(bench):
    """a job that says "align" is measured on the rows that the tables share, in two processes and in one"""
    job = Job(bench, rows=90, folds=3)
    job.path = job.write_job("job.json", dict(job.document(), align="psi"))
    ids = []
    for number, name in enumerate(job.names):
        lines = bench.bytes_of(name + "_train.csv").decode().splitlines()
        kept = [line for i, line in enumerate(lines[1:]) if i % 5 != number]
        bench.write(name + "_train.csv", "\n".join(lines[:1] + kept) + "\n")
        ids.append({line.split(",")[0] for line in kept})
    processes = [bench.start(*words(bench, job, "bank", "--json", "--output", bench.path("folds.csv"))),
                 bench.start(*words(bench, job, "telecom"))]
    results = [process.wait() for process in processes]
    check_done(results)
    check(results[0].out == pooled(bench, job, "--json", "--output", bench.path("pooled.csv")).out, "the pooled run has other measures")
    check(bench.bytes_of("folds.csv") == bench.bytes_of("pooled.csv"), "the pooled run has other scores")
    with open(bench.path("folds.csv"), newline="") as file:
        check({row["id"] for row in csv.DictReader(file)} == ids[0] & ids[1], "these are not the common rows")
    check(len(ids[0]) == len(ids[1]) == 72 > len(ids[0] & ids[1]) > 30, "the tables")


def test_text(bench):
    """the text has a line for each fold, the mean and the deviation"""
    job = Job(bench, folds=4)
    lines = pooled(bench, job).out.splitlines()
    check(lines[0].split() == ["auc", "ks", "accuracy", "f1", "log_loss"], "head: %s" % lines[0])
    check([line.rsplit(None, 5)[0] for line in lines[1:]] == ["fold 1", "fold 2", "fold 3", "fold 4", "mean", "deviation"], "lines: %s" % lines)


def test_refused(bench):
    """a job without folds, and options without meaning, are refused"""
    job = Job(bench)
    bench.fails(words(bench, job, "bank"), INPUT, r"folds")
    bench.fails(words(bench, job, "bank", "--table", "x"), USAGE, r"--table can be given only once")
    bench.fails(["cross-validate", "--pooled", "--job", "j", "--table", "a=b", "--key", "k"], USAGE, r"--key has no meaning with --pooled")
    job.parameters["folds"] = 2
    job.write_job("job.json")
    bench.fails(job.pooled_words("train"), INPUT, r"folds")
    bench.fails(["train"] + words(bench, job, "bank", "--model", bench.path("bank.model"))[1:], INPUT, r"fate cross-validate runs it")


if __name__ == "__main__":
    Bench().run_all([test_two_processes, test_aligned, test_text, test_refused])
