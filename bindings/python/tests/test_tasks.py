"""Work that a protocol leaves to the application: through the observer, step by step, and in an event loop."""
import array
import asyncio
import threading
import unittest

from support import Case, fate
from test_session import drive
from test_train import free_port

NAMES = ["centre", "north", "south"]


class Own(fate.Observer):
    """Weights go a half of the way to the party's number; every other call says that it is not done yet."""

    def __init__(self, number):
        self.number, self.calls = number, 0

    def task(self, task):
        self.calls += 1
        if self.calls % 2:
            return None
        if task.kind == "first":
            return fate.TaskResult([8.0, 4.0])
        assert len(task.weights) == task.count == 2 and len(task.seed) == 32
        change = [(self.number - weight) / 2 for weight in task.weights]
        return fate.TaskResult(array.array("f", change) if task.kind == "train" else None, examples=1, measured=1, loss=task.weights[0])


class Jobs:
    """An aggregator and two clients; after round r the weights are 1.5 + (first - 1.5) / 2^r."""

    def __init__(self, **parameters):
        self.identities = [fate.Identity.generate(fate.Context()) for _ in NAMES]
        document = {"algorithm": "horizontal-custom", "id": "id",
                    "parties": [{"name": name, "role": "client", "key": identity.public} for name, identity in zip(NAMES, self.identities)],
                    "parameters": dict({"weights": 2, "rounds": 3}, **parameters)}
        document["parties"][0].update(role="aggregator", address="127.0.0.1:%d" % free_port())
        self.jobs = [fate.Job(document, context=identity.context) for identity in self.identities]

    def check(self, test, model):
        self.expected = [1.5 + (first - 1.5) / 8 for first in (8.0, 4.0)]
        text = model.dump(format="json")
        for value in self.expected:
            test.assertIn(repr(value)[:6], text)


class TaskTest(Case):
    def test_through_the_observer(self):
        jobs, models = Jobs(), {}

        def run(number):
            models[number] = fate.train(jobs.jobs[number], NAMES[number], jobs.identities[number], None, transports[number],
                                        observer=Own(number))

        transports = [fate.Tcp(job, name) for job, name in zip(jobs.jobs, NAMES)]
        threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number in range(3):
            jobs.check(self, models[number])

    def test_step_by_step(self):
        jobs = Jobs(first="zeros")
        sessions = [fate.Session(job, name, identity) for job, name, identity in zip(jobs.jobs, NAMES, jobs.identities)]
        seen = []
        for number, session in enumerate(sessions):
            own, events = Own(number), session.events

            def with_tasks(session=session, own=own, events=events):
                for event in events():
                    if event.kind == "task":
                        seen.append(event.task.kind)
                        session.complete_task(event, own.task(event.task) or own.task(event.task))
                    else:
                        yield event
            session.events = with_tasks
        drive(sessions)
        self.assertEqual(seen.count("train"), 6)
        self.assertEqual(seen.count("measure"), 2)
        self.assertEqual(seen.count("first"), 0)

    def test_in_an_event_loop(self):
        jobs = Jobs()

        async def run():
            return await asyncio.gather(*[fate.AsyncSession(job, name, identity, None, observer=Own(number)).train()
                                          for number, (job, name, identity) in enumerate(zip(jobs.jobs, NAMES, jobs.identities))])
        for model in asyncio.run(run()):
            jobs.check(self, model)

    def test_what_a_task_raises_comes_back(self):
        jobs, raised = Jobs(), []

        class Failing(Own):
            def task(self, task):
                raise ZeroDivisionError("own")

        def run(number):
            try:
                fate.train(jobs.jobs[number], NAMES[number], jobs.identities[number], None, fate.Tcp(jobs.jobs[number], NAMES[number]),
                           observer=(Failing if number == 0 else Own)(number))
            except Exception as exception:
                raised.append((number, exception))

        threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertIsInstance(dict(raised)[0], ZeroDivisionError)


if __name__ == "__main__":
    unittest.main()
