#!/usr/bin/env python3
"""Prints tests/vectors/metrics.txt: measures by scikit-learn (made with 1.9.1 and numpy 2) on random scores and labels.

    python3 tests/vectors/metrics.py > tests/vectors/metrics.txt

A case is `case NAME TASK ROWS`, then lines `score label weight`, then lines `= MEASURE VALUE`; VALUE is `undefined` where there is none.
Gain is worked out here from its definition: scikit-learn has none.
"""
import numpy as np
from sklearn import metrics

chance = np.random.RandomState(20)


def show(name, value):
    print("=", name, "undefined" if value is None else repr(float(value)))


def gains(scores, labels, weights):
    """The gain curve at each tenth; ties are one straight piece."""
    rows, found = [0.0], [0.0]
    for score in sorted(set(scores), reverse=True):
        chosen = scores == score
        rows.append(rows[-1] + weights[chosen].sum())
        found.append(found[-1] + (weights * labels)[chosen].sum())
    return [np.interp(tenth / 10 * rows[-1], rows, found) / found[-1] for tenth in range(1, 11)]


def binary(scores, labels, weights):
    both = (weights * labels).sum() > 0 and (weights * (1 - labels)).sum() > 0
    predicted = (scores >= 0.5).astype(int)
    cells = metrics.confusion_matrix(labels, predicted, labels=[0, 1], sample_weight=weights)
    (true_negative, false_positive), (false_negative, true_positive) = cells
    curve = metrics.roc_curve(labels, scores, sample_weight=weights, drop_intermediate=False) if both else None
    show("auc", metrics.roc_auc_score(labels, scores, sample_weight=weights) if both else None)
    show("ks", np.abs(curve[1] - curve[0]).max() if both else None)
    show("accuracy", metrics.accuracy_score(labels, predicted, sample_weight=weights))
    some = {"sample_weight": weights, "zero_division": 0}
    show("precision", metrics.precision_score(labels, predicted, **some) if true_positive + false_positive > 0 else None)
    show("recall", metrics.recall_score(labels, predicted, **some) if true_positive + false_negative > 0 else None)
    show("f1", metrics.f1_score(labels, predicted, **some) if true_positive + false_positive + false_negative > 0 else None)
    clipped = np.clip(scores, 1e-15, 1 - 1e-15)
    show("log_loss", metrics.log_loss(labels, clipped, labels=[0, 1], sample_weight=weights))
    for name, value in (("true_positive", true_positive), ("false_positive", false_positive), ("true_negative", true_negative),
                        ("false_negative", false_negative)):
        show(name, value)
    positive = (weights * labels).sum() > 0
    for tenth, gain in enumerate(gains(scores, labels, weights) if positive else [None] * 10, 1):
        show(f"gain{tenth}", gain)
    for name in ("rmse", "mae", "r2"):
        show(name, None)


def regression(scores, labels, weights):
    show("rmse", np.sqrt(metrics.mean_squared_error(labels, scores, sample_weight=weights)))
    show("mae", metrics.mean_absolute_error(labels, scores, sample_weight=weights))
    show("r2", metrics.r2_score(labels, scores, sample_weight=weights) if len(set(labels)) > 1 else None)
    show("auc", None)
    show("gain1", None)


def case(name, task, scores, labels, weights):
    print("case", name, task, len(scores))
    for row in zip(scores, labels, weights):
        print(*(repr(float(value)) for value in row))
    (binary if task == "binary" else regression)(scores, labels, weights)


def weights_of(kind, count):
    if kind == "plain":
        return np.ones(count)
    weights = chance.choice([0.25, 0.5, 1, 1.7, 3], count)
    if kind == "zeros":
        weights[chance.choice(count, count // 3, replace=False)] = 0
    return weights


for count in (2, 3, 7, 10, 23, 60):
    for kind in ("plain", "weighted", "zeros"):
        for digits in (1, 2, 12):  # few digits: many ties
            labels = (chance.rand(count) < 0.4).astype(float)
            scores = np.round(np.clip(0.3 * labels + chance.rand(count) * 0.8, 0, 1), digits)
            case(f"binary-{count}-{kind}-{digits}", "binary", scores, labels, weights_of(kind, count))
        labels = np.round(chance.randn(count) * 100, 3)
        case(f"regression-{count}-{kind}", "regression", labels + np.round(chance.randn(count) * 30, 3), labels, weights_of(kind, count))
case("all-one", "binary", np.array([0.2, 0.7, 0.9]), np.ones(3), np.ones(3))
case("all-zero", "binary", np.array([0.2, 0.1, 0.4]), np.zeros(3), np.ones(3))
case("extreme", "binary", np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0, 1.0]), np.ones(4))
case("equal-scores", "binary", np.full(9, 0.5), np.array([0, 1, 0, 0, 1, 0, 0, 1, 0.0]), np.ones(9))
case("equal-labels", "regression", np.array([1.0, 2.5, 3.0]), np.full(3, 2.0), np.ones(3))
