"""Columns of Python as Arrow structures: lists, arrays, NumPy, pandas. Memory of numbers is lent to the library, not copied.

NumPy and pandas are used when the application has imported them, and are not needed otherwise."""
import array
import ctypes
import sys

from ._library import RELEASE_ARRAY, RELEASE_SCHEMA, ArrowArray, ArrowSchema

_INTEGERS = {("i", 1): b"c", ("u", 1): b"C", ("i", 2): b"s", ("u", 2): b"S", ("i", 4): b"i", ("u", 4): b"I", ("i", 8): b"l", ("u", 8): b"L"}
_FLOATS = {4: b"f", 8: b"g"}
# The formats of memoryview and of the array module, by their kind.
_KINDS = {**dict.fromkeys("bhilqn", "i"), **dict.fromkeys("BHILQN", "u")}


@RELEASE_SCHEMA
def _release_schema(schema):
    schema[0].release = RELEASE_SCHEMA()


@RELEASE_ARRAY
def _release_array(batch):
    batch[0].release = RELEASE_ARRAY()


class Column:
    """An Arrow type and its buffers; keeps what they point into."""

    def __init__(self, format, rows, buffers, keeps=(), dictionary=None):
        self.format, self.rows, self.buffers, self.keeps, self.dictionary = format, rows, buffers, list(keeps), dictionary

    def fill(self, name, schema, values):
        """Fills both structures; returns what must live as long as they."""
        lent = (ctypes.c_void_p * len(self.buffers))(*self.buffers)
        schema.format, schema.name, schema.flags, schema.release = self.format, name, 2, _release_schema
        values.length, values.null_count, values.release = self.rows, -1 if self.buffers and self.buffers[0] else 0, _release_array
        values.n_buffers, values.buffers = len(self.buffers), ctypes.cast(lent, ctypes.POINTER(ctypes.c_void_p))
        kept = [lent, self.keeps, self]
        if self.dictionary is not None:
            entries, texts = ArrowSchema(), ArrowArray()
            kept.append(self.dictionary.fill(b"", entries, texts))
            kept += [entries, texts]
            schema.dictionary, values.dictionary = ctypes.pointer(entries), ctypes.pointer(texts)
        return kept


class Batch:
    """A record batch of pairs of name and column."""

    def __init__(self, columns):
        self.schema, self.array = ArrowSchema(), ArrowArray()
        count = len(columns)
        self._schemas, self._arrays = (ArrowSchema * count)(), (ArrowArray * count)()
        self._schema_pointers = (ctypes.POINTER(ArrowSchema) * count)()
        self._array_pointers = (ctypes.POINTER(ArrowArray) * count)()
        self._buffers, self._kept = (ctypes.c_void_p * 1)(), []
        for i, (name, column) in enumerate(columns):
            text = name.encode("utf-8", "surrogateescape")
            self._kept += [text, column.fill(text, self._schemas[i], self._arrays[i])]
            self._schema_pointers[i] = ctypes.pointer(self._schemas[i])
            self._array_pointers[i] = ctypes.pointer(self._arrays[i])
        self.schema.format, self.schema.name, self.schema.n_children, self.schema.release = b"+s", b"", count, _release_schema
        self.schema.children = ctypes.cast(self._schema_pointers, ctypes.POINTER(ctypes.POINTER(ArrowSchema)))
        self.array.length = columns[0][1].rows if columns else 0
        self.array.n_buffers, self.array.buffers = 1, ctypes.cast(self._buffers, ctypes.POINTER(ctypes.c_void_p))
        self.array.n_children, self.array.release = count, _release_array
        self.array.children = ctypes.cast(self._array_pointers, ctypes.POINTER(ctypes.POINTER(ArrowArray)))


def _bits(flags):
    """Bits, the first lowest, as Arrow has them."""
    packed = bytearray((len(flags) + 7) // 8 or 1)
    for i, flag in enumerate(flags):
        if flag:
            packed[i // 8] |= 1 << i % 8
    return packed


def _lend(data):
    """The address of a writable buffer, and what keeps it."""
    place = (ctypes.c_char * len(data)).from_buffer(data)
    return ctypes.addressof(place), [data, place]


def _lend_array(data):
    address, _ = data.buffer_info()
    return address or ctypes.addressof(_nothing), [data]


_nothing = ctypes.create_string_buffer(8)  # where an empty buffer points


def _validity(flags):
    return (None, []) if all(flags) else _lend(_bits(flags))


def _of_numbers(format, data, validity=(None, [])):
    address, kept = _lend_array(data)
    return Column(format, len(data), [validity[0], address], kept + validity[1])


def _of_bools(values):
    address, kept = _lend(_bits(values))
    return Column(b"b", len(values), [None, address], kept)


def _of_texts(values):
    """values: texts, bytes, or None."""
    pieces = [b"" if value is None else value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape") for value in values]
    offsets, at = array.array("q", [0]), 0
    for piece in pieces:
        at += len(piece)
        offsets.append(at)
    validity, kept = _validity([value is not None for value in values])
    text, kept_text = _lend(bytearray(b"".join(pieces) or b"\0"))
    address, kept_offsets = _lend_array(offsets)
    format = b"Z" if any(isinstance(value, bytes) for value in values) else b"U"
    return Column(format, len(pieces), [validity, address, text], kept + kept_text + kept_offsets)


def _is_missing(value):
    return value is None or (isinstance(value, float) and value != value) or type(value).__name__ in ("NAType", "NaTType")


def _of_objects(name, values):
    """Any sequence of Python's numbers and texts."""
    clean = [None if _is_missing(value) else value for value in values]
    kinds = {type(value) for value in clean} - {type(None)}
    if not kinds:
        return Column(b"n", len(clean), [])  # Arrow's null type
    if all(issubclass(kind, (str, bytes)) for kind in kinds):
        return _of_texts(clean)
    if all(issubclass(kind, bool) for kind in kinds) and None not in clean:
        return _of_bools(clean)
    if all(hasattr(kind, "__index__") for kind in kinds):
        numbers = [0 if value is None else int(value) for value in clean]
        if min(numbers) >= -2**63 and max(numbers) < 2**63:
            return _of_numbers(b"l", array.array("q", numbers), _validity([value is not None for value in clean]))
    if not any(issubclass(kind, (str, bytes)) for kind in kinds):
        try:
            return _of_numbers(b"g", array.array("d", [float("nan") if value is None else float(value) for value in clean]))
        except (TypeError, ValueError, OverflowError):
            pass
    raise TypeError("column %r holds values of the types %s; a column is all numbers or all texts"
                    % (name, ", ".join(sorted(kind.__name__ for kind in kinds))))


def _of_buffer(name, view):
    """One-dimensional native numbers behind the buffer protocol."""
    kind = _KINDS.get(view.format.lstrip("@="))
    format = _INTEGERS.get((kind, view.itemsize)) if kind else _FLOATS.get(view.itemsize) if view.format in ("f", "d") else None
    if format is None or view.ndim != 1:
        raise TypeError("column %r has the buffer format %r with %d dimensions; give one dimension of integers or floats"
                        % (name, view.format, view.ndim))
    if len(view) == 0:
        return Column(format, 0, [None, ctypes.addressof(_nothing)])
    if view.c_contiguous and not view.readonly:
        place = (ctypes.c_char * view.nbytes).from_buffer(view)
        return Column(format, len(view), [None, ctypes.addressof(place)], [view, place])
    address, kept = _lend(bytearray(view.tobytes()))
    return Column(format, len(view), [None, address], kept)


def _of_numpy(name, values):
    numpy = sys.modules["numpy"]
    if values.ndim != 1:
        raise TypeError("column %r has %d dimensions; give one" % (name, values.ndim))
    if values.dtype.kind == "b":
        packed = numpy.packbits(values, bitorder="little")
        return Column(b"b", len(values), [None, packed.ctypes.data or ctypes.addressof(_nothing)], [packed])
    format = _INTEGERS.get((values.dtype.kind, values.dtype.itemsize)) or (values.dtype.kind == "f" and _FLOATS.get(values.dtype.itemsize))
    if values.dtype.kind == "f" and not format:
        values, format = values.astype("f8"), b"g"
    if not format:
        if values.dtype.kind not in "OUS":
            raise TypeError("column %r has the dtype %s; cast it to numbers or texts" % (name, values.dtype))
        return _of_objects(name, values.tolist())
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    values = numpy.ascontiguousarray(values)
    return Column(format, len(values), [None, values.ctypes.data or ctypes.addressof(_nothing)], [values])


def _of_pandas(name, series):
    dtype = series.dtype
    if hasattr(dtype, "categories"):
        numpy = sys.modules["numpy"]
        codes = series.cat.codes.to_numpy()
        column = _of_numpy(name, codes)
        valid = numpy.packbits(codes >= 0, bitorder="little")
        column.buffers[0] = valid.ctypes.data if len(valid) else None
        column.keeps.append(valid)
        column.dictionary = _of_texts([value if isinstance(value, (str, bytes)) else str(value) for value in dtype.categories])
        return column
    if dtype.kind in "iufb" and type(dtype).__module__.startswith("numpy"):
        return _of_numpy(name, series.to_numpy())
    if dtype.kind in "iub" and not series.isna().any():
        return _of_numpy(name, series.to_numpy(dtype=dtype.kind if dtype.kind == "b" else "%s8" % dtype.kind))
    if dtype.kind in "iufb":
        return _of_numpy(name, series.to_numpy(dtype="f8", na_value=float("nan")))
    return _of_objects(name, series.tolist())


def column(name, values):
    """The column of one sequence."""
    if "pandas" in sys.modules and isinstance(values, (sys.modules["pandas"].Series, sys.modules["pandas"].Index)):
        return _of_pandas(name, values.to_series() if isinstance(values, sys.modules["pandas"].Index) else values)
    if "numpy" in sys.modules and isinstance(values, sys.modules["numpy"].ndarray):
        return _of_numpy(name, values)
    if not isinstance(values, (list, tuple, str, bytes)):
        try:
            view = memoryview(values)
        except TypeError:
            pass
        else:
            return _of_buffer(name, view)
    if isinstance(values, (str, bytes)):
        raise TypeError("column %r is one text; give a sequence of values" % (name,))
    return _of_objects(name, list(values))


def batch(columns):
    """A record batch from a mapping of names to sequences of one length."""
    made = [(str(name), column(name, values)) for name, values in columns.items()]
    if len({each.rows for _, each in made}) > 1:
        raise ValueError("columns differ in length: " + ", ".join("%s has %d" % (name, each.rows) for name, each in made))
    return Batch(made)
