"""A session inside asyncio, with streams as its transport. On the wire it is the library's own TCP (fate/transport.h), so that the other
party may be a C program, the command or Python."""
import asyncio
import inspect
import socket
import struct
import time

from ._hooks import Observer
from ._session import Session

_MAGIC = b"FATE\x01\0\0\0"
_LARGEST = (1 << 20) + 4096
_MOST_TASKS = 2048  # connections, those of strangers among them
_MOST_WAITING = 1 << 22  # bytes that wait for a slow peer; further frames are dropped, and the session sends them again


def _endpoint(address):
    """"host:port" or "[v6]:port"; an empty host means every address of this machine."""
    host, _, port = address.rpartition(":")
    return host.strip("[]") or None, int(port)


class AsyncSession:
    """One party of one job on the running event loop.

        model = await fate.AsyncSession(job, "bank", identity, table).train()
        scores = await fate.AsyncSession(job, "bank", identity, test, "predict", model=model).predict()

    store: a Store whose functions may be coroutines; observer: an Observer; listen: "host:port" instead of the address in the job.
    The library computes in a thread of the loop's executor, `budget` units of some milliseconds at a time, so that the loop is never
    blocked; with in_thread=False on the loop itself, between its turns. Cancelling the task cancels the job."""

    def __init__(self, job, party, identity, table, purpose="train", model=None, validation=None, store=None, observer=None, listen=None,
                 budget=8, in_thread=True, **options):
        if store is not None:
            options.setdefault("durable", 1)
        self.session = Session(job, party, identity, table, purpose, validation, model, **options)
        self.job, self.number, self.table = job, job.number(party), table
        self.store, self.observer, self.listen = store, observer or Observer(), listen
        self.budget, self.in_thread = budget, in_thread
        self.port = None
        self._links, self._full, self._next_link = {}, {}, 1
        self._tasks, self._failed, self._listeners, self._closing = set(), None, [], False

    async def train(self):
        """Runs the job to its end and returns the party's model."""
        await self.run()
        return self.session.model

    async def predict(self):
        """The same for a scoring job: returns the Scores."""
        await self.run()
        return self.session.scores

    async def run(self):
        """Runs the job to its end."""
        self._news, self._computing = asyncio.Event(), asyncio.Lock()
        try:
            await self._open()
            await self._drive()
        except asyncio.CancelledError:
            await self._tell_cancelled()
            raise
        finally:
            await self._close()

    # ---- connections ----

    async def _open(self):
        names = range(len(self.job.parties))
        peers = [peer for peer in names if self.job.talk(self.number, peer)]
        for peer in peers:
            if self.job.dials(self.number, peer):
                self._start(self._dial(peer))
        if self.listen or not all(self.job.dials(self.number, peer) for peer in peers):
            await self._listen(self.listen or self.job.address(self.number))

    async def _listen(self, address):
        """Accepts by hand: asyncio's servers may lose, and leave open, what they accept in the moment in which they are closed."""
        host, port = _endpoint(address)
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, place in dict.fromkeys(found):
            listener = socket.socket(family, kind, protocol)
            self._listeners.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.setblocking(False)
            listener.bind(place)
            listener.listen(64)
            self.port = listener.getsockname()[1]
            asyncio.get_running_loop().add_reader(listener.fileno(), self._accept, listener)

    def _accept(self, listener):
        try:
            connection, _ = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # gone already
        except OSError:  # no descriptors left
            loop = asyncio.get_running_loop()
            loop.remove_reader(listener.fileno())
            loop.call_later(0.1, self._accept_again, listener)
            return
        if len(self._tasks) < _MOST_TASKS:
            connection.setblocking(False)
            self._start(self._greet(connection))
        else:
            connection.close()

    def _accept_again(self, listener):
        if listener in self._listeners:
            asyncio.get_running_loop().add_reader(listener.fileno(), self._accept, listener)

    def _start(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task):
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failed = self._failed or task.exception()
            self._news.set()

    async def _dial(self, peer):
        host, port = _endpoint(self.job.address(peer))
        pause = 0.1
        while not self._closing:
            try:
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(_MAGIC + struct.pack("<II", self.number, peer))
                pause = 0.1
                await self._serve(peer, reader, writer)
            except OSError as error:
                self.observer.warning("%s cannot be reached at %s: %s; trying again" % (self.job.parties[peer], self.job.address(peer), error))
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2)

    async def _greet(self, connection):
        try:
            reader, writer = await asyncio.open_connection(sock=connection)
        except BaseException:
            connection.close()
            raise
        try:
            greeting = await asyncio.wait_for(reader.readexactly(16), 10)
            peer, wanted = struct.unpack("<II", greeting[8:])
            if greeting[:8] == _MAGIC and wanted == self.number and peer != wanted and peer < len(self.job.parties):
                await self._serve(peer, reader, writer)
        except (OSError, EOFError, asyncio.TimeoutError):
            pass  # a stranger
        finally:
            writer.close()

    async def _serve(self, peer, reader, writer):
        """Hands the frames of a connection to the session, for as long as it lives."""
        link, self._next_link = self._next_link, self._next_link + 1
        self._links[peer, link] = writer
        try:
            async with self._computing:
                self.session.connected(peer, link)
            self._news.set()
            while True:
                length, = struct.unpack("<I", await reader.readexactly(4))
                if not 0 < length <= _LARGEST:
                    break
                frame = await reader.readexactly(length)
                while not await self._receive(peer, frame, link):
                    room = self._full[link] = asyncio.Event()  # let this connection's later frames wait
                    await room.wait()
                self._news.set()
        except (OSError, EOFError):
            pass
        finally:
            self._full.pop(link, None)
            self._links.pop((peer, link), None)
            async with self._computing:
                self.session.disconnected(peer, link)
            self._news.set()
            writer.close()

    async def _receive(self, peer, frame, link):
        async with self._computing:
            return self.session.receive(peer, frame, link)

    def _send(self, event):
        for (peer, link), writer in list(self._links.items()):
            if peer == event.peer and event.link in (0, link):
                if writer.transport.get_write_buffer_size() < _MOST_WAITING:
                    writer.write(struct.pack("<I", len(event.bytes)) + event.bytes)
                return

    # ---- the session ----

    async def _drive(self):
        while True:
            self._news.clear()
            try:
                going = await self._compute()
            finally:
                await self._handle_all()
            for room in self._full.values():
                room.set()
            if self._failed is not None:
                raise self._failed
            if not going:
                return
            await self._wait()

    async def _compute(self):
        if not self.in_thread:
            return self.session.run(self._now(), self.budget)
        async with self._computing:
            running = asyncio.get_running_loop().run_in_executor(None, self.session.run, self._now(), self.budget)
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                self.session.cancel()
                await asyncio.gather(running, return_exceptions=True)  # a session is one thread's at a time
                raise

    @staticmethod
    def _now():
        return int(time.monotonic() * 1000)

    async def _wait(self):
        if self.session.more:
            await asyncio.sleep(0)  # others' turn
            return
        deadline, pause = self.session.deadline, None
        if deadline is not None:
            pause = max(deadline - self._now(), 0) / 1000
        try:
            await asyncio.wait_for(self._news.wait(), pause)
        except asyncio.TimeoutError:
            pass

    async def _handle_all(self):
        for event in list(self.session.events()):
            await self._handle(event)

    async def _handle(self, event):
        observer = self.observer
        if event.kind == "send":
            self._send(event)
        elif event.kind == "close":
            writer = self._links.get((event.peer, event.link))
            if writer is not None:
                writer.close()
        elif event.kind in ("put", "get", "delete", "list"):
            await self._handle_store(event)
        elif event.kind == "progress":
            observer.progress(event.progress)
        elif event.kind == "metric":
            observer.metric(event.text, event.round, event.value)
        elif event.kind == "warning":
            observer.warning(event.text)
        elif event.kind in ("connected", "lost"):
            observer.peer_changed(event.peer, event.kind == "connected")
        elif event.kind == "task":
            self._start(self._work(event))

    async def _work(self, event):
        """The application's own work: a coroutine, or a function that runs in another thread; the session goes on meanwhile."""
        try:
            result = None
            while result is None:
                if inspect.iscoroutinefunction(self.observer.task):
                    result = await self.observer.task(event.task)
                else:
                    result = await asyncio.get_running_loop().run_in_executor(None, self.observer.task, event.task)
            async with self._computing:
                self.session.complete_task(event, result)
        except Exception as error:
            self._failed = self._failed or error
        self._news.set()

    async def _handle_store(self, event):
        value = None
        if self.store is not None:
            arguments = (event.key, event.bytes) if event.kind == "put" else (event.key,)
            value = getattr(self.store, event.kind)(*arguments)
            if inspect.isawaitable(value):
                value = await value
        elif event.kind == "list":
            value = []
        self.session.complete(event, value if event.kind in ("get", "list") else None)
        self._news.set()

    # ---- the end ----

    async def _tell_cancelled(self):
        self.session.cancel()
        try:
            self.session.run(self._now(), 0)
        except Exception:  # FATE_E_CANCELLED, as asked for
            pass
        for event in self.session.events():
            if event.kind == "send":
                self._send(event)

    async def _close(self):
        """Closes all; what was sent last gets out first."""
        self._closing = True
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener.fileno())
            listener.close()
        self._listeners = []
        for writer in self._links.values():
            try:
                writer.write_eof()
            except (OSError, RuntimeError):
                pass
        for _ in range(25):  # a peer reads what was sent last and then closes; what it still sends must be read, or TCP resets
            if not self._links:
                break
            await asyncio.sleep(0.01)
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._links.clear()
