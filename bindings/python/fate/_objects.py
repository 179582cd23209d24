"""Contexts and what is made from them: results as exceptions, handles that free themselves, one thread at a time."""
import contextlib
import ctypes
import threading
import weakref

from ._library import NOBODY, library

OK, AGAIN, FINISHED, EMPTY = range(4)
APPLICATION = -1000  # this and all codes below belong to the application


class FateError(Exception):
    """What the library refused to do. code: its number; name: "FATE_E_TABLE"; sentence: what was wrong and what to do; party: the number
    of the party that it concerns, or None."""

    def __init__(self, code, sentence, party=None):
        self.code, self.party = code, party
        self.name = library().fate_result_name(code).decode()
        self.sentence = sentence or library().fate_result_text(code).decode()
        super().__init__("%s: %s" % (self.name, self.sentence))


def encode(value):
    """Text as the library takes it; None stays None."""
    if value is None or isinstance(value, bytes):
        return value
    if hasattr(value, "__fspath__"):
        value = value.__fspath__()
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")


def decode(value):
    return None if value is None else value.decode("utf-8", "surrogateescape")


def copy_bytes(address, length):
    return ctypes.string_at(address, length) if length else b""


class Guard:
    """Lets one thread in at a time, and says so to the second; a hook may enter again."""

    def __init__(self, what):
        self.what, self.lock = what, threading.RLock()

    @contextlib.contextmanager
    def entered(self):
        if not self.lock.acquire(blocking=False):
            raise RuntimeError("%s is in use by another thread: make one for each thread" % self.what)
        try:
            yield
        finally:
            self.lock.release()


class Handle:
    """A C object, freed when this one is forgotten, on close() or at the end of a with statement. What it keeps stays alive as long."""

    _free = None  # the name of the C function

    def __init__(self, handle, keeps=()):
        self._keeps = tuple(keeps)
        self._handle = handle
        self._finalizer = weakref.finalize(self, Handle._release, getattr(library(), self._free), handle, self._keeps) \
            if self._free else None

    @staticmethod
    def _release(free, handle, keeps):  # the finalizer holds keeps until here
        free(handle)

    @property
    def handle(self):
        if self._handle is None:
            raise ValueError("this %s has been closed" % type(self).__name__)
        return self._handle

    def close(self):
        """Frees the object now; once is enough, twice does no harm."""
        self._handle = None
        if self._finalizer is not None:
            self._finalizer()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class Context(Handle):
    """Threads and the sentence of the last error; everything else is made from one.

    Objects of one context are used by one thread at a time. Whatever is made without context= belongs to a context of its thread."""

    _free = "fate_context_free"

    def __init__(self, threads=1):
        made = ctypes.c_void_p()
        code = library().fate_context_new(ctypes.byref(made), None)
        if code != OK:
            raise FateError(code, None)
        super().__init__(made.value)
        self.guard = Guard("this context")
        self.call("fate_context_set_threads", threads)

    @property
    def threads(self):
        return library().fate_context_threads(self.handle)

    def run(self, name, *arguments):
        """Calls a function whose sentence goes to this context; a negative result is raised, any other is returned."""
        with self.guard.entered():
            code = getattr(library(), name)(*arguments)
            if code < 0:
                raise FateError(code, decode(library().fate_context_error(self.handle)))
            return code

    def call(self, name, *arguments):
        """run() for functions whose first argument is the context."""
        return self.run(name, self.handle, *arguments)

    def make(self, name, *arguments):
        """call() for constructors: returns the handle."""
        made = ctypes.c_void_p()
        self.call(name, ctypes.byref(made), *arguments)
        return made.value

    def take(self, address, length=None):
        """Copies bytes that the library handed over, and frees them."""
        try:
            return ctypes.string_at(address) if length is None else copy_bytes(address, length)
        finally:
            library().fate_free(self.handle, address)


_of_thread = threading.local()


def context_or_default(context):
    if context is not None:
        return context
    if getattr(_of_thread, "context", None) is None:
        _of_thread.context = Context()
    return _of_thread.context


def party_or_none(number):
    return None if number == NOBODY else number
