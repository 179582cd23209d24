"""Hooks: transports, stores and observers, ready-made ones and such as an application writes in Python.

What a hook raises is caught here, travels through the C library as a code of the application, and is raised again by the call around."""
import contextlib
import ctypes
import signal
import threading
import time

from ._library import ABI_VERSION, ObserverHooks, Progress, StoreHooks, TransportHooks, library
from ._objects import AGAIN, APPLICATION, EMPTY, OK, FateError, Handle, context_or_default, copy_bytes, decode, encode
from ._tasks import Task


class Raised:
    """What hooks raised during one call, and the codes that stand for it."""

    def __init__(self):
        self.exceptions = []

    def code(self, exception):
        self.exceptions.append(exception)
        return APPLICATION - len(self.exceptions)

    def find(self, code):
        """The exception behind a code; None when it is none of ours."""
        place = APPLICATION - code - 1
        return self.exceptions[place] if 0 <= place < len(self.exceptions) else None

    def guarded(self, function, otherwise=None):
        """function as a callback: its result, 0 for None; an exception becomes a code, or `otherwise` where no code can be given."""
        def callback(_, *arguments):
            try:
                result = function(*arguments)
                return OK if result is None else result
            except BaseException as exception:  # also KeyboardInterrupt: raised again by the call around
                code = self.code(exception)
                return code if otherwise is None else otherwise
        return callback


class Inbox:
    """What a transport's poll hands its findings to; valid during that call only."""

    def __init__(self, handle):
        self._handle = handle

    def _check(self, code):
        if code < 0:
            raise _Ended(code)
        return code

    def frame(self, peer, frame, link=0):
        """A frame that arrived. True when it was taken; False: the session's window is full, offer it again in the next poll."""
        frame = bytes(frame)
        return self._check(library().fate_inbox_frame(self._handle, peer, link, frame, len(frame))) != AGAIN

    def connected(self, peer, link):
        self._check(library().fate_inbox_connected(self._handle, peer, link))

    def disconnected(self, peer, link):
        self._check(library().fate_inbox_disconnected(self._handle, peer, link))

    def notice(self, peer, sentence):
        """Something that a person should know; peer None: no party in particular."""
        self._check(library().fate_inbox_notice(self._handle, 2**32 - 1 if peer is None else peer, encode(sentence)))


class _Ended(Exception):
    """The library refused a finding: poll returns its code."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Transport:
    """Base of transports written in Python. Frames may be lost, repeated and reordered, but not joined or cut."""

    def send(self, peer, link, frame):
        """Sends a frame, or keeps it to send. Returns False when it cannot be taken now. A peer that is not connected: drop it."""
        raise NotImplementedError

    def poll(self, inbox):
        """Hands every frame that has arrived to inbox.frame(peer, frame, link). Never blocks."""
        raise NotImplementedError

    def wait(self, milliseconds):
        """Blocks until poll has something, send would take a frame again, wake is called or the time is over."""
        raise NotImplementedError

    def now(self):
        return int(time.monotonic() * 1000)

    def close(self, peer, link):
        """Closes a link whose frames were not authentic."""

    def wake(self):
        """Makes a blocked wait return. Called from any thread."""

    def flush(self, milliseconds):
        """Tries for at most that time to get all kept frames out."""

    def proved(self, peer, link):
        """The peer has proved its identity over this link."""

    def _hooks(self, raised):
        def send(peer, link, address, length):
            return AGAIN if self.send(peer, link, copy_bytes(address, length)) is False else OK

        def poll(handle):
            try:
                self.poll(Inbox(handle))
            except _Ended as ended:
                return ended.code
            return OK

        fields = dict(TransportHooks._fields_)
        members = {"send": send, "poll": poll, "wait": _without_result(self.wait), "close": _without_result(self.close),
                   "flush": _without_result(self.flush), "proved": _without_result(self.proved)}
        hooks = TransportHooks(struct_size=ctypes.sizeof(TransportHooks), abi_version=ABI_VERSION)
        for name, function in members.items():
            setattr(hooks, name, fields[name](raised.guarded(function)))
        hooks.now = fields["now"](raised.guarded(lambda: int(self.now()), 0))
        hooks.wake = fields["wake"](lambda _: self.wake())
        return hooks


class _NativeHooks(Handle):
    """A transport or store that the library has ready-made."""

    def __init__(self, handle, keeps):
        super().__init__(handle, keeps)

    def _hooks(self, raised):
        return self.handle


class Tcp(_NativeHooks):
    """TCP as the job says: listens on the party's address if a peer is to dial it, dials the others."""

    _free = "fate_transport_free"

    def __init__(self, job, party, listen=None):
        super().__init__(job.context.make("fate_tcp_for_job", job.handle, job.number(party), encode(listen)), [job.context])

    @property
    def port(self):
        return library().fate_tcp_port(self.handle)


class Loopback(_NativeHooks):
    """One end of loopback(): frames within one process."""

    _free = "fate_transport_free"


def loopback(count, context=None):
    """count transports joined to each other, number i for party i; each may be used in a thread of its own."""
    context = context_or_default(context)
    made = (ctypes.c_void_p * count)()
    context.call("fate_loopback_new", made, count)
    return [Loopback(handle, [context]) for handle in made]


class Store:
    """Base of stores written in Python: where a party's state is kept. Values are bytes, keys short texts."""

    def put(self, key, value):
        """Stores durably before it returns."""
        raise NotImplementedError

    def get(self, key):
        """The value, or None."""
        raise NotImplementedError

    def delete(self, key):
        """Also when there is none."""
        raise NotImplementedError

    def list(self, prefix):
        """Every key that begins with prefix."""
        raise NotImplementedError

    def date(self):
        """Seconds since 1970, by which what is kept grows old."""
        return int(time.time())

    def _hooks(self, raised):
        def get(key, reply):
            value = self.get(decode(key))
            return EMPTY if value is None else library().fate_reply_bytes(reply, bytes(value), len(value))

        def list_names(prefix, reply):
            for name in self.list(decode(prefix)):
                code = library().fate_reply_name(reply, encode(name))
                if code != OK:
                    return code
            return OK

        def put(key, address, length):
            self.put(decode(key), copy_bytes(address, length))

        def delete(key):
            self.delete(decode(key))

        fields = dict(StoreHooks._fields_)
        hooks = StoreHooks(struct_size=ctypes.sizeof(StoreHooks), abi_version=ABI_VERSION)
        for name, function in {"put": put, "get": get, "delete": delete, "list": list_names}.items():
            setattr(hooks, name, fields[name](raised.guarded(function)))
        hooks.date = fields["date"](raised.guarded(lambda: int(self.date()), 0))
        return hooks


class MemoryStore(Store):
    """Keeps state as long as the object lives."""

    def __init__(self):
        self.values = {}

    def put(self, key, value):
        self.values[key] = value

    def get(self, key):
        return self.values.get(key)

    def delete(self, key):
        self.values.pop(key, None)

    def list(self, prefix):
        return [key for key in self.values if key.startswith(prefix)]


class DirectoryStore(_NativeHooks):
    """Files in a directory, written so that a crash leaves the old value or the new one. For train and predict, not for AsyncSession."""

    _free = "fate_store_free"

    def __init__(self, path, context=None):
        context = context_or_default(context)
        super().__init__(context.make("fate_directory_store_new", encode(path)), [context])


class SplitStore(_NativeHooks):
    """State of jobs in one DirectoryStore, what outlives jobs (the sets that alignments use again) in another."""

    _free = "fate_store_free"

    def __init__(self, state, kept, context=None):
        context = context_or_default(context)
        super().__init__(context.make("fate_split_store_new", state.handle, kept.handle), [context, state, kept])


class FileRecorder(Handle):
    """Keeps evidence in a file."""

    _free = "fate_recorder_free"

    def __init__(self, path, context):
        super().__init__(context.make("fate_file_recorder_new", encode(path)), [context])


class Observer:
    """Base of observers: override what you want to see. To cancel, raise."""

    def task(self, task):
        """Does a Task and returns a TaskResult, or None: not done yet, ask again. Work in pieces of less than some seconds."""
        raise NotImplementedError("the job leaves work to the application, and its observer has no task()")

    def progress(self, progress):
        """progress: a Progress with round, rounds, level, levels, rows, bytes_sent, bytes_received, fraction."""

    def metric(self, name, round, value):
        pass

    def warning(self, sentence):
        pass

    def peer_changed(self, peer, present):
        """present: True has proved its identity, False has not been heard of for a while."""

    def tick(self):
        """Called at least every 200 ms."""

    def _hooks(self, raised, interrupted):
        def progress(given):
            copy = Progress()
            ctypes.memmove(ctypes.byref(copy), given, min(given[0].struct_size, ctypes.sizeof(Progress)))
            self.progress(copy)

        def tick():
            if interrupted.is_set():
                raise KeyboardInterrupt
            self.tick()

        def task(given, done):
            result = self.task(Task(given[0]))
            if result is None:
                return AGAIN
            self._kept = result.fill(done[0])
            return OK

        members = {"progress": progress, "metric": lambda name, round, value: self.metric(decode(name), round, value),
                   "warning": lambda sentence: self.warning(decode(sentence)),
                   "peer_changed": lambda peer, state: self.peer_changed(peer, state == 1), "tick": tick}
        fields = dict(ObserverHooks._fields_)
        hooks = ObserverHooks(struct_size=ctypes.sizeof(ObserverHooks), abi_version=ABI_VERSION)
        for name, function in members.items():
            setattr(hooks, name, fields[name](raised.guarded(_without_result(function))))
        hooks.task = fields["task"](raised.guarded(task))
        return hooks


def _without_result(function):
    def call(*arguments):
        function(*arguments)
    return call


@contextlib.contextmanager
def _interrupts(interrupted):
    """While C computes in the main thread, Ctrl-C is noted and raised by the next tick. An application's own handler is left alone."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class Drive:
    """The hook tables of one blocking call; NULL for what is not given."""

    def __init__(self, transport=None, store=None, observer=None, recorder=None):
        self.raised, self.interrupted = Raised(), threading.Event()
        self._tables = [hooks and hooks._hooks(self.raised) for hooks in (transport, store)]
        self._tables.append((observer or Observer())._hooks(self.raised, self.interrupted))
        self._tables[2].recorder = recorder and recorder.handle
        self._keeps = (transport, store, observer, recorder)

    @property
    def tables(self):
        return [None if table is None else table if isinstance(table, int) else ctypes.addressof(table) for table in self._tables]

    def make(self, context, name, *arguments):
        """context.make, but an exception of a hook is raised as it was."""
        with self._raising():
            return context.make(name, *arguments)

    def call(self, context, name, *arguments):
        """The same for context.call."""
        with self._raising():
            return context.call(name, *arguments)

    def run(self, session, name, *arguments):
        """The same for a function of a session."""
        with self._raising():
            return session._call(name, *arguments)

    @contextlib.contextmanager
    def _raising(self):
        try:
            with _interrupts(self.interrupted):
                yield
        except FateError as error:
            exception = self.raised.find(error.code)
            if exception is None:
                raise
            raise exception from None
        if self.raised.exceptions:  # where a hook could give no code, as in now()
            raise self.raised.exceptions[0]

