"""Additively homomorphic encryption on vectors. include/fate/encryption.h says what holds and what is assumed; read its rules on
Okamoto-Uchiyama before choosing it."""
import array
import ctypes
import secrets

from ._library import library
from ._numbers import doubles, indices, integers, signed, words
from ._objects import Handle, context_or_default, decode, encode

SEED = 32


def _seed(seed):
    """Secret bytes for one vector; fresh ones unless given."""
    if seed is None:
        return secrets.token_bytes(SEED)
    if len(seed) != SEED:
        raise ValueError("a seed has %d bytes, not %d" % (SEED, len(seed)))
    return bytes(seed)


def _exported(context, function, handle):
    data, length = ctypes.c_void_p(), ctypes.c_uint64()
    context.run(function, handle, ctypes.byref(data), ctypes.byref(length))
    copy = ctypes.string_at(data.value, length.value)
    ctypes.memset(data.value, 0, length.value)
    library().fate_free(context.handle, data.value)
    return copy


class _Encrypts(Handle):
    """What both halves of a key can do. A seed is for one vector of plaintexts and stays secret; leave it out for a fresh one."""

    _kind = None  # the prefix of the C functions

    def __init__(self, handle, context):
        super().__init__(handle, [context])
        self.context = context

    def encrypt(self, values, seed=None):
        """Encrypts integers that are not negative, of any length below 2^plaintext_bits. An array of unsigned 64-bit numbers is not copied."""
        lent, length = words(values)
        vector = self.zeros(lent.count // length)
        self.context.run(self._kind + "_encrypt", self.handle, vector.handle, 0, len(vector), lent.address, length, _seed(seed))
        return vector

    def encrypt_numbers(self, values, scale_bits=32, seed=None):
        """Encrypts floats as multiples of 2^-scale_bits, the nearest ones; with the scale they are below 2^62 in size."""
        lent = doubles(values)
        vector = self.zeros(lent.count)
        self.context.run(self._kind + "_encrypt_numbers", self.handle, vector.handle, 0, len(vector), lent.address, scale_bits, _seed(seed))
        return vector


class PublicKey(_Encrypts):
    """Encrypts; bytes(key) is what others get."""

    _free, _kind = "fate_public_key_free", "fate_public_key"

    @classmethod
    def from_bytes(cls, data, context=None):
        """A key from anyone: every field is checked."""
        context = context_or_default(context)
        return cls(context.make("fate_public_key_import", bytes(data), len(data)), context)

    def __bytes__(self):
        return _exported(self.context, "fate_public_key_export", self.handle)

    @property
    def scheme(self):
        return decode(library().fate_public_key_scheme(self.handle))

    @property
    def bits(self):
        return library().fate_public_key_bits(self.handle)

    @property
    def plaintext_bits(self):
        """Plaintexts, and sums of them, are below 2^plaintext_bits: beyond it sums wrap unseen."""
        return library().fate_public_key_plaintext_bits(self.handle)

    @property
    def ciphertext_bytes(self):
        return library().fate_public_key_ciphertext_bytes(self.handle)

    def option(self, name):
        """"obfuscator_bits" or "scan_tables"."""
        value = ctypes.c_uint64()
        self.context.run("fate_public_key_option", self.handle, encode(name), ctypes.byref(value))
        return value.value

    def zeros(self, count):
        """Zeros to add to: not to be sent before rerandomise()."""
        made = ctypes.c_void_p()
        self.context.run("fate_ciphertexts_new", self.handle, ctypes.byref(made), count)
        return Ciphertexts(made.value, self)

    def read(self, data):
        """Ciphertexts from bytes of anyone: every one is checked."""
        count, rest = divmod(len(data), self.ciphertext_bytes)
        vector = self.zeros(count + (rest > 0))  # which the library then refuses
        self.context.run("fate_ciphertexts_read", vector.handle, 0, len(vector), bytes(data), len(data))
        return vector


class SecretKey(_Encrypts):
    """Decrypts, and encrypts in half the time or less. bytes(key) is the key itself, not encrypted."""

    _free, _kind = "fate_secret_key_free", "fate_secret_key"

    def __init__(self, handle, context):
        super().__init__(handle, context)
        made = ctypes.c_void_p()
        context.run("fate_secret_key_public", handle, ctypes.byref(made))
        self.public = PublicKey(made.value, context)

    @classmethod
    def generate(cls, scheme="paillier", bits=2048, context=None, seed=None, **options):
        """scheme: "paillier" or "okamoto-uchiyama"; bits: 2048, 3072 or 4096; options: obfuscator_bits, scan_tables."""
        context = context_or_default(context)
        names = (ctypes.c_char_p * max(1, len(options)))(*[encode(name) for name in options])
        values = (ctypes.c_uint64 * max(1, len(options)))(*[int(value) for value in options.values()])
        return cls(context.make("fate_secret_key_generate_with", encode(scheme), bits, names, values, len(options),
                                None if seed is None else _seed(seed)), context)

    @classmethod
    def from_bytes(cls, data, context=None):
        context = context_or_default(context)
        return cls(context.make("fate_secret_key_import", bytes(data), len(data)), context)

    def __bytes__(self):
        return _exported(self.context, "fate_secret_key_export", self.handle)

    def zeros(self, count):
        return self.public.zeros(count)

    def _decrypt(self, vector, length):
        values = array.array("Q", bytes(8 * length * len(vector)))
        self.context.run("fate_secret_key_decrypt", self.handle, vector.handle, 0, len(vector), values.buffer_info()[0] or None, length)
        return values

    def _words(self, bits):
        return ((self.public.plaintext_bits if bits is None else bits) + 63) // 64

    def decrypt(self, vector, bits=None):
        """The plaintexts as integers. bits: how long they are at most, rounded up to a multiple of 64; a longer one raises FATE_E_RANGE.
        Paillier takes half the time for a quarter of the key's bits or less."""
        length = self._words(bits)
        return integers(self._decrypt(vector, length), length)

    def decrypt_numbers(self, vector, scale_bits=32):
        """The floats as an array("d"), which NumPy takes without a copy."""
        values = array.array("d", bytes(8 * len(vector)))
        self.context.run("fate_secret_key_decrypt_numbers", self.handle, vector.handle, 0, len(vector), values.buffer_info()[0] or None,
                         scale_bits)
        return values

    def decrypt_packed(self, packed, count, slot_bits, slots, most=None):
        """The `count` integers that Ciphertexts.pack put together. most: the largest that one can be; a greater one raises FATE_E_RANGE, and
        so does a slot that has run over."""
        length, slot_words, limit = self._words(None), (slot_bits + 63) // 64, None
        if most is not None:
            limit, slot_words = words([most], slot_words)
        given = self._decrypt(packed, length)
        values = array.array("Q", bytes(8 * slot_words * count))
        self.context.call("fate_plaintexts_unpack", values.buffer_info()[0] or None, count, slot_words, given.buffer_info()[0] or None,
                          length, slot_bits, slots, limit and limit.address)
        return integers(values, slot_words)


class Ciphertexts(Handle):
    """A vector. += and -= change it, + and - make another; bytes(vector) is what is sent.

    Who knows what was added can test guesses of a sum: rerandomise() before it is sent to somebody who does."""

    _free = "fate_ciphertexts_free"
    __array_ufunc__ = None  # so that NumPy leaves factors * vector to __rmul__

    def __init__(self, handle, key):
        super().__init__(handle, [key])
        self.key, self.context = key, key.context

    def __len__(self):
        return library().fate_ciphertexts_count(self.handle)

    def __bytes__(self):
        data = ctypes.create_string_buffer(max(1, len(self) * self.key.ciphertext_bytes))
        self.context.run("fate_ciphertexts_write", self.handle, 0, len(self), data)
        return data.raw[:len(self) * self.key.ciphertext_bytes]

    def _made(self, name, *arguments):
        made = ctypes.c_void_p()
        self.context.run(name, self.handle, ctypes.byref(made), *arguments)
        return Ciphertexts(made.value, self.key)

    def _change(self, name, *arguments):
        self.context.run(name, self.handle, *arguments)
        return self

    def copy(self):
        return self.key.zeros(len(self))._change("fate_ciphertexts_add", self.handle)

    def __iadd__(self, other):
        return self._change("fate_ciphertexts_add", other.handle) if isinstance(other, Ciphertexts) else NotImplemented

    def __isub__(self, other):
        return self._change("fate_ciphertexts_subtract", other.handle) if isinstance(other, Ciphertexts) else NotImplemented

    def __imul__(self, factors):
        """By one integer for all, or by one for each, of 64 bits."""
        lent = signed(factors if hasattr(factors, "__len__") else [factors] * len(self))
        if lent.count != len(self):
            raise ValueError("%d factors for %d ciphertexts" % (lent.count, len(self)))
        return self._change("fate_ciphertexts_multiply", lent.address)

    def __add__(self, other):
        return self.copy().__iadd__(other) if isinstance(other, Ciphertexts) else NotImplemented

    def __sub__(self, other):
        return self.copy().__isub__(other) if isinstance(other, Ciphertexts) else NotImplemented

    def __mul__(self, factors):
        return self.copy().__imul__(factors)

    __rmul__ = __mul__

    def __neg__(self):
        return self.copy()._change("fate_ciphertexts_negate")

    def sum(self):
        """A vector of one item: the sum of all."""
        return self._made("fate_ciphertexts_sum")

    def gather_add(self, values, index, rows=None):
        """Adds ciphertexts into bins, this vector's items: self[index[i]] += values[i], or values[rows[i]]; None as index skips one. Arrays of
        unsigned 32-bit numbers are not copied."""
        bins, chosen = indices(index), indices(rows) if rows is not None else None
        if chosen is not None and chosen.count != bins.count:
            raise ValueError("%d rows for %d indices" % (chosen.count, bins.count))
        if chosen is None:
            return self._change("fate_ciphertexts_gather_add", values.handle, 0, bins.count, bins.address)
        return self._change("fate_ciphertexts_gather_add_rows", values.handle, chosen.address, bins.address, bins.count)

    def multiply_matrix(self, matrix, value_bits):
        """Rows of signed integers times this vector: one ciphertext a row. value_bits: all plaintexts are below 2^value_bits in size."""
        rows = list(matrix)
        if any(len(row) != len(self) for row in rows):
            raise ValueError("a row of the matrix has %d numbers, one for each ciphertext" % len(self))
        lent = signed([number for row in rows for number in row])
        return self._made("fate_ciphertexts_multiply_matrix", lent.address, len(rows), value_bits)

    def pack(self, slot_bits, slots):
        """Puts `slots` plaintexts of slot_bits each into one; SecretKey.decrypt_packed takes them apart."""
        return self._made("fate_ciphertexts_pack", slot_bits, slots)

    def rerandomise(self, seed=None):
        """Fresh obfuscators for all."""
        return self._change("fate_ciphertexts_rerandomise", _seed(seed))
