"""The Arrow PyCapsule interface, by which libraries of Python hand record batches to each other: in and out."""
import ctypes

from ._library import ArrowArray, ArrowSchema, ArrowStream, RELEASE_STREAM

_get = ctypes.pythonapi.PyCapsule_GetPointer
_get.restype, _get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
_get_dying = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))
_DESTRUCTOR = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)
_new = ctypes.pythonapi.PyCapsule_New
_new.restype, _new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, _DESTRUCTOR]

_SCHEMA, _ARRAY, _STREAM = b"arrow_schema", b"arrow_array", b"arrow_array_stream"


def _structure(capsule, name, kind):
    return kind.from_address(_get(capsule, name))


class Batches:
    """What an object with __arrow_c_stream__ or __arrow_c_array__ hands over: a schema, and record batches side by side in memory."""

    def __init__(self, data):
        self._owned, self.batches = [], (ArrowArray * 0)()
        if hasattr(data, "__arrow_c_stream__"):
            capsule = data.__arrow_c_stream__()
            self._read(_structure(capsule, _STREAM, ArrowStream))
        elif hasattr(data, "__arrow_c_array__"):
            self._capsules = data.__arrow_c_array__()  # they release what nobody took
            self.schema = _structure(self._capsules[0], _SCHEMA, ArrowSchema)
            self.batches = (ArrowArray * 1).from_address(_get(self._capsules[1], _ARRAY))
        else:
            raise TypeError("%s has neither __arrow_c_stream__ nor __arrow_c_array__" % type(data).__name__)

    def _read(self, stream):
        def check(code):
            if code != 0:
                reason = stream.get_last_error(stream)
                raise OSError(code, reason.decode("utf-8", "replace") if reason else "the Arrow stream failed")

        self.schema = ArrowSchema()
        try:
            check(stream.get_schema(stream, self.schema))
            self._owned.append(self.schema)
            batches = []
            while True:
                batch = ArrowArray()
                check(stream.get_next(stream, batch))
                if not batch.release:
                    break
                batches.append(batch)
                self._owned.append(batch)
        except BaseException:
            self.close()
            raise
        finally:
            if stream.release:
                stream.release(stream)
                stream.release = RELEASE_STREAM()
        self.batches = (ArrowArray * len(batches))(*batches)  # moved: the copies are the ones to release
        del self._owned[1:]
        self._owned += [self.batches[i] for i in range(len(batches))]

    def close(self):
        """Releases what the library did not take."""
        for structure in self._owned:
            if structure.release:
                structure.release(structure)
        self._owned = []


_lent = {}  # structures that a capsule of ours points to, by address


def _free(capsule, name):
    address = _get_dying(capsule, name)
    structure = _lent.pop(address)
    if structure.release:
        structure.release(structure)


_free_schema = _DESTRUCTOR(lambda capsule: _free(capsule, _SCHEMA))
_free_array = _DESTRUCTOR(lambda capsule: _free(capsule, _ARRAY))


def export(schema, batch):
    """Two capsules that own the structures."""
    capsules = []
    for structure, name, free in ((schema, _SCHEMA, _free_schema), (batch, _ARRAY, _free_array)):
        address = ctypes.addressof(structure)
        _lent[address] = structure
        capsules.append(_new(address, name, free))
    return tuple(capsules)
