#!/usr/bin/env python3
"""Three hospitals train a model of their own, here logistic regression in NumPy, without anybody seeing what one of them has or learned from it.

    python3 own_model.py [path of libfate.so.0]

The library carries the weights to the clients and the sum of their changes back; what the weights mean is known to Clinic.task alone, so any code that
computes takes its place: with PyTorch, torch.frombuffer(task.weights, dtype=torch.float32) is the model's parameters in one vector. All parties
run here, one in a thread; in earnest each runs its own, with its name, on its own machine. Needs bindings/python on the path and NumPy."""
import json
import os
import sys
import threading

import numpy

try:
    import fate
except ImportError:  # from the source tree
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "bindings", "python"))
    import fate

PORT = int(os.environ.get("PORT", "9732"))
HOSPITALS = ["north", "south", "west"]
FEATURES = 5


def patients(hospital, count):
    """What a hospital knows. Each has another kind of patients, and all follow one rule."""
    chance = numpy.random.default_rng(hospital)
    inputs = chance.normal(loc=hospital - 1, size=(count, FEATURES)).astype(numpy.float32)
    risk = inputs @ numpy.array([1.0, -2.0, 0.5, 0.0, 1.5]) - 0.5 + chance.logistic(scale=0.5, size=count)
    return inputs, (risk > 0).astype(numpy.float32)


def score(weights, inputs):
    return 1 / (1 + numpy.exp(-(inputs @ weights[:FEATURES] + weights[FEATURES])))


class Clinic(fate.Observer):
    """The training step of one hospital: weights in, change of the weights out."""

    def __init__(self, hospital):
        self.inputs, self.labels = patients(hospital, 300 + 200 * hospital)

    def task(self, task):
        begin = numpy.frombuffer(task.weights, dtype=numpy.float32)
        scores = numpy.clip(score(begin, self.inputs), 1e-6, 1 - 1e-6)
        loss = -(self.labels * numpy.log(scores) + (1 - self.labels) * numpy.log(1 - scores)).sum()
        right = ((scores > 0.5) == (self.labels > 0.5)).sum()
        weights = begin.copy()
        for _ in range(20 if task.kind == "train" else 0):
            error = score(weights, self.inputs) - self.labels
            weights -= 0.5 * numpy.append(self.inputs.T @ error, error.sum()).astype(numpy.float32) / len(error)
        return fate.TaskResult(weights - begin if task.kind == "train" else None, examples=len(self.labels), measured=len(self.labels),
                               loss=loss, right=right)


class Centre(fate.Observer):
    """The aggregator sees sums over all hospitals alone."""

    def metric(self, name, round, value):
        if round % 5 == 0:
            print("after round %d: %s %.3f over all hospitals" % (round, name, value))


def main():
    fate.load(*sys.argv[1:])
    names = ["centre"] + HOSPITALS
    identities = [fate.Identity.generate(fate.Context()) for _ in names]
    document = {"algorithm": "horizontal-custom", "id": "id",
                "parties": [{"name": name, "role": "client", "key": identity.public} for name, identity in zip(names, identities)],
                "parameters": {"weights": FEATURES + 1, "first": "zeros", "rounds": 15, "trust": "lying"}}
    document["parties"][0].update(role="aggregator", address="127.0.0.1:%d" % PORT)
    models = {}

    def run(number):
        job = fate.Job(document, context=identities[number].context)
        observer = Clinic(number) if number > 0 else Centre()
        models[names[number]] = fate.train(job, names[number], identities[number], None, fate.Tcp(job, names[number]), observer=observer)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(names))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(models) == len(names), "a party has failed"
    parameters = numpy.array(json.loads(models["north"].dump(format="json"))["parameters"])
    inputs, labels = patients(5, 1000)  # patients of a hospital that took no part
    print("of patients of another hospital %.1f %% are judged right" % (100 * ((score(parameters, inputs) > 0.5) == (labels > 0.5)).mean()))


if __name__ == "__main__":
    main()
