"""The step interface: no callbacks, no input or output, no clock."""
import ctypes

from ._job import Model, purpose_number
from ._library import NEVER, Progress, TaskDone, TaskGiven, library
from ._objects import AGAIN, EMPTY, FINISHED, OK, FateError, Guard, Handle, copy_bytes, decode, encode, party_or_none
from ._table import Scores, doubles
from ._tasks import Task

KINDS = {1: "send", 2: "close", 3: "put", 4: "get", 5: "delete", 6: "list", 7: "progress", 8: "metric", 9: "warning", 10: "connected", 11: "lost",
         12: "evidence", 14: "task"}


class Event:
    """What a session wants or tells, copied. kind: one of "send", "close", "put", "get", "delete", "list", "progress", "metric", "warning",
    "connected", "lost", "evidence", "task"; the members are those of fate/session.h."""

    __slots__ = ("kind", "peer", "link", "bytes", "identifier", "key", "text", "round", "value", "progress", "task")

    def __init__(self, handle):
        lib, length = library(), ctypes.c_uint64()
        self.kind = KINDS.get(lib.fate_event_kind(handle), "unknown")  # of a newer library: to be skipped
        self.peer, self.link = lib.fate_event_peer(handle), lib.fate_event_link(handle)
        address = lib.fate_event_bytes(handle, ctypes.byref(length))
        self.bytes = copy_bytes(address, length.value)
        self.identifier, self.key = lib.fate_event_identifier(handle), decode(lib.fate_event_key(handle))
        self.text, self.round = decode(lib.fate_event_text(handle)), lib.fate_event_round(handle)
        self.value, self.progress, self.task = lib.fate_event_value(handle), None, None
        if self.kind == "progress":
            self.progress = Progress(struct_size=ctypes.sizeof(Progress))
            lib.fate_event_progress(handle, ctypes.byref(self.progress))
        if self.kind == "task":
            given = TaskGiven(struct_size=ctypes.sizeof(TaskGiven))
            lib.fate_event_task(handle, ctypes.byref(given))
            self.task = Task(given)

    def __repr__(self):
        return "Event(%s)" % ", ".join("%s=%r" % (name, getattr(self, name)) for name in self.__slots__
                                       if name == "kind" or getattr(self, name))


class Session(Handle):
    """One party of one job, driven by the application:

        while session.run(now):                # True until the job is finished
            for event in session.events(): ...
            session.receive(peer, frame)
        for event in session.events(): ...     # the last ones

    evidence: the log so far (b"" for a new run): there are then "evidence" events, whose bytes are to be appended to it. Options are those of fate_session_set_option: contact_timeout, loss_timeout, linger_timeout, window, durable, restart."""

    _free = "fate_session_free"

    def __init__(self, job, party, identity, table=None, purpose="train", validation=None, model=None, evidence=None, **options):
        context = job.context
        made = context.make("fate_session_new", job.handle, encode(party), identity.handle, purpose_number(purpose))
        super().__init__(made, [context, job, table, validation, model])
        self.table = table
        self.job, self.context, self.guard = job, context, Guard("this session")
        self.more = False
        for use, given in ((0, table), (1, validation)):
            if given is not None:
                self._call("fate_session_set_table", use, given.handle)
        if model is not None:
            self._call("fate_session_set_model", model.handle)
        if evidence is not None:
            self._call("fate_session_set_evidence", bytes(evidence), len(evidence))
        for name, value in options.items():
            self._call("fate_session_set_option", encode(name), value)

    def _call(self, name, *arguments):
        with self.guard.entered():
            code = getattr(library(), name)(self.handle, *arguments)
            if code < 0:
                lib = library()
                raise FateError(code, decode(lib.fate_session_error(self.handle)), party_or_none(lib.fate_session_error_party(self.handle)))
            return code

    def run(self, now, budget=0):
        """Works; False when the job is finished. Afterwards self.more says whether more can be done at once (the budget was used).

        now: milliseconds of any steady clock; budget: units of some milliseconds each, 0 without limit."""
        code = self._call("fate_session_run", int(now), budget)
        self.more = code == AGAIN
        return code != FINISHED

    def events(self):
        """All events since the last run; also to be fetched after run raised."""
        handle = ctypes.c_void_p()
        while True:
            with self.guard.entered():
                if library().fate_session_next(self.handle, ctypes.byref(handle)) != OK:
                    return
                event = Event(handle)
            yield event

    @property
    def deadline(self):
        """When run must be called again even if nothing arrives; None: never."""
        time = library().fate_session_deadline(self.handle)
        return None if time == NEVER else time

    def receive(self, peer, frame, link=0):
        """Hands over a frame. False: the window is full and nothing was taken; run, then offer it again."""
        frame = bytes(frame)
        return self._call("fate_session_receive", peer, link, frame, len(frame)) != AGAIN

    def connected(self, peer, link=0):
        self._call("fate_session_connected", peer, link)

    def disconnected(self, peer, link=0):
        self._call("fate_session_disconnected", peer, link)

    def complete_task(self, event, result=None, error=None):
        """Completes a task event. result: a TaskResult. error: a code of the application, at or below -1000, which ends the session and comes back
        from run."""
        done = TaskDone()
        kept = None if result is None else result.fill(done)
        self._call("fate_session_complete_task", event.identifier, OK if error is None else error, None if result is None else ctypes.byref(done))
        del kept

    def complete(self, event, value=None, error=None):
        """Completes a store or evidence event. value: for "get" the bytes, or None when there is none; for "list" the names. error: a code of the
        application, at or below -1000, which ends the session and comes back from run."""
        code = OK if error is None else error
        if event.kind == "list" and error is None:
            value = b"".join(encode(name) + b"\0" for name in value)
        elif event.kind == "get" and value is None and error is None:
            code = EMPTY
        data = bytes(value) if value is not None and error is None else b""
        self._call("fate_session_complete", event.identifier, code, data, len(data))

    def cancel(self):
        """Any thread: the session ends at the next opportunity."""
        library().fate_session_cancel(self.handle)

    @property
    def model(self):
        """After the end: the party's model; None when the protocol makes none."""
        made = ctypes.c_void_p()
        if self._call("fate_session_model", ctypes.byref(made)) == EMPTY:
            return None
        return Model(made.value, self.context)

    @property
    def scores(self):
        """After the end of a scoring job: the Scores, empty for a party that is not to get them."""
        made = ctypes.c_void_p()
        self._call("fate_session_scores", ctypes.byref(made))
        return Scores(made.value, self.context, self.table)

    @property
    def results(self):
        """After the end: columns of results by name, as memoryviews of doubles."""
        found, values, count = {}, ctypes.c_void_p(), ctypes.c_uint64()
        while True:
            name = library().fate_session_result_name(self.handle, len(found))
            if name is None:
                return found
            self._call("fate_session_result", name, ctypes.byref(values), ctypes.byref(count))
            found[decode(name)] = doubles(values.value, count.value, self)

    def counter(self, name):
        value = ctypes.c_uint64()
        self._call("fate_session_counter", encode(name), ctypes.byref(value))
        return value.value

    @property
    def traffic(self):
        """What crossed the seam, message by message: (message, peer, outgoing, count, bytes)."""
        rows = []
        name, peer, outgoing = ctypes.c_char_p(), ctypes.c_uint32(), ctypes.c_int32()
        messages, total = ctypes.c_uint64(), ctypes.c_uint64()
        while self._call("fate_session_traffic", len(rows), *map(ctypes.byref, (name, peer, outgoing, messages, total))) == OK:
            rows.append((decode(name.value), peer.value, outgoing.value == 1, messages.value, total.value))
        return rows
