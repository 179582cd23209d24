"""Single rows, scored one after the other in a session that stays open."""
import ctypes

from ._hooks import Drive
from ._objects import EMPTY
from ._session import Session


class Serving:
    """The party that asks, the guest of vertical boosting. Its peers run serve() meanwhile.

        with fate.Serving(job, "bank", identity, model, fate.Tcp(job, "bank")) as serving:
            scores = serving.ask(row)  # a Table of one row, made with job.schema("bank", "serve")

    Nothing runs between two calls: ask at least every 10 seconds, or peers begin new handshakes."""

    def __init__(self, job, party, identity, model, transport, observer=None):
        self._session = Session(job, party, identity, purpose="serve", model=model)
        self._drive = Drive(transport, None, observer)

    def ask(self, row):
        """One round trip: the row's numbers as a list, in the order of the columns of Scores; None when a peer does not have a row of this id."""
        return self._ask(row.handle)

    def end(self):
        """Tells the peers that no more is asked, which ends their serve() too."""
        self._ask(None)

    def _ask(self, row):
        values, count, tables = ctypes.c_void_p(), ctypes.c_uint64(), self._drive.tables
        code = self._drive.run(self._session, "fate_ask", tables[0], tables[2], row, ctypes.byref(values), ctypes.byref(count))
        return None if code == EMPTY else list((ctypes.c_double * count.value).from_address(values.value)) if count.value else []

    def close(self):
        """Frees the session, whether or not peers were told."""
        self._session.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *exception):
        try:
            if kind is None:
                self.end()
        finally:
            self.close()


def serve(job, party, identity, model, table, transport, observer=None):
    """Answers the rows that the guest asks about, those of table, until the guest asks no more."""
    session, drive = Session(job, party, identity, table, "serve", model=model), Drive(transport, None, observer)
    with session:
        drive.run(session, "fate_drive", *drive.tables)
