#!/usr/bin/env python3
"""Seconds a tree of XGBoost on one thread, on the columns of both parties of a case of bench/boosting/run.

usage: plain.py TREES DEPTH TABLE TABLE        TABLE: a CSV file, or drawn:ROWS:COLUMNS:STREAM. Exit code 3: XGBoost is not installed."""
import sys
import time

try:
    import numpy
    import xgboost
except ImportError:
    sys.exit(3)


def read(table):
    """Columns, and labels where the table has them. Drawn tables have the shape of those of party.c, with other numbers."""
    if table.startswith("drawn:"):
        rows, columns, stream = (int(word) for word in table.split(":")[1:])
        random = numpy.random.default_rng(stream)
        hidden = numpy.random.default_rng(99).uniform(-1, 1, rows)
        values = hidden[:, None] + 3 * random.uniform(-1, 1, (rows, columns))
        return values, (hidden + random.uniform(-1, 1, rows) > 0) if stream == 0 else None
    with open(table) as file:
        names = file.readline().strip().split(",")
        values = numpy.loadtxt(file, delimiter=",", usecols=range(1, len(names)))
    if "y" not in names:
        return values, None
    label = names.index("y") - 1
    return numpy.delete(values, label, axis=1), values[:, label]


trees, depth = int(sys.argv[1]), int(sys.argv[2])
tables = [read(table) for table in sys.argv[3:]]
rows = min(len(values) for values, _ in tables)
labels = next(labels for _, labels in tables if labels is not None)[:rows]
data = xgboost.QuantileDMatrix(numpy.hstack([values[:rows] for values, _ in tables]), labels, max_bin=32, nthread=1)
settings = {"objective": "binary:logistic", "max_depth": depth, "eta": 0.3, "max_bin": 32, "lambda": 0.1, "tree_method": "hist", "nthread": 1}
best = None
for _ in range(2):
    began = time.monotonic()
    xgboost.train(settings, data, trees)
    spent = (time.monotonic() - began) / trees
    best = spent if best is None else min(best, spent)
print(best)
