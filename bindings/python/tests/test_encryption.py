"""Encryption: keys, and what is computed on ciphertexts, against Python's integers."""
import array
import random
import unittest

from support import Case, fate

SEED = bytes(range(32))


class EncryptionTest(Case):
    @classmethod
    def setUpClass(cls):
        cls.context = fate.Context(2)
        cls.keys = [fate.SecretKey.generate(scheme, 2048, cls.context, seed=SEED) for scheme in ("paillier", "okamoto-uchiyama")]

    def test_keys(self):
        for key, bits, size in zip(self.keys, (2047, 554), (512, 256)):
            public = fate.PublicKey.from_bytes(bytes(key.public), self.context)
            self.assertEqual((public.bits, public.plaintext_bits, public.ciphertext_bytes), (2048, bits, size))
            again = fate.SecretKey.from_bytes(bytes(key), self.context)
            self.assertEqual(bytes(again.public), bytes(public))
            self.assertEqual(again.decrypt(public.encrypt([1, 2, 3])), [1, 2, 3])
            self.assertEqual(public.option("scan_tables"), 0)
        self.assertEqual([key.public.scheme for key in self.keys], ["paillier", "okamoto-uchiyama"])
        self.assert_error("FATE_E_FORMAT", fate.PublicKey.from_bytes, b"no key")
        self.assert_error("FATE_E_KEY", fate.SecretKey.generate, bits=1024)
        self.assert_error("FATE_E_ARGUMENT", fate.SecretKey.generate, scans=1)
        chosen = fate.SecretKey.generate("okamoto-uchiyama", context=self.context, scan_tables=True)
        self.assertEqual(chosen.public.option("scan_tables"), 1)

    def test_integers(self):
        chance = random.Random(1)
        for key in self.keys:
            long = [chance.getrandbits(key.public.plaintext_bits) for _ in range(9)] + [0, 2**64, 2**key.public.plaintext_bits - 1]
            for values in (long, [], [7], array.array("Q", [2**64 - 1, 0]), (1, 2), range(5)):
                self.assertEqual(key.decrypt(key.public.encrypt(values)), list(values))
                self.assertEqual(key.decrypt(key.encrypt(values), None if values is long else 64), list(values))
            self.assertEqual(bytes(key.encrypt(long, SEED)), bytes(key.public.encrypt(long, SEED)))
            self.assertNotEqual(bytes(key.encrypt([1])), bytes(key.encrypt([1])))
            self.assert_error("FATE_E_RANGE", key.encrypt, [2**key.public.plaintext_bits])
            self.assert_error("FATE_E_RANGE", key.decrypt, key.encrypt([2**64]), 64)
            self.assertRaises(ValueError, key.encrypt, [-1])
            self.assertRaises(ValueError, key.encrypt, [1], b"short")
            self.assertRaises(TypeError, key.encrypt, [1.5])

    def test_numbers(self):
        for key in self.keys:
            one, other = key.encrypt_numbers([1.5, -2.25, 0]), key.public.encrypt_numbers(array.array("d", [-2, 0.125, 3]))
            self.assertEqual(list(key.decrypt_numbers(one + other)), [-0.5, -2.125, 3])
            self.assertEqual(list(key.decrypt_numbers(one - other)), [3.5, -2.375, -3])
            self.assertEqual(list(key.decrypt_numbers(-one)), [-1.5, 2.25, 0])
            self.assertEqual(list(key.decrypt_numbers(one * -3)), [-4.5, 6.75, 0])
            self.assertEqual(list(key.decrypt_numbers([2, 1, 5] * one)), [3, -2.25, 0])
            self.assertEqual(list(key.decrypt_numbers(one.sum())), [-0.75])
            self.assertEqual(list(key.decrypt_numbers(one)), [1.5, -2.25, 0])
            self.assert_error("FATE_E_RANGE", key.encrypt_numbers, [1e30])

    def test_sums(self):
        chance = random.Random(2)
        for key in self.keys:
            values = [chance.getrandbits(40) for _ in range(50)]
            index = [chance.choice([None, 0, 1, 2]) for _ in values]
            rows = [chance.randrange(50) for _ in values]
            vector, bins = key.encrypt(values), key.public.zeros(3)
            bins.gather_add(vector, index)
            wanted = [sum(value for value, to in zip(values, index) if to == bin) for bin in range(3)]
            self.assertEqual(key.decrypt(bins), wanted)
            bins.gather_add(vector, index, rows)
            self.assertEqual(key.decrypt(bins), [wanted[bin] + sum(values[row] for row, to in zip(rows, index) if to == bin) for bin in range(3)])
            matrix = [[chance.randrange(-9, 10) for _ in values] for _ in range(4)]
            products = key.decrypt_numbers(vector.multiply_matrix(matrix, 40), 0)
            self.assertEqual(list(products), [sum(a * b for a, b in zip(row, values)) for row in matrix])
            packed = vector.pack(41, 12)
            self.assertEqual(key.decrypt_packed(packed, 50, 41, 12), values)
            self.assertEqual(key.decrypt_packed(packed, 50, 41, 12, most=2**40 - 1), values)
            self.assert_error("FATE_E_RANGE", key.decrypt_packed, packed, 50, 41, 12, most=max(values) - 1)
            self.assertRaises(ValueError, bins.gather_add, vector, index, rows[1:])
            self.assertRaises(ValueError, vector.multiply_matrix, [[1]], 40)
            self.assertRaises(ValueError, vector.__mul__, [1])
            self.assertRaises(TypeError, lambda: vector + 1)
            self.assert_error("FATE_E_ARGUMENT", vector.__add__, bins)

    def test_wire(self):
        for key in self.keys:
            public, vector = fate.PublicKey.from_bytes(bytes(key.public)), key.encrypt([5, 6, 7])
            received = public.read(bytes(vector))
            received += public.encrypt([10, 20, 30])
            self.assertEqual(len(bytes(received)), 3 * public.ciphertext_bytes)
            before = bytes(received)
            self.assertNotEqual(bytes(received.rerandomise()), before)
            self.assertEqual(key.decrypt(key.public.read(bytes(received))), [15, 26, 37])
            self.assertEqual(len(public.read(b"")), 0)
            self.assert_error("FATE_E_FORMAT", public.read, bytes(vector)[1:])
            self.assert_error("FATE_E_FORMAT", public.read, bytes(public.ciphertext_bytes))

    def test_numpy(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("NumPy is not here")
        key = self.keys[1]
        numbers = numpy.linspace(-1, 1, 9)
        vector = key.encrypt_numbers(numbers, 40)
        self.assertTrue(numpy.allclose(numpy.asarray(key.decrypt_numbers(vector, 40)), numbers, atol=2.0**-40))
        self.assertTrue(numpy.allclose(key.decrypt_numbers(numpy.arange(9) * vector, 40), numbers * numpy.arange(9), atol=9 * 2.0**-40))
        self.assertTrue(numpy.allclose(key.decrypt_numbers(key.encrypt_numbers(numbers[::2].astype("f4"))), numbers[::2]))
        self.assertEqual(key.decrypt(key.encrypt(numpy.arange(4, dtype="u8"))), [0, 1, 2, 3])
        self.assertEqual(key.decrypt(key.encrypt(numpy.arange(4, dtype="i2"))), [0, 1, 2, 3])
        bins = key.public.zeros(2).gather_add(vector, numpy.array([0, 1] * 4 + [0], dtype="u4"))
        self.assertTrue(numpy.allclose(key.decrypt_numbers(bins, 40), [numbers[::2].sum(), numbers[1::2].sum()]))


class MetricsTest(Case):
    def test_classes(self):
        good = fate.Metrics([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
        self.assertEqual((good.task, good["auc"], good["accuracy"], good["rmse"]), ("binary", 0.75, 0.75, None))
        self.assertEqual(good.lift(10), (1, 1))
        self.assertEqual(good.as_dict()["auc"], 0.75)
        self.assertIn("auc", str(good))
        self.assertIsNone(fate.Metrics([0.5], [1])["auc"])
        self.assert_error("FATE_E_ARGUMENT", good.__getitem__, "beauty")
        several = fate.Metrics([0.7, 0.2, 0.1, 0.1, 0.2, 0.7], [0, 1], classes=3)
        self.assertEqual((several.task, several["accuracy"]), ("multiclass", 0.5))

    def test_numbers(self):
        measured = fate.Metrics([1, 2, 3], [1, 2, 5], weights=[1, 1, 2])
        self.assertEqual((measured.task, measured["mae"], measured["auc"]), ("regression", 1, None))
        self.assertIsNone(measured.lift(1))
        self.assertEqual(fate.Metrics([0, 1], [0, 1], task="regression").task, "regression")
        self.assertRaises(ValueError, fate.Metrics, [1, 2], [1])
        self.assertRaises(ValueError, fate.Metrics, [1], [1], [1, 1])
        self.assert_error("FATE_E_ARGUMENT", fate.Metrics, [float("nan")], [1])


if __name__ == "__main__":
    unittest.main()
