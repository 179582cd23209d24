"""The blocking calls: two threads, hooks in Python, their exceptions, Ctrl-C, files."""
import os
import queue
import random
import signal
import socket
import tempfile
import threading
import time
import unittest

from support import PARTIES, Case, Parties, csv_of, fate


reserved = []


def free_port():
    """A port that nobody listens on, below those that systems give to outgoing connections. That of UDP is held until the process ends, so that
    tests that run at the same time get others."""
    while True:
        port = random.SystemRandom().randrange(12000, 32000)
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                held.bind(("127.0.0.1", port))
                reserved.append(held)
                return port
            except OSError:
                held.close()


class Post(fate.Transport):
    """Frames through queues: a transport as an application would write it."""

    def __init__(self, number, queues):
        self.number, self.queues, self.kept, self.flushed = number, queues, None, 0

    def send(self, peer, link, frame):
        self.queues[peer].put((self.number, frame))

    def poll(self, inbox):
        while True:
            try:
                peer, frame = self.kept or self.queues[self.number].get_nowait()
            except queue.Empty:
                return
            self.kept = None
            if not inbox.frame(peer, frame):
                self.kept = peer, frame
                return

    def wait(self, milliseconds):
        if self.kept is None:
            try:
                self.kept = self.queues[self.number].get(timeout=min(milliseconds, 200) / 1000)
            except queue.Empty:
                pass

    def flush(self, milliseconds):
        self.flushed += 1


class Watching(fate.Observer):
    def __init__(self):
        self.seen = []

    def progress(self, progress):
        self.seen.append(("progress", progress.rounds, progress.fraction))

    def warning(self, sentence):
        self.seen.append(("warning", sentence))

    def peer_changed(self, peer, present):
        self.seen.append(("peer", peer, present))


class Oops(Exception):
    pass


class TrainTest(Case):
    @classmethod
    def setUpClass(cls):
        cls.parties = Parties()
        cls.expected = cls.parties.pooled()

    def posts(self):
        queues = [queue.Queue(), queue.Queue()]
        return [Post(i, queues) for i in range(2)]

    def both(self, transports, parties=None, stores=(None, None), observers=(None, None)):
        """Trains in two threads; what each returned or raised."""
        p, outcome = parties or self.parties, [None, None]

        def run(i):
            try:
                outcome[i] = fate.train(p.jobs[i], PARTIES[i], p.identities[i], p.tables[i], transports[i], store=stores[i],
                                        observer=observers[i])
            except BaseException as error:
                outcome[i] = error
        threads = [threading.Thread(target=run, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcome

    def check(self, outcome, expected=None):
        for model in outcome:
            if isinstance(model, BaseException):
                raise model
        self.assertEqual([bytes(model) for model in outcome], expected or self.expected)

    def test_loopback(self):
        self.check(self.both(fate.loopback(2)))

    def test_tcp(self):
        p = Parties(addresses=("127.0.0.1:%d" % free_port(), None))
        transports = [fate.Tcp(job, name) for job, name in zip(p.jobs, PARTIES)]
        self.check(self.both(transports, p), p.pooled())
        for transport in transports:
            transport.close()
        with fate.Tcp(p.jobs[0], "bank", "127.0.0.1:0") as listening:
            self.assertGreater(listening.port, 0)

    def test_tables_that_differ_are_aligned(self):
        p, transports, made = Parties(), fate.loopback(2), [None, None]
        p.document["align"] = "psi"
        p.columns = [{name: values[:first] + values[first + 3:] for name, values in columns.items()} for columns, first in zip(p.columns, (5, 7))]
        jobs = [fate.Job(p.document, context=context) for context in p.contexts]
        tables = [fate.Table.from_csv_text(csv_of(p.columns[i]), jobs[i].schema(i)) for i in range(2)]

        def run(i):
            made[i] = fate.align(jobs[i], PARTIES[i], p.identities[i], tables[i], transports[i])
        threads = [threading.Thread(target=run, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        aligned = [table.aligned(alignment) for table, alignment in zip(tables, made)]
        self.assertEqual(aligned[0].ids, aligned[1].ids)
        self.assertEqual(len(aligned[0]), 55)  # without c005 to c009
        self.assertEqual(made[0].algorithm, "psi")
        self.assert_error("FATE_E_ARGUMENT", fate.train, jobs[0], PARTIES[0], p.identities[0], tables[0], transports[0],
                          evidence=os.path.join(tempfile.gettempdir(), "never-written.log"))
        # Training aligns both kinds of tables by itself: here the same rows are validated on.
        transports = fate.loopback(2)

        def train(i):
            made[i] = fate.train(jobs[i], PARTIES[i], p.identities[i], tables[i], transports[i], validation=tables[i])
        threads = [threading.Thread(target=train, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pooled = fate.train_pooled(jobs[0], aligned)
        self.assertEqual([bytes(model) for model in made], [bytes(model) for model in pooled])

    def test_a_whole_model_scores_alone(self):
        identities = [fate.Identity.generate() for _ in range(3)]
        parties = [{"name": name, "role": role, "key": identity.public}
                   for identity, name, role in zip(identities, ["centre", "north", "south"], ["aggregator", "client", "client"])]
        job = fate.Job({"algorithm": "horizontal-linear", "id": "id", "label": "y", "parties": parties,
                        "parameters": {"objective": "squared", "rounds": 30}})
        tables = [fate.Table.from_columns({"id": ["a", "b", "c", "d"], "x": x, "y": [2 * value + 1 for value in x]}, job.schema("north"))
                  for x in ([0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0])]
        model = fate.train_pooled(job, [None] + tables)[1]
        rows = fate.Table.from_columns({"id": ["e", "f"], "x": [1.5, 4.5]}, job.schema("north", "predict"))
        for score, expected in zip(fate.predict_alone(job, model, rows)["score"], (4, 10)):
            self.assertAlmostEqual(score, expected, delta=0.5)
        error = self.assert_error("FATE_E_UNSUPPORTED", fate.predict, job, "north", identities[1], model, rows, fate.loopback(3)[1])
        self.assertIn("purpose predict; if its model is whole at every party, fate_predict_alone", error.sentence)

    def test_folds_are_held_out(self):
        p, transports, scores, errors = Parties(folds=3), fate.loopback(2), [None, None], [None, None]

        def run(i):
            arguments = p.jobs[i], PARTIES[i], p.identities[i], p.tables[i], transports[i]
            scores[i] = fate.cross_validate(*arguments)
            try:
                fate.train(*arguments)
            except fate.FateError as error:
                errors[i] = error
        threads = [threading.Thread(target=run, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(scores[0]), len(scores[1])), (60, 0))
        self.assertEqual(set(scores[0]["fold"]), {1, 2, 3})
        for error in errors:
            self.assertEqual(error.name, "FATE_E_JOB")
            self.assertIn("makes no model: set it to 0, or call fate_cross_validate", error.sentence)

    def test_hooks_in_python(self):
        stores, observer, posts = [fate.MemoryStore(), fate.MemoryStore()], Watching(), self.posts()
        self.check(self.both(posts, stores=stores, observers=(observer, None)))
        self.assertTrue(all(store.values for store in stores))
        self.assertIn(("peer", 1, True), observer.seen)
        self.assertEqual([row[1] for row in observer.seen if row[0] == "progress"][-1], 2)
        self.assertGreater(posts[0].flushed, 0)

    def test_a_directory_continues_and_refuses_a_second_user(self):
        with tempfile.TemporaryDirectory() as directory:
            stores = [fate.DirectoryStore(os.path.join(directory, name)) for name in PARTIES]
            self.assert_error("FATE_E_EXISTS", fate.DirectoryStore, os.path.join(directory, "bank"))
            self.check(self.both(fate.loopback(2), stores=stores))
            self.check(self.both(fate.loopback(2), stores=stores))
            for store in stores:
                store.close()

    def test_what_outlives_jobs_has_a_store_of_its_own(self):
        with tempfile.TemporaryDirectory() as directory:
            parts = [fate.DirectoryStore(os.path.join(directory, name)) for name in ("a", "b", "c", "d")]
            stores = [fate.SplitStore(parts[0], parts[1]), fate.SplitStore(parts[2], parts[3])]
            self.check(self.both(fate.loopback(2), stores=stores))
            for store in stores + parts:
                store.close()
            self.assertIn("state", os.listdir(os.path.join(directory, "a")))
            self.assertNotIn("state", os.listdir(os.path.join(directory, "b")))

    def test_evidence(self):
        p = self.parties
        with tempfile.TemporaryDirectory() as directory:
            paths = [os.path.join(directory, name + ".log") for name in PARTIES]
            transports = fate.loopback(2)
            threads = [threading.Thread(target=fate.train, args=(p.jobs[i], PARTIES[i], p.identities[i], p.tables[i], transports[i]),
                                        kwargs={"evidence": paths[i]}) for i in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            bank, shop = [fate.Evidence.read(path) for path in paths]
            good, findings = bank.verify(shop, fate.Job(p.document))
            self.assertTrue(good, findings)
            self.assertEqual((bank.parties, bank.fact("algorithm")), (PARTIES, "vertical-boosting"))
            with open(paths[0], "rb") as file:
                data = bytearray(file.read())
            data[len(data) // 2] ^= 1
            good, findings = fate.Evidence.from_bytes(bytes(data)).verify()
            self.assertFalse(good)
            self.assertTrue(any(wrong for _, wrong in findings))

    def test_exceptions_of_hooks_come_back(self):
        error = Oops("as it was")

        def fail(*_):
            raise error
        for kind, name in ((Post, "send"), (Post, "poll"), (Post, "wait"), (Post, "now"), (fate.MemoryStore, "put"), (fate.MemoryStore, "get"),
                           (Watching, "tick"), (Watching, "progress"), (Watching, "peer_changed")):
            posts, stores, observer = self.posts(), [fate.MemoryStore(), fate.MemoryStore()], Watching()
            setattr({Post: posts[0], fate.MemoryStore: stores[0], Watching: observer}[kind], name, fail)
            p, outcome = self.parties, []
            stop = threading.Event()

            def other():  # the peer answers until the first one has ended
                class UntilThen(fate.Observer):
                    def tick(self):
                        if stop.is_set():
                            raise Oops("enough")
                try:
                    fate.train(p.jobs[1], "shop", p.identities[1], p.tables[1], posts[1], observer=UntilThen())
                except (Oops, fate.FateError) as ended:
                    outcome.append(ended)
            thread = threading.Thread(target=other)
            thread.start()
            try:
                with self.assertRaises(Oops, msg=name) as caught:
                    fate.train(p.jobs[0], "bank", p.identities[0], p.tables[0], posts[0], store=stores[0], observer=observer)
                self.assertIs(caught.exception, error)
            finally:
                stop.set()
                thread.join()

    def test_interrupt(self):
        """Ctrl-C while the library waits for a peer."""
        class Pressing(fate.Observer):
            ticks = 0

            def tick(self):
                self.ticks += 1
                if self.ticks == 2:
                    os.kill(os.getpid(), signal.SIGINT)
        p = self.parties
        before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with self.assertRaises(KeyboardInterrupt):
                fate.train(p.jobs[0], "bank", p.identities[0], p.tables[0], fate.loopback(2)[0], observer=Pressing())
            self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)
        finally:
            signal.signal(signal.SIGINT, before)

    def test_one_thread_at_a_time(self):
        p, errors = self.parties, []

        class Intruding(fate.Observer):
            def tick(self):
                if not errors:
                    def intrude():
                        try:
                            fate.Table.from_columns({"id": [1]}, fate.Schema("id", context=p.contexts[0]))
                        except RuntimeError as error:
                            errors.append(error)
                    thread = threading.Thread(target=intrude)
                    thread.start()
                    thread.join()
                fate.Identity.generate(p.contexts[0])  # the same thread may
                raise Oops
        self.assertRaises(Oops, fate.train, p.jobs[0], "bank", p.identities[0], p.tables[0], fate.loopback(2)[0], observer=Intruding())
        self.assertIn("another thread", str(errors[0]))

    def test_other_threads_run_meanwhile(self):
        p, counted, stop = self.parties, [0], threading.Event()

        def count():
            while not stop.is_set():
                counted[0] += 1
                time.sleep(0.001)
        thread = threading.Thread(target=count)
        thread.start()

        class Enough(fate.Observer):
            def tick(self):
                if counted[0] > 20:
                    raise Oops
        try:
            self.assertRaises(Oops, fate.train, p.jobs[0], "bank", p.identities[0], p.tables[0], fate.loopback(2)[0], observer=Enough())
        finally:
            stop.set()
            thread.join()

    def in_both(self, call):
        """call(0) and call(1) in threads of their own; what they returned."""
        outcome = [None, None]

        def run(i):
            try:
                outcome[i] = call(i)
            except BaseException as error:
                outcome[i] = error
        threads = [threading.Thread(target=run, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcome

    def test_training_goes_on_from_a_model(self):
        p, transports = Parties(trees=4), fate.loopback(2)
        earlier = [fate.Model.from_bytes(data, context) for data, context in zip(self.expected, p.contexts)]
        self.check(self.in_both(lambda i: fate.train(p.jobs[i], PARTIES[i], p.identities[i], p.tables[i], transports[i], from_=earlier[i])),
                   p.pooled())
        other = fate.Model.from_bytes(self.expected[1], p.contexts[0])
        error = self.assert_error("FATE_E_MODEL", fate.train, p.jobs[0], "bank", p.identities[0], p.tables[0], fate.loopback(2)[0], from_=other)
        self.assertIn("the model is the one of party shop", error.sentence)

    def test_single_rows(self):
        p, rows = self.parties, [7, 0, 59]
        job = fate.Job(p.document)
        models = [fate.Model.from_bytes(data) for data in self.expected]
        pooled = fate.predict_pooled(job, models, [fate.Table.from_columns(p.columns[i], job.schema(i, "predict")) for i in range(2)])

        def row(number, name=None):
            columns = {key: [values[number]] for key, values in p.columns[0].items() if key != "y"}
            return fate.Table.from_columns(dict(columns, id=[name or columns["id"][0]]), p.jobs[0].schema("bank", "serve"))

        for transports in (fate.loopback(2), self.posts()):
            answers = []

            def call(i):
                model = fate.Model.from_bytes(self.expected[i], p.contexts[i])
                if i == 1:
                    return fate.serve(p.jobs[1], "shop", p.identities[1], model, p.table(1, "serve"), transports[1])
                with fate.Serving(p.jobs[0], "bank", p.identities[0], model, transports[0]) as serving:
                    answers.extend(serving.ask(row(number)) for number in rows)
                    answers.append(serving.ask(row(3, "nobody")))
            self.assertEqual(self.in_both(call), [None, None])
            self.assertEqual(answers, [[pooled["score"][number]] for number in rows] + [None])

    def test_files(self):
        p = self.parties
        with tempfile.TemporaryDirectory() as directory:
            def path(name):
                return os.path.join(directory, name)
            p.identities[0].write(path("bank.key"))
            self.assertEqual(fate.Identity.read(path("bank.key")).public, p.identities[0].public)
            self.assert_error("FATE_E_EXISTS", p.identities[0].write, path("bank.key"))
            self.assertEqual(fate.Identity.from_bytes(p.identities[0].to_bytes()).public, p.jobs[0].key("bank"))
            model = fate.Model.from_bytes(self.expected[0])
            model.write(path("bank.model"))
            read = fate.Model.read(path("bank.model"))
            self.assertEqual((bytes(read), read.party, read.role), (self.expected[0], "bank", "guest"))
            read.check(p.jobs[0], "bank")
            self.assert_error("FATE_E_MODEL", read.check, p.jobs[0], "shop")
            self.assertIn("tree", read.dump(fate.Model.from_bytes(self.expected[1], read.context)))
        self.assertEqual((p.jobs[0].parties, p.jobs[0].role("shop"), p.jobs[0].algorithm), (PARTIES, "host", "vertical-boosting"))
        self.assertIn("labels", p.jobs[0].describe("bank"))
        self.assert_error("FATE_E_ARGUMENT", p.jobs[0].number, "nobody")
        self.assert_error("FATE_E_JOB", fate.Job, {"algorithm": "vertical-boosting"})
        self.assert_error("FATE_E_FORMAT", fate.Model.from_bytes, b"no model")

    def test_scores(self):
        p = self.parties
        job = fate.Job(p.document)
        models = [fate.Model.from_bytes(data) for data in self.expected]
        given = [fate.Table.from_columns(p.columns[i], job.schema(i, "predict")) for i in range(2)]
        pooled = fate.predict_pooled(job, models, given)
        self.assertEqual(pooled.ids, given[0].ids)
        with tempfile.TemporaryDirectory() as directory:
            pooled.write_csv(os.path.join(directory, "scores.csv"))
            with open(os.path.join(directory, "scores.csv")) as file:
                self.assertEqual([float(line.split(",")[1]) for line in file.readlines()[1:]], list(pooled["score"]))
        posts, outcome = fate.loopback(2), [None, None]

        def run(i):
            outcome[i] = fate.predict(p.jobs[i], PARTIES[i], p.identities[i], fate.Model.from_bytes(self.expected[i], p.contexts[i]),
                                      p.table(i, "predict"), posts[i])
        threads = [threading.Thread(target=run, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(list(outcome[0]["score"]), list(pooled["score"]))
        self.assertEqual(len(outcome[1]), 0)
        values = outcome[0]["score"]
        del outcome[:]
        self.assertEqual(list(values), list(pooled["score"]))  # a view keeps what it shows
        schema, array = pooled.__arrow_c_array__()
        self.assertIn("arrow_array", repr(array))
        try:
            import pyarrow
        except ImportError:
            return
        batch = pyarrow.record_batch(pooled)
        self.assertEqual(batch.to_pydict(), {"id": [text.decode() for text in pooled.ids], "score": list(pooled["score"])})
        batch.validate(full=True)


if __name__ == "__main__":
    unittest.main()
