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
    """Ids, columns, and labels where the table has them. Drawn tables have the shape of those of party.c, with other numbers."""
    if table.startswith("drawn:"):
        rows, columns, stream = (int(word) for word in table.split(":")[1:])
        random = numpy.random.default_rng(stream)
        hidden = numpy.random.default_rng(99).uniform(-1, 1, rows)
        values = hidden[:, None] + 3 * random.uniform(-1, 1, (rows, columns))
        return numpy.arange(rows), values, (hidden + random.uniform(-1, 1, rows) > 0) if stream == 0 else None
    with open(table) as file:
        names = file.readline().strip().split(",")
        values = numpy.loadtxt(file, delimiter=",")
    if "y" not in names:
        return values[:, 0], values[:, 1:], None
    label = names.index("y")
    return values[:, 0], numpy.delete(values, [0, label], axis=1), values[:, label]


trees, depth = int(sys.argv[1]), int(sys.argv[2])
tables = [read(table) for table in sys.argv[3:]]
common = tables[0][0]
for ids, _, _ in tables[1:]:
    common = numpy.intersect1d(common, ids)
picked = [numpy.nonzero(numpy.isin(ids, common))[0] for ids, _, _ in tables]
orders = [rows[numpy.argsort(ids[rows])] for rows, (ids, _, _) in zip(picked, tables)]
labels = next(labels[rows] for rows, (_, _, labels) in zip(orders, tables) if labels is not None)
columns = numpy.hstack([values[rows] for rows, (_, values, _) in zip(orders, tables)])
# Binning is not counted: a job bins before its first tree, too.
data = xgboost.QuantileDMatrix(columns, labels, max_bin=32, nthread=1)
settings = {"objective": "binary:logistic", "max_depth": depth, "eta": 0.3, "max_bin": 32, "lambda": 0.1, "tree_method": "hist", "nthread": 1}
spent = []
for _ in range(3):
    began = time.monotonic()
    xgboost.train(settings, data, trees)
    spent.append((time.monotonic() - began) / trees)
print(min(spent))
