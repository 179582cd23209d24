#!/usr/bin/env python3
"""How good pooled boosting is beside XGBoost's with the same settings (hist, one thread), on training rows.

Usage: bench/quality.py [--data DIRECTORY] [--build DIRECTORY] [--json FILE]
Needs the Python packages xgboost and numpy and the data sets described in --data's README (default ../shared/data). Prints one row for each
data set and setting: the measure of both, and ours less theirs. Exit code 1 when ours is worse by more than 0.002 (AUC), 3 % (errors, deviances), or 1 % where every value has its bin."""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy
import xgboost

# Quantiles of few rows differ between the two, and ours merges bins with fewer than 5 rows: errors of numbers vary by some percent, both ways,
# those that follow from medians, and small losses of several classes, by more. Where every value has its bin they differ by rounding alone.
AUC_TOLERANCE, ERROR_TOLERANCE, MEDIAN_TOLERANCE, CLASSES_TOLERANCE, EXACT_TOLERANCE = 0.002, 0.03, 0.12, 0.05, 0.01

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
    {"trees": 30, "bins": 1024, "min_bin_rows": 1},
]
COMMON = {"depth": 3, "learning_rate": 0.3, "bins": 32, "lambda": 0.1, "alpha": 0, "gamma": 0, "min_child_weight": 1, "base_score": 0.5}


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


def compare(runner, data, name, files, key, label, objective, changes):
    settings = dict(COMMON, **changes)
    paths = [os.path.join(data, file) for file in files]
    columns, ids = read_columns(paths[0], key)
    target = columns.pop(label)
    matrix = list(columns.values())
    for path in paths[1:]:
        matrix += list(read_columns(path, key)[0].values())
    measure = OBJECTIVES[objective][2]
    ours = runner.measure(runner.scores(paths, key, label, objective, settings), paths[0], key, label, measure)
    write_scores(runner.path("theirs.csv"), key, ids, train_xgboost(numpy.column_stack(matrix), target, objective, settings))
    theirs = runner.measure(runner.path("theirs.csv"), paths[0], key, label, measure)
    rough = MEDIAN_TOLERANCE if objective == "absolute" else CLASSES_TOLERANCE if measure == "log_loss" else ERROR_TOLERANCE
    tolerance = EXACT_TOLERANCE if "min_bin_rows" in changes else rough
    good = ours >= theirs - AUC_TOLERANCE if measure == "auc" else ours <= theirs * (1 + tolerance)
    return {"set": name, "objective": objective, "settings": changes, "measure": measure, "ours": ours, "xgboost": theirs, "good": good}


def main():
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.path.join(top, "..", "shared", "data"))
    parser.add_argument("--build", default=os.path.join(top, "build"))
    parser.add_argument("--json", help="writes the rows there too")
    arguments = parser.parse_args()
    rows = []
    print("%-24s %-46s %-16s %10s %10s %10s" % ("set", "settings", "", "libfate", "XGBoost", "difference"))
    with tempfile.TemporaryDirectory() as directory:
        runner = Runner(arguments.build, directory)
        for entry in SETS:
            for changes in SETTINGS:
                row = compare(runner, arguments.data, *entry, changes)
                rows.append(row)
                text = ", ".join("%s %g" % item for item in changes.items())
                print("%-24s %-46s %-16s %10.6f %10.6f %+10.6f%s" % (row["set"] + " " + row["objective"], text, row["measure"], row["ours"], row["xgboost"],
                                                                    row["ours"] - row["xgboost"], "" if row["good"] else "  WORSE"), flush=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(rows, file, indent=1)
    return 0 if all(row["good"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
