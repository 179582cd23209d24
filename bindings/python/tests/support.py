"""What the tests share: the library's path, two parties with small tables, and the models that every run must end with."""
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

import fate  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, os.pardir))
BUILD = os.path.abspath(os.environ.get("FATE_BUILD", os.path.join(ROOT, "build")))
fate.load(os.path.join(BUILD, "libfate.so.0"))

PARTIES = ["bank", "shop"]


def tables(rows=60, seed=1):
    """The columns of both parties, as lists."""
    chance = random.Random(seed)
    ids = ["c%03d" % i for i in range(rows)]
    bank = {"id": ids, "amount": [chance.randrange(100, 9000) for _ in ids], "purpose": [chance.choice(["car", "house", None]) for _ in ids]}
    shop = {"id": ids, "visits": [chance.choice([None, chance.random()]) for _ in ids], "region": [chance.choice("nsew") for _ in ids]}
    bank["y"] = [int((amount < 4000) + (region in "ns") + chance.random() > 1.5) for amount, region in zip(bank["amount"], shop["region"])]
    return bank, shop


def csv_of(columns):
    names = list(columns)
    rows = zip(*[columns[name] for name in names])
    return "\n".join([",".join(names)] + [",".join("" if value is None else repr(value) if isinstance(value, float) else str(value)
                                                   for value in row) for row in rows]) + "\n"


class Parties:
    """Two parties, each with an identity and a table in a context of its own, so that they may run in two threads."""

    def __init__(self, addresses=(None, None), **parameters):
        self.identities = [fate.Identity.generate(fate.Context()) for _ in PARTIES]
        parties = [{"name": name, "role": role, "key": identity.public}
                   for name, role, identity in zip(PARTIES, ["guest", "host"], self.identities)]
        for party, address in zip(parties, addresses):
            if address:
                party["address"] = address
        self.document = {"algorithm": "vertical-boosting", "id": "id", "label": "y", "categorical": ["purpose", "region"],
                         "parties": parties, "parameters": dict({"trees": 2, "depth": 2, "bins": 8, "seed": 3}, **parameters)}
        self.columns = tables()
        self.contexts = [identity.context for identity in self.identities]
        self.jobs = [fate.Job(self.document, context=context) for context in self.contexts]
        self.tables = [self.table(i) for i in range(2)]

    def table(self, party, purpose="train"):
        return fate.Table.from_csv_text(csv_of(self.columns[party]), self.jobs[party].schema(party, purpose))

    def pooled(self):
        context = fate.Context()
        job = fate.Job(self.document, context=context)
        made = [fate.Table.from_csv_text(csv_of(columns), job.schema(i)) for i, columns in enumerate(self.columns)]
        return [bytes(model) for model in fate.train_pooled(job, made)]


class Case(unittest.TestCase):
    def assert_error(self, name, call, *arguments, **named):
        with self.assertRaises(fate.FateError) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.name, name, str(caught.exception))
        return caught.exception
