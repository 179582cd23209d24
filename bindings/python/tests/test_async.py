"""Sessions inside asyncio: two of them on one loop, one against the command, stores as coroutines, errors, cancelling."""
import asyncio
import json
import os
import tempfile
import unittest

from support import BUILD, PARTIES, Case, Parties, csv_of, fate
from test_train import free_port


class SlowStore(fate.MemoryStore):
    """A store whose functions are coroutines, as a database's would be."""

    async def put(self, key, value):
        await asyncio.sleep(0)
        super().put(key, value)

    async def get(self, key):
        await asyncio.sleep(0)
        return super().get(key)


class Turns:
    """Counts the turns of the loop that others get."""

    async def __aenter__(self):
        self.count, self.task = 0, asyncio.ensure_future(self.run())
        return self

    async def __aexit__(self, *exception):
        self.task.cancel()

    async def run(self):
        while True:
            self.count += 1
            await asyncio.sleep(0)


class AsyncTest(Case):
    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.parties = Parties(addresses=("127.0.0.1:%d" % cls.port, None))
        cls.expected = cls.parties.pooled()

    def session(self, i, **more):
        p = self.parties
        return fate.AsyncSession(p.jobs[i], PARTIES[i], p.identities[i], p.tables[i], **more)

    def test_two_on_one_loop(self):
        async def run():
            for in_thread in (True, False):
                async with Turns() as turns:
                    models = await asyncio.gather(*[self.session(i, in_thread=in_thread, budget=1).train() for i in range(2)])
                    self.assertGreater(turns.count, 20)
                self.assertEqual([bytes(model) for model in models], self.expected)
        asyncio.run(run())

    def test_scores(self):
        p = self.parties

        async def run():
            sessions = [fate.AsyncSession(p.jobs[i], PARTIES[i], p.identities[i], p.table(i, "predict"), "predict",
                                          model=fate.Model.from_bytes(self.expected[i], p.contexts[i])) for i in range(2)]
            return await asyncio.gather(*[session.predict() for session in sessions])
        bank, shop = asyncio.run(run())
        job = fate.Job(p.document)
        pooled = fate.predict_pooled(job, [fate.Model.from_bytes(data) for data in self.expected],
                                     [fate.Table.from_columns(p.columns[i], job.schema(i, "predict")) for i in range(2)])
        self.assertEqual(list(bank["score"]), list(pooled["score"]))
        self.assertEqual((len(shop), bank.ids), (0, pooled.ids))

    def test_stores(self):
        async def run():
            stores = [SlowStore(), fate.MemoryStore()]
            for _ in range(2):  # the second time all is there
                models = await asyncio.gather(*[self.session(i, store=stores[i], linger_timeout=1000).train() for i in range(2)])
                self.assertEqual([bytes(model) for model in models], self.expected)
            self.assertTrue(stores[0].values)
        asyncio.run(run())

    def test_against_the_command(self):
        async def run(directory):
            def path(name):
                return os.path.join(directory, name)
            with open(path("job.json"), "w") as file:
                json.dump(self.parties.document, file)
            with open(path("shop.csv"), "w") as file:
                file.write(csv_of(self.parties.columns[1]))
            self.parties.identities[1].write(path("shop.key"))
            command = await asyncio.create_subprocess_exec(
                os.path.join(BUILD, "fate"), "train", "--job", path("job.json"), "--party", "shop", "--key", path("shop.key"),
                "--table", path("shop.csv"), "--model", path("shop.model"), stderr=asyncio.subprocess.PIPE)
            model = await self.session(0).train()
            _, said = await command.communicate()
            self.assertEqual(command.returncode, 0, said)
            self.assertEqual(bytes(model), self.expected[0])
            with open(path("shop.model"), "rb") as file:
                self.assertEqual(file.read(), self.expected[1])
        with tempfile.TemporaryDirectory() as directory:
            asyncio.run(run(directory))

    def test_errors(self):
        class Failing(fate.MemoryStore):
            def put(self, key, value):
                raise OSError(28, "disk full")
        with self.assertRaisesRegex(OSError, "disk full"):
            asyncio.run(self.session(0, store=Failing()).train())
        error = self.assert_error("FATE_E_TIMEOUT", asyncio.run, self.session(0, contact_timeout=200).train())
        self.assertEqual(error.party, 1)

        async def listen_twice():
            blocker = await asyncio.start_server(lambda *_: None, "127.0.0.1", self.port)
            try:
                await self.session(0).train()
            finally:
                blocker.close()
        with self.assertRaises(OSError):
            asyncio.run(listen_twice())

    def test_strangers_do_no_harm(self):
        async def stranger():
            for greeting in (b"GET / HTTP/1.1\r\n\r\n", b"FATE\x01\0\0\0\x01\0\0\0\0\0\0\0\xff\xff\xff\xff", b"FATE\x01\0\0\0\x07\0\0\0\0\0\0\0",
                             b"FATE\x01\0\0\0\x01\0\0\0\0\0\0\0\x05\0\0\0hello"):
                for _ in range(100):
                    try:
                        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                        break
                    except OSError:
                        await asyncio.sleep(0.02)
                writer.write(greeting)
                await asyncio.sleep(0.02)
                writer.close()

        async def run():
            bank = asyncio.ensure_future(self.session(0).train())
            await stranger()
            self.assertEqual([bytes(model) for model in await asyncio.gather(bank, self.session(1).train())], self.expected)
        asyncio.run(run())

    def test_cancelling_the_task_tells_the_peer(self):
        async def run():
            tasks = [asyncio.ensure_future(self.session(i).train()) for i in range(2)]

            class Stop(fate.Observer):
                def peer_changed(self, peer, present):
                    tasks[0].cancel()
            tasks[0].cancel()
            tasks[0] = asyncio.ensure_future(self.session(0, observer=Stop()).train())
            return await asyncio.gather(*tasks, return_exceptions=True)
        bank, shop = asyncio.run(run())
        self.assertIsInstance(bank, asyncio.CancelledError)
        self.assertEqual(shop.name, "FATE_E_PEER")


if __name__ == "__main__":
    unittest.main()
