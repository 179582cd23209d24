"""The step interface: both parties in one thread, frames handed over directly."""
import gc
import unittest

from support import Case, Parties, fate


def drive(sessions, stores=(None, None)):
    """Runs sessions to their ends, with a clock of our own."""
    now, going, waiting = 0, [True] * len(sessions), []
    while any(going):
        for number, session in enumerate(sessions):
            if going[number]:
                going[number] = session.run(now, 1)
            for event in session.events():
                if event.kind == "send":
                    waiting.append((event.peer, number, event.bytes))
                elif event.kind in ("put", "get", "delete", "list"):
                    arguments = (event.key, event.bytes) if event.kind == "put" else (event.key,)
                    session.complete(event, getattr(stores[number], event.kind)(*arguments))
        frames, waiting = waiting, []
        for to, sender, frame in frames:
            if not sessions[to].receive(sender, frame):
                waiting.append((to, sender, frame))
        now += 1


class SessionTest(Case):
    @classmethod
    def setUpClass(cls):
        cls.parties = Parties()
        cls.expected = cls.parties.pooled()

    def sessions(self, **options):
        p = self.parties
        return [fate.Session(p.jobs[i], name, p.identities[i], p.tables[i], **options) for i, name in enumerate(["bank", "shop"])]

    def test_models_equal_the_pooled_run(self):
        sessions = self.sessions()
        drive(sessions)
        self.assertEqual([bytes(session.model) for session in sessions], self.expected)
        self.assertGreater(sessions[0].counter("frames_sent"), 0)
        self.assertTrue(any(name == "gradients" and outgoing for name, _, outgoing, _, _ in sessions[0].traffic))

    def test_scores_equal_the_pooled_run(self):
        p = self.parties
        job = fate.Job(p.document)
        models = [fate.Model.from_bytes(data) for data in self.expected]
        pooled = fate.predict_pooled(job, models, [fate.Table.from_columns(p.columns[i], job.schema(i, "predict")) for i in range(2)])
        sessions = [fate.Session(p.jobs[i], name, p.identities[i], p.table(i, "predict"), "predict",
                                 model=fate.Model.from_bytes(self.expected[i], p.contexts[i])) for i, name in enumerate(["bank", "shop"])]
        drive(sessions)
        self.assertEqual(list(sessions[0].results["score"]), list(pooled["score"]))
        self.assertEqual(list(sessions[0].scores["score"]), list(pooled["score"]))
        self.assertEqual(sessions[1].results, {})
        self.assertEqual(len(pooled), 60)
        self.assertEqual(pooled.columns, ["score"])
        self.assertRaises(KeyError, pooled.__getitem__, "other")

    def test_stores(self):
        stores = [fate.MemoryStore(), fate.MemoryStore()]
        drive(self.sessions(durable=1), stores)
        again = self.sessions(durable=1)  # after success nothing is computed again
        drive(again, stores)
        self.assertEqual([bytes(session.model) for session in again], self.expected)
        self.assertTrue(stores[0].values)

    def test_errors_carry_the_sentence_and_the_party(self):
        sessions = self.sessions(contact_timeout=10)
        with self.assertRaises(fate.FateError) as caught:
            for now in range(100):
                sessions[0].run(now)
                list(sessions[0].events())
        self.assertEqual((caught.exception.name, caught.exception.party), ("FATE_E_TIMEOUT", 1))
        self.assertIn("shop", caught.exception.sentence)
        self.assert_error("FATE_E_ARGUMENT", self.sessions, no_such_option=1)
        self.assert_error("FATE_E_IDENTITY", fate.Session, self.parties.jobs[0], "shop", self.parties.identities[0])

    def test_cancel(self):
        session = self.sessions()[0]
        session.cancel()
        self.assert_error("FATE_E_CANCELLED", session.run, 0)

    def test_a_store_that_fails_ends_the_session(self):
        session = self.sessions(durable=1)[0]
        session.run(0)
        for event in session.events():
            session.complete(event, error=-1077)
        self.assertEqual(self.assert_error("FATE_E_APPLICATION", session.run, 1).code, -1077)

    def test_what_a_session_needs_stays_alive(self):
        p = Parties()
        expected = p.pooled()
        sessions = [fate.Session(p.jobs[i], name, p.identities[i], p.tables[i]) for i, name in enumerate(["bank", "shop"])]
        del p
        gc.collect()
        drive(sessions)
        self.assertEqual([bytes(session.model) for session in sessions], expected)


if __name__ == "__main__":
    unittest.main()
