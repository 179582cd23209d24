"""Sequences of numbers as C arrays: what has such memory lends it, anything else is copied."""
import array
import ctypes
import operator
import sys

_DOUBLES, _SIGNED, _UNSIGNED = "d", "lqn", "LQN"


class Lent:
    """The address of numbers in C's memory, as long as this object lives."""

    def __init__(self, values, code):
        self.keeps = values
        if isinstance(values, array.array):
            self.address = values.buffer_info()[0] or None
        else:
            place = (ctypes.c_char * values.nbytes).from_buffer(values)
            self.keeps = (values, place)
            self.address = ctypes.addressof(place)
        self.count, self.code = len(values), code


def _view(values, formats, size):
    """The memory of a buffer that is as wanted and may be lent, else None."""
    if isinstance(values, (list, tuple)):
        return None
    try:
        view = memoryview(values)
    except TypeError:
        return None
    fits = view.ndim == 1 and view.format.lstrip("@=") in formats and view.itemsize == size and view.c_contiguous
    return view if fits and not view.readonly and len(view) > 0 else None


def _lend(values, code, formats, convert):
    size = array.array(code).itemsize
    view = _view(values, formats, size)
    if view is not None:
        return Lent(view, code)
    return Lent(array.array(code, [convert(value) for value in values]), code)


def doubles(values):
    return _lend(values, "d", _DOUBLES, float)


def signed(values):
    """Numbers of 64 bits."""
    return _lend(values, "q", _SIGNED, operator.index)


def indices(values):
    """Numbers of 32 bits; None is the one that means no index."""
    return _lend(values, "I", "IL", lambda value: 0xffffffff if value is None else operator.index(value))


def _swap(words):
    if sys.byteorder == "big":
        words.byteswap()
    return words


def words(values, least=1):
    """Non-negative integers of any length, and how many 64-bit words each takes, at least so many."""
    view = _view(values, _UNSIGNED, 8) if least == 1 else None
    if view is not None:
        return Lent(view, "Q"), 1
    numbers = [operator.index(value) for value in values]
    if numbers and min(numbers) < 0:
        raise ValueError("plaintexts are not negative; encrypt_numbers takes negative numbers")
    length = max(least, (max(numbers, default=0).bit_length() + 63) // 64)
    return Lent(_swap(array.array("Q", b"".join(number.to_bytes(8 * length, "little") for number in numbers))), "Q"), length


def integers(given, length):
    """The way back: integers of `length` words each."""
    if length == 1:
        return list(given)
    data = _swap(given).tobytes()
    return [int.from_bytes(data[at:at + 8 * length], "little") for at in range(0, len(data), 8 * length)]
