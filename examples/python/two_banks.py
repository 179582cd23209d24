#!/usr/bin/env python3
"""Two banks train a model together over TCP and score with it; neither sees the other's columns.

    python3 two_banks.py [path of libfate.so.0]

Both run here, in one event loop, each with its own key, table and connection. In earnest each bank runs its own half: the same few
lines, with its name, on its own machine. Needs bindings/python on the path (pip install bindings/python) and nothing else."""
import asyncio
import os
import random
import sys

try:
    import fate
except ImportError:  # from the source tree
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "bindings", "python"))
    import fate

PORT = int(os.environ.get("PORT", "9731"))


def columns_of_customers(first, count):
    """What the two banks know about the same customers. North bank knows who did not pay back."""
    chance = random.Random(first)
    north, south = {"id": [], "y": [], "amount": [], "purpose": []}, {"id": [], "savings": [], "overdrafts": []}
    for number in range(first, first + count):
        amount, savings, overdrafts = chance.randrange(500, 20000), chance.randrange(0, 30000), chance.randrange(0, 6)
        risk = amount / 20000 - savings / 30000 + overdrafts / 6 + chance.random()
        for table in (north, south):
            table["id"].append("customer-%05d" % number)
        north["y"].append(int(risk > 1))
        north["amount"].append(amount)
        north["purpose"].append(chance.choice(["car", "house", "holiday"]))
        south["savings"].append(savings)
        south["overdrafts"].append(overdrafts if chance.random() > 0.1 else None)  # None: not known
    return north, south


def job_of(keys):
    """The job: both banks have the same one, in which each is named with its public key."""
    return {
        "algorithm": "vertical-boosting", "id": "id", "label": "y", "categorical": ["purpose"],
        "parties": [
            {"name": "north", "role": "guest", "key": keys["north"], "address": "127.0.0.1:%d" % PORT},
            {"name": "south", "role": "host", "key": keys["south"]},
        ],
        "parameters": {"trees": 5, "depth": 3},
    }


async def bank(name, identity, document, train_columns, test_columns):
    """One bank's half: train, then score customers who were not in the training."""
    job = fate.Job(document)
    table = fate.Table.from_columns(train_columns, job.schema(name))  # lists, arrays, NumPy or a pandas DataFrame
    model = await fate.AsyncSession(job, name, identity, table).train()

    test = fate.Table.from_columns(test_columns, job.schema(name, "predict"))
    scores = await fate.AsyncSession(job, name, identity, test, "predict", model=model).predict()
    return test, scores


async def main():
    identities = {name: fate.Identity.generate() for name in ("north", "south")}
    document = job_of({name: identity.public for name, identity in identities.items()})
    north_train, south_train = columns_of_customers(0, 300)
    north_test, south_test = columns_of_customers(5000, 100)
    (table, scores), (_, others) = await asyncio.gather(
        bank("north", identities["north"], document, north_train, north_test),
        bank("south", identities["south"], document, south_train, south_test))
    labels = table.label
    bad = [score for score, label in zip(scores["score"], labels) if label == 1]
    good = [score for score, label in zip(scores["score"], labels) if label == 0]
    print("north scored %d customers: on average %.2f for those who did not pay back, %.2f for the others"
          % (len(table), sum(bad) / len(bad), sum(good) / len(good)))
    print("south, which has no labels, got %d scores" % len(others))


if __name__ == "__main__":
    fate.load(sys.argv[1] if len(sys.argv) > 1 else None)
    asyncio.run(main())
