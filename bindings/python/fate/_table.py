"""Tables in, scores out."""
import ctypes

from . import _capsules, _columns
from ._library import ArrowArray, ArrowSchema, library
from ._objects import Handle, copy_bytes, decode, encode


def doubles(address, count, keeps):
    """Numbers of the library as a read-only memoryview, without a copy; `keeps` stays alive as long as it."""
    if not count:
        return memoryview(b"").cast("d")
    kind = type("Doubles", (ctypes.c_double * count,), {})
    place = kind.from_address(address)
    place.keeps = keeps
    return memoryview(place).cast("B").cast("d").toreadonly()


class Table(Handle):
    """Rows with ids, features, a label, weights; in bytewise order of the ids."""

    _free = "fate_table_free"

    def __init__(self, handle, context):
        super().__init__(handle, [context])
        self.context = context

    @classmethod
    def from_csv(cls, path, schema):
        """schema: a Schema, mostly job.schema(party)."""
        context = schema.context
        return cls(context.make("fate_table_read_csv", encode(path), schema.handle), context)

    @classmethod
    def from_csv_text(cls, text, schema, name="table"):
        context, text = schema.context, encode(text)
        return cls(context.make("fate_table_parse_csv", encode(name), text, len(text), schema.handle), context)

    @classmethod
    def from_columns(cls, columns, schema):
        """columns: names with lists, arrays, NumPy arrays or pandas Series; a pandas DataFrame is such a mapping too.

        None, NaN and pandas' NA are missing. Texts are categories, in columns that the schema lists or that pandas has as categorical."""
        batch = _columns.batch(columns)
        return cls._import(batch.schema, batch.array, 1, schema)

    @classmethod
    def from_arrow(cls, data, schema):
        """data: what has __arrow_c_stream__ or __arrow_c_array__, as tables of pyarrow, Polars, DuckDB and pandas have."""
        batches = _capsules.Batches(data)
        try:
            return cls._import(batches.schema, batches.batches, len(batches.batches), schema)
        finally:
            batches.close()

    def aligned(self, alignment):
        """The rows that an alignment (fate.align, Model) names, in its order."""
        made = ctypes.c_void_p()
        self.context.run("fate_table_align", self.handle, ctypes.byref(made), alignment.handle)
        return Table(made.value, self.context)

    @classmethod
    def _import(cls, arrow_schema, batches, count, schema):
        context = schema.context
        return cls(context.make("fate_table_import_arrow", ctypes.byref(arrow_schema), ctypes.byref(batches), count, schema.handle), context)

    def __len__(self):
        return library().fate_table_rows(self.handle)

    @property
    def columns(self):
        """The names of the feature columns."""
        return [decode(library().fate_table_column_name(self.handle, i)) for i in range(library().fate_table_columns(self.handle))]

    def set_direction(self, column, direction):
        """1: scores may only rise with this column, -1: only fall, 0: either. Before the table is given to a run."""
        self.context.call("fate_table_set_direction", self.handle, encode(column), direction)

    @property
    def ids(self):
        """The ids, as bytes."""
        length, ids = ctypes.c_uint64(), []
        for row in range(len(self)):
            address = library().fate_table_row_id(self.handle, row, ctypes.byref(length))
            ids.append(copy_bytes(address, length.value))
        return ids

    @property
    def label(self):
        """The labels as a memoryview of doubles; None when there are none."""
        address = library().fate_table_label(self.handle)
        return doubles(address, len(self), self) if address else None

    @property
    def digest(self):
        """Of everything that the table holds: equal tables have equal digests."""
        digest = ctypes.create_string_buffer(32)
        self.context.run("fate_table_digest", self.handle, digest)
        return digest.raw

    def __repr__(self):
        return "Table(%d rows, %d columns)" % (len(self), len(self.columns))


class Scores(Handle):
    """A column of numbers or more, one for each row of the table that was scored. scores["score"] is a memoryview of doubles, which
    NumPy and the like take without a copy; a party that is not to get scores has none."""

    _free = "fate_scores_free"

    def __init__(self, handle, context, table):
        super().__init__(handle, [context, table])
        self.context, self.table = context, table

    def __len__(self):
        return library().fate_scores_rows(self.handle)

    @property
    def columns(self):
        return [decode(library().fate_scores_column_name(self.handle, i)) for i in range(library().fate_scores_columns(self.handle))]

    @property
    def ids(self):
        return self.table.ids

    def __getitem__(self, name):
        if name not in self.columns:
            raise KeyError(name)
        address = library().fate_scores_values(self.handle, self.columns.index(name))
        return doubles(address, len(self), self)

    def write_csv(self, path):
        self.context.run("fate_scores_write_csv", self.handle, self.table.handle, encode(path))

    def __arrow_c_array__(self, requested_schema=None):
        """The Arrow PyCapsule interface: pyarrow.record_batch(scores), polars.DataFrame(scores)."""
        schema, batch = ArrowSchema(), ArrowArray()
        self.context.run("fate_scores_export_arrow", self.handle, self.table.handle, ctypes.byref(schema), ctypes.byref(batch))
        return _capsules.export(schema, batch)
