#!/usr/bin/env python3
"""How good pooled boosting is beside XGBoost's (hist) and LightGBM's with the same settings, one thread, on training rows.

Usage: bench/quality.py [--data DIRECTORY] [--build DIRECTORY] [--json FILE] [--subsets N] [--only NAME]
Needs the Python packages xgboost, lightgbm and numpy and the data sets described in --data's README (default ../shared/data). Prints one row for
each data set and setting: the measure of the three, and ours less theirs: AUC as it is, others in percent of theirs.

The three differ in nothing but where bins end: rows that say "binned" are trained on tables in which every value is a bin's number, and there
XGBoost grows the same trees. Which row of 30 000 begins a bin moves an AUC after 10 trees by 0.002, and the error on 800 rows by several percent,
to either side, so one run says little: all are judged by means over N random subsets of 60 % of the rows (default 48; a quarter as many of the large
set), with the standard error of the mean. A bar is met when ours is at most 0.002 (AUC) or 1 % (errors, deviances) worse; "~" says that the bar is
within two standard errors of the mean. Exit code 1 when a bar is missed beyond those."""
import argparse
import csv
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile

import lightgbm
import numpy
import xgboost

AUC_TOLERANCE, ERROR_TOLERANCE = 0.002, 0.01
LARGE_SETS, SUBSET_SHARE = ("default_credit",), 0.6

# Name, files (the guest's first), id and label column, objective.
SETS = [
    ("breast", ["breast_hetero_guest.csv", "breast_hetero_host.csv"], "id", "y", "logistic"),
    ("default_credit", ["default_credit_hetero_guest.csv", "default_credit_hetero_host.csv"], "id", "y", "logistic"),
    ("motor", ["motor_hetero_guest.csv", "motor_hetero_host_1.csv", "motor_hetero_host_2.csv"], "idx", "motor_speed", "squared"),
    ("motor", ["motor_hetero_guest.csv", "motor_hetero_host_1.csv", "motor_hetero_host_2.csv"], "idx", "motor_speed", "absolute"),
    ("dvisits", ["dvisits_hetero_guest.csv", "dvisits_hetero_host.csv"], "id", "doctorco", "squared"),
    ("dvisits", ["dvisits_hetero_guest.csv", "dvisits_hetero_host.csv"], "id", "doctorco", "poisson"),
    ("dvisits", ["dvisits_hetero_guest.csv", "dvisits_hetero_host.csv"], "id", "doctorco", "tweedie"),
    ("vehicle", ["vehicle_scale_hetero_guest.csv", "vehicle_scale_hetero_host.csv"], "id", "y", "softmax"),
    ("vehicle", ["vehicle_scale_hetero_guest.csv", "vehicle_scale_hetero_host.csv"], "id", "y", "softmax together"),
]
# Of each objective: XGBoost's name of it, what else it needs there, and the measure. XGBoost's poisson would cut leaves at max_delta_step of 0.7,
# which is set in our hessian alone; a large one would change its hessian too.
OBJECTIVES = {
    "logistic": ("binary:logistic", {}, "auc"),
    "squared": ("reg:squarederror", {}, "rmse"),
    "absolute": ("reg:absoluteerror", {}, "mae"),
    "poisson": ("count:poisson", {}, "poisson_deviance"),
    "softmax": ("multi:softprob", {}, "log_loss"),
    "softmax together": ("multi:softprob", {"multi_strategy": "multi_output_tree"}, "log_loss"),
    "tweedie": ("reg:tweedie", {"tweedie_variance_power": 1.5}, "tweedie_deviance"),
}
# LightGBM has no trees of several outputs.
LIGHTGBM = {"logistic": "binary", "squared": "regression", "absolute": "regression_l1", "poisson": "poisson", "softmax": "multiclass", "tweedie": "tweedie"}
# Our parameters, where the objective's name alone does not say them.
OURS = {
    "softmax": {"objective": "softmax", "classes": 4},
    "softmax together": {"objective": "softmax", "classes": 4, "multi_strategy": "multi_output_tree"},
}
# What differs from the settings of COMMON.
SETTINGS = [
    {"trees": 10},
    {"trees": 30},
    {"trees": 30, "depth": 6},
    {"trees": 30, "lambda": 1, "alpha": 0.5, "gamma": 0.5},
    {"trees": 30, "bins": 256},
    {"trees": 30, "bins": 1024},
    {"trees": 30, "binned": 32},
]
COMMON = {"depth": 3, "learning_rate": 0.3, "bins": 32, "min_bin_rows": 1, "lambda": 0.1, "alpha": 0, "gamma": 0, "min_child_weight": 1, "base_score": 0.5}


def read_columns(path, key):
    """The file's columns by name, as numbers in the order of ids as text, and those ids."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    rows.sort(key=lambda row: row[key].encode())
    names = [name for name in rows[0] if name != key]
    return {name: numpy.array([float(row[name]) if row[name] else numpy.nan for row in rows]) for name in names}, [row[key] for row in rows]


def train_xgboost(matrix, label, objective, settings):
    parameters = {
        "objective": OBJECTIVES[objective][0], **OBJECTIVES[objective][1], "tree_method": "hist", "nthread": 1,
        "max_depth": settings["depth"], "eta": settings["learning_rate"], "max_bin": settings["bins"], "lambda": settings["lambda"],
        "alpha": settings["alpha"], "gamma": settings["gamma"], "min_child_weight": settings["min_child_weight"],
        "base_score": settings["base_score"],
    }
    if "classes" in OURS.get(objective, {}):
        parameters["num_class"] = OURS[objective]["classes"]
    data = xgboost.DMatrix(matrix, label=label)
    return xgboost.train(parameters, data, settings["trees"]).predict(data)


def train_lightgbm(matrix, label, objective, settings):
    """Scores of the training rows, or None where LightGBM has nothing of the kind."""
    if objective not in LIGHTGBM:
        return None
    # Its hessians of softmax are K/(K-1) p(1-p), the others' 2p(1-p): with these scaled settings steps and choices are the same.
    classes = OURS.get(objective, {}).get("classes", 1)
    scale = classes / (classes - 1) / 2 if classes > 1 else 1
    base = settings["base_score"]
    start = math.log(base / (1 - base)) if objective == "logistic" else math.log(base) if objective in ("poisson", "tweedie") else base
    parameters = {
        "objective": LIGHTGBM[objective], "num_class": classes, "num_threads": 1, "verbose": -1, "max_depth": settings["depth"],
        "num_leaves": 2 ** settings["depth"], "learning_rate": settings["learning_rate"] * scale, "max_bin": settings["bins"],
        "min_data_in_bin": settings["min_bin_rows"], "lambda_l2": settings["lambda"] * scale, "lambda_l1": settings["alpha"],
        "min_gain_to_split": settings["gamma"] / scale, "min_sum_hessian_in_leaf": settings["min_child_weight"] * scale, "min_data_in_leaf": 1,
        "boost_from_average": False, "feature_pre_filter": False, "enable_bundle": False, "tweedie_variance_power": 1.5,
        "poisson_max_delta_step": 0.7,
    }
    data = lightgbm.Dataset(matrix, label=label, init_score=numpy.full(len(label) * classes, start))
    margins = lightgbm.train(parameters, data, settings["trees"]).predict(matrix, raw_score=True) + start
    if objective == "softmax":
        powers = numpy.exp(margins - margins.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)
    return 1 / (1 + numpy.exp(-margins)) if objective == "logistic" else numpy.exp(margins) if objective in ("poisson", "tweedie") else margins


class Runner:
    def __init__(self, build, directory):
        self.program = os.path.join(build, "fate")
        self.directory = directory

    def run(self, *words):
        result = subprocess.run([self.program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if result.returncode != 0:
            sys.exit("%s: %s" % (" ".join(words), result.stderr))
        return result.stdout

    def path(self, name):
        return os.path.join(self.directory, name)

    def key(self, name):
        if not os.path.exists(self.path(name + ".key")):
            with open(self.path(name + ".public"), "w") as file:
                file.write(self.run("keygen", "--output", self.path(name + ".key")).strip())
        with open(self.path(name + ".public")) as file:
            return file.read()

    def scores(self, files, key, label, objective, settings):
        """Trains and scores pooled; returns the path of scores.csv."""
        names = ["guest"] + ["host%d" % i for i in range(1, len(files))]
        parties = [{"name": name, "role": "guest" if i == 0 else "host", "key": self.key(name), "address": "127.0.0.1:%d" % (9001 + i)}
                   for i, name in enumerate(names)]
        with open(self.path("job.json"), "w") as file:
            json.dump({"algorithm": "vertical-boosting", "id": key, "label": label, "parties": parties,
                       "parameters": dict(settings, **OURS.get(objective, {"objective": objective}))}, file)
        shutil.rmtree(self.path("models"), ignore_errors=True)
        tables = [word for name, path in zip(names, files) for word in ("--table", "%s=%s" % (name, path))]
        common = ["--pooled", "--job", self.path("job.json"), *tables, "--model", self.path("models")]
        self.run("train", *common)
        self.run("predict", *common, "--output", self.path("scores.csv"))
        return self.path("scores.csv")

    def measure(self, scores, labels, key, label, name):
        if name.endswith("_deviance"):
            return deviance(scores, labels, key, label, name)
        task = "binary" if name == "auc" else "auto" if name == "log_loss" else "regression"
        return json.loads(self.run("evaluate", "--json", "--task", task, "--scores", scores, "--labels", labels, "--id", key, "--label", label))[name]


def deviance(scores, labels, key, label, name):
    """The mean deviance of a scores file: one that `fate evaluate` does not print."""
    values = read_columns(scores, key)[0]["score"]
    truth = read_columns(labels, key)[0][label]
    if name == "poisson_deviance":
        logs = numpy.log(numpy.where(truth > 0, truth, 1) / values)
        return float(numpy.mean(2 * (truth * logs - truth + values)))
    return float(numpy.mean(2 * (truth ** 0.5 / (-0.5 * 0.5) + truth * values ** -0.5 / 0.5 + values ** 0.5 / 0.5)))


def write_scores(path, key, ids, scores):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        table = scores.reshape(len(ids), -1)
        names = ["score"] if table.shape[1] == 1 else ["score_%d" % i for i in range(table.shape[1])]
        writer.writerow([key, *names])
        writer.writerows([name, *(repr(float(score)) for score in row)] for name, row in zip(ids, table))


def number_bins(rows, columns, count):
    """Puts in place of each value of these columns the number of its bin, of count bins by numpy's quantiles; rows are lists of text."""
    for column in columns:
        values = numpy.array([float(row[column]) if row[column] else numpy.nan for row in rows])
        cuts = numpy.unique(numpy.nanquantile(values, numpy.arange(1, count) / count))
        for row, value, number in zip(rows, values, numpy.searchsorted(cuts, values)):
            row[column] = "" if numpy.isnan(value) else str(number)


def take_subset(runner, paths, key, label, seed, binned=0):
    """Writes the tables with a share of the rows, the same at all parties, and bins in place of values where so many are asked for; returns their paths."""
    ids = sorted(read_columns(paths[0], key)[1])
    kept = {ids[i] for i in numpy.random.RandomState(seed).choice(len(ids), int(SUBSET_SHARE * len(ids)), replace=False)}
    taken = []
    for path in paths:
        with open(path, newline="") as file:
            rows = list(csv.reader(file))
        column = rows[0].index(key)
        left = [row for row in rows[1:] if row[column] in kept]
        if binned > 0:
            number_bins(left, [i for i, name in enumerate(rows[0]) if name not in (key, label)], binned)
        taken.append(runner.path("%d_%d_%s" % (seed, binned, os.path.basename(path))))
        with open(taken[-1], "w", newline="") as file:
            csv.writer(file).writerows([rows[0]] + left)
    return taken


def measure_once(runner, paths, key, label, objective, settings):
    """The measures of the three on the same rows; None for what LightGBM does not have."""
    columns, ids = read_columns(paths[0], key)
    target = columns.pop(label)
    matrix = list(columns.values())
    for path in paths[1:]:
        matrix += list(read_columns(path, key)[0].values())
    matrix = numpy.column_stack(matrix)
    measure = OBJECTIVES[objective][2]
    measures = [runner.measure(runner.scores(paths, key, label, objective, settings), paths[0], key, label, measure)]
    for train in (train_xgboost, train_lightgbm):
        scores = train(matrix, target, objective, settings)
        if scores is not None:
            write_scores(runner.path("theirs.csv"), key, ids, scores)
        measures.append(None if scores is None else runner.measure(runner.path("theirs.csv"), paths[0], key, label, measure))
    return measures


def judge(ours, theirs, measure):
    """Ours less theirs, the standard error of that (None of one run), and what that says of the bar."""
    if theirs[0] is None:
        return None
    auc = measure == "auc"
    differences = numpy.array(ours) - numpy.array(theirs) if auc else numpy.log(numpy.array(ours) / numpy.array(theirs))
    mean = float(differences.mean())
    error = float(differences.std(ddof=1)) / math.sqrt(len(ours)) if len(ours) > 1 else None
    margin = mean + AUC_TOLERANCE if auc else math.log(1 + ERROR_TOLERANCE) - mean
    verdict = ("met" if margin >= 0 else "missed") + ("~" if error is not None and abs(margin) < 2 * error else "")
    return {"difference": mean if auc else math.exp(mean) - 1, "error": error, "verdict": verdict}


def compare(runner, subsets, entry, changes):
    name, _, key, label, objective = entry
    settings = {key: value for key, value in changes.items() if key != "binned"}
    settings = dict(COMMON, **settings, **({"bins": 256} if "binned" in changes else {}))
    runs = [measure_once(runner, paths, key, label, objective, settings) for paths in subsets]
    ours, xgboosts, lightgbms = zip(*runs)
    measure = OBJECTIVES[objective][2]
    row = {"set": name, "objective": objective, "settings": changes, "measure": measure, "subsets": len(runs), "ours": float(numpy.mean(ours))}
    for other, theirs in (("xgboost", xgboosts), ("lightgbm", lightgbms)):
        row[other] = None if theirs[0] is None else dict(judge(ours, theirs, measure), measure=float(numpy.mean(theirs)))
    return row


def describe(row, other):
    found = row[other]
    if found is None:
        return "%10s %22s" % ("-", "-")
    auc = row["measure"] == "auc"
    text = "%+.5f" % found["difference"] if auc else "%+.2f" % (100 * found["difference"])
    if found["error"] is not None:
        text += "+-%.5f" % found["error"] if auc else "+-%.2f" % (100 * found["error"])
    return "%10.6f %22s" % (found["measure"], text + ("" if auc else " %") + " " + found["verdict"])


def missed(row, verdicts=("missed", "missed~")):
    return any(row[other] is not None and row[other]["verdict"] in verdicts for other in ("xgboost", "lightgbm"))


def main():
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.path.join(top, "..", "shared", "data"))
    parser.add_argument("--build", default=os.path.join(top, "build"))
    parser.add_argument("--json", help="writes the rows there too")
    parser.add_argument("--subsets", type=int, default=48, help="of each set, at least 8")
    parser.add_argument("--only", choices=sorted({entry[0] for entry in SETS}), help="this data set alone")
    arguments = parser.parse_args()
    if arguments.subsets < 8:
        parser.error("--subsets must be at least 8: the error of a mean needs them")
    rows = []
    print("%-24s %-46s %-16s %10s %10s %22s %10s %22s" % ("set", "settings", "", "libfate", "XGBoost", "bar", "LightGBM", "bar"))
    with tempfile.TemporaryDirectory() as directory:
        runner = Runner(arguments.build, directory)
        for entry in SETS:
            if arguments.only not in (None, entry[0]):
                continue
            paths = [os.path.join(arguments.data, file) for file in entry[1]]
            count = arguments.subsets // 4 if entry[0] in LARGE_SETS else arguments.subsets
            for changes in SETTINGS:
                subsets = [take_subset(runner, paths, entry[2], entry[3], seed, changes.get("binned", 0)) for seed in range(count)]
                row = compare(runner, subsets, entry, changes)
                rows.append(row)
                text = ", ".join("%s %g" % item for item in changes.items())
                print("%-24s %-46s %-16s %10.6f %s %s" % (row["set"] + " " + row["objective"], text, row["measure"], row["ours"], describe(row, "xgboost"),
                                                         describe(row, "lightgbm")), flush=True)
    clear = sum(missed(row, ("missed",)) for row in rows)
    print("%d of %d rows miss a bar by more than two standard errors, %d by less" % (clear, len(rows), sum(map(missed, rows)) - clear))
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(rows, file, indent=1)
    return 1 if clear > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
