#!/usr/bin/env python3
"""evaluate against measures that are worked out here from their definitions."""
import json
import math
import random

from harness import Bench, INPUT, check


def write_files(bench, rows, seed=5):
    """rows: (id, score, label, weight). Both files hold them in orders of their own."""
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    bench.write("scores.csv", "id,score\n" + "".join("%s,%r\n" % row[:2] for row in rows))
    bench.write("labels.csv", "id,word,y,w\n" + "".join('%s,"some, text",%r,%r\n' % (row[0], row[2], row[3]) for row in shuffled))


def words(bench, *more):
    files = ["--scores", bench.path("scores.csv"), "--labels", bench.path("labels.csv")]
    return ["evaluate"] + files + ["--id", "id", "--label", "y"] + list(more)


def near(found, name, expected):
    check(abs(found[name] - expected) < 1e-9, "%s is %r and should be %r" % (name, found[name], expected))


def sample(count, seed):
    chance = random.Random(seed)
    return [("r%d" % i, round(chance.random(), 2), int(chance.random() < 0.4), chance.choice([0.5, 1.0, 2.0])) for i in range(count)]


def area(rows, weighted):
    won = every = 0.0
    for _, high, label, weight in rows:
        for _, low, other, other_weight in rows:
            if label == 1 and other == 0:
                share = weight * other_weight if weighted else 1.0
                every += share
                won += share * (1.0 if high > low else 0.5 if high == low else 0.0)
    return won / every


def greatest_distance(rows):
    positives, negatives = [r[1] for r in rows if r[2]], [r[1] for r in rows if not r[2]]
    return max(abs(sum(s >= t for s in positives) / len(positives) - sum(s >= t for s in negatives) / len(negatives))
               for t in {r[1] for r in rows})


def test_by_hand(bench):
    """four rows worked out by hand"""
    write_files(bench, [("a", 0.9, 1, 1.0), ("b", 0.8, 0, 1.0), ("c", 0.6, 1, 1.0), ("d", 0.1, 0, 1.0)])
    found = json.loads(bench.done(*words(bench, "--json")).out)
    for name, expected in [("auc", 0.75), ("ks", 0.5), ("accuracy", 0.75), ("precision", 2 / 3), ("recall", 1.0), ("f1", 0.8)]:
        near(found, name, expected)
    near(found, "log_loss", -(math.log(0.9) + math.log(0.2) + math.log(0.6) + math.log(0.9)) / 4)


def test_classes(bench):
    """measures of classes on 300 random rows with ties"""
    rows = sample(300, 1)
    write_files(bench, rows)
    found = json.loads(bench.done(*words(bench, "--json")).out)
    hits = sum((s >= 0.5) == bool(y) for _, s, y, _ in rows)
    near(found, "auc", area(rows, False))
    near(found, "ks", greatest_distance(rows))
    near(found, "accuracy", hits / len(rows))
    true = sum(s >= 0.5 and y == 1 for _, s, y, _ in rows)
    near(found, "precision", true / sum(s >= 0.5 for _, s, _, _ in rows))
    near(found, "recall", true / sum(y for _, _, y, _ in rows))


def test_weights(bench):
    """weights count"""
    rows = sample(200, 2)
    write_files(bench, rows)
    near(json.loads(bench.done(*words(bench, "--weight", "w", "--json")).out), "auc", area(rows, True))


def test_numbers(bench):
    """measures of numbers"""
    chance = random.Random(3)
    rows = [("r%d" % i, chance.uniform(-5, 5), chance.uniform(-5, 5), 1.0) for i in range(100)]
    write_files(bench, rows)
    found = json.loads(bench.done(*words(bench, "--json")).out)
    mean = sum(y for _, _, y, _ in rows) / 100
    squares = sum((s - y) ** 2 for _, s, y, _ in rows)
    near(found, "rmse", math.sqrt(squares / 100))
    near(found, "mae", sum(abs(s - y) for _, s, y, _ in rows) / 100)
    near(found, "r2", 1 - squares / sum((y - mean) ** 2 for _, _, y, _ in rows))


def test_task(bench):
    """--task regression measures labels 0 and 1 as numbers, --task binary refuses others"""
    rows = sample(50, 4)
    write_files(bench, rows)
    found = json.loads(bench.done(*words(bench, "--task", "regression", "--json")).out)
    near(found, "mae", sum(abs(s - y) for _, s, y, _ in rows) / 50)
    write_files(bench, [("a", 0.5, 3, 1.0), ("b", 0.5, 1, 1.0)])
    bench.fails(words(bench, "--task", "binary"), INPUT, r"label")


def test_text(bench):
    """the text names the measures"""
    write_files(bench, sample(60, 6))
    text = bench.done(*words(bench)).out.lower()
    for name in ["auc", "ks", "accuracy", "precision", "recall", "f1", "log", "lift", "gain"]:
        check(name in text, "%r is not in:\n%s" % (name, text))


def test_missing_ids(bench):
    """labels without a score are left out and counted, as after an alignment; a score without a label is named"""
    rows = sample(60, 7)
    kept = [row for row in rows if row[0] not in ("r4", "r17", "r59", rows[0][0])]
    write_files(bench, rows)
    bench.write("scores.csv", "id,score\n" + "".join("%s,%r\n" % row[:2] for row in kept))
    for more, weighted in [((), False), (("--weight", "w"), True)]:
        result = bench.done(*words(bench, "--json", *more))
        near(json.loads(result.out), "auc", area(kept, weighted))
        check("%d of the 60 rows" % (60 - len(kept)) in result.err and "left out" in result.err, "it says %s" % result)
    write_files(bench, rows)
    check("left out" not in bench.done(*words(bench)).err, "nothing is left out")
    bench.write("scores.csv", "id,score\nzz,0.5\n" + "".join("%s,%r\n" % row[:2] for row in rows))
    bench.fails(words(bench), INPUT, r'"zz" is in .*scores\.csv but not in .*labels\.csv')


def test_bad_files(bench):
    """missing files, columns and scores are named"""
    rows = sample(10, 8)
    bench.fails(words(bench), INPUT, r"scores\.csv")
    write_files(bench, rows)
    bench.fails(words(bench)[:-1] + ["z"], INPUT, r"labels\.csv", r"\bz\b")
    bench.fails(words(bench, "--weight", "v"), INPUT, r"labels\.csv", r"\bv\b")
    bench.write("scores.csv", "id,points\nr1,0.5\n")
    bench.fails(words(bench), INPUT, r'scores\.csv has no column "score"')
    bench.write("scores.csv", "id,score\nr1,\n")
    bench.fails(words(bench), INPUT, r'scores\.csv has no score for the id "r1"')
    bench.write("scores.csv", "id,score\nr1,high\n")
    bench.fails(words(bench), INPUT, r"scores\.csv", r"high")
    bench.write("scores.csv", "id,score\n")
    bench.write("labels.csv", "id,y\n")
    bench.fails(words(bench), INPUT, r"no rows")


def test_several_classes(bench):
    """four rows of three classes, worked out by hand"""
    bench.write("scores.csv", "id,score_0,score_1,score_2\na,0.7,0.2,0.1\nb,0.1,0.1,0.8\nc,0.4,0.4,0.2\nd,0,1,0\n")
    bench.write("labels.csv", "id,y\nd,0\na,0\nb,2\nc,1\n")
    found = json.loads(bench.done(*words(bench, "--json")).out)
    near(found, "accuracy", 0.5)
    near(found, "macro_f1", 0.5)
    near(found, "log_loss", -(math.log(0.7) + math.log(0.8) + math.log(0.4) + math.log(1e-15)) / 4)
    check(found["confusion_matrix"] == [[1, 1, 0], [1, 0, 0], [0, 0, 1]], "confusion matrix: %r" % found["confusion_matrix"])
    bench.write("scores.csv", "id,score_0\na,0.7\n")
    bench.fails(words(bench), INPUT, r'no column "score", nor "score_0" and "score_1"')


if __name__ == "__main__":
    Bench().run_all([test_by_hand, test_classes, test_weights, test_numbers, test_task, test_text, test_missing_ids, test_bad_files, test_several_classes])
