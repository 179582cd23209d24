"""Tables from every source are the same table; what is wrong is said; scores go out."""
import array
import math
import unittest

from support import Case, csv_of, fate, tables

try:
    import numpy
except ImportError:
    numpy = None
try:
    import pandas
except ImportError:
    pandas = None
try:
    import pyarrow
except ImportError:
    pyarrow = None

COLUMNS = dict(tables(30)[0], region=tables(30)[1]["region"], visits=tables(30)[1]["visits"])
needs_numpy = unittest.skipUnless(numpy, "NumPy is not here")
needs_pandas = unittest.skipUnless(pandas, "pandas is not here")
needs_pyarrow = unittest.skipUnless(pyarrow and pandas, "pyarrow or pandas is not here")


class TableTest(Case):
    def setUp(self):
        self.schema = fate.Schema("id", label="y", categorical=["purpose", "region"])
        self.expected = fate.Table.from_csv_text(csv_of(COLUMNS), self.schema).digest

    def same(self, columns):
        self.assertEqual(fate.Table.from_columns(columns, self.schema).digest, self.expected)

    def test_lists(self):
        table = fate.Table.from_columns(COLUMNS, self.schema)
        self.assertEqual(table.digest, self.expected)
        self.assertEqual((len(table), table.columns), (30, ["amount", "purpose", "region", "visits"]))
        self.assertEqual(table.ids, [text.encode() for text in COLUMNS["id"]])
        self.assertEqual(list(table.label), COLUMNS["y"])

    def test_arrays(self):
        nan = float("nan")
        self.same(dict(COLUMNS, amount=array.array("i", COLUMNS["amount"]), y=array.array("B", COLUMNS["y"]),
                       visits=array.array("d", [nan if value is None else value for value in COLUMNS["visits"]])))
        self.same(dict(COLUMNS, amount=memoryview(array.array("q", COLUMNS["amount"])), y=[bool(value) for value in COLUMNS["y"]]))
        doubled = array.array("d", [value for amount in COLUMNS["amount"] for value in (amount, -1)])
        self.same(dict(COLUMNS, amount=memoryview(doubled)[::2]))  # strides are copied
        self.same(dict(COLUMNS, amount=memoryview(array.array("q", COLUMNS["amount"])).toreadonly()))

    def test_ids_of_other_types(self):
        for ids in ([3, 1, 2], array.array("h", [3, 1, 2]), ["3", "1", "2"], [b"3", b"1", b"2"]):
            self.assertEqual(fate.Table.from_columns({"id": ids}, fate.Schema("id")).ids, [b"1", b"2", b"3"])
        self.assertEqual(fate.Table.from_columns({"id": [b"\xff\0"]}, fate.Schema("id")).ids, [b"\xff\0"])

    def test_missing(self):
        nan = float("nan")
        schema = fate.Schema("id", categorical=["c", "d"])
        one = fate.Table.from_columns({"id": [1, 2], "n": [None, 2], "m": [nan, None], "c": ["x", None], "d": [None, None]}, schema)
        other = fate.Table.from_csv_text("id,n,m,c,d\n1,,,x,\n2,2,,,\n", schema)
        self.assertEqual(one.digest, other.digest)

    def test_no_rows(self):
        schema = fate.Schema("id")
        for empty in ([], array.array("d"), memoryview(array.array("i"))):
            self.assertEqual(len(fate.Table.from_columns({"id": [], "n": empty}, schema)), 0)

    def test_what_is_wrong(self):
        schema = fate.Schema("id")
        make = fate.Table.from_columns
        self.assertIn("row 2", self.assert_error("FATE_E_TABLE", make, {"id": [1, 2], "n": [1, math.inf]}, schema).sentence)
        self.assertIn('"n"', self.assert_error("FATE_E_UNSUPPORTED", make, {"id": [1, 2], "n": ["a", "b"]}, schema).sentence)
        self.assert_error("FATE_E_TABLE", make, {"id": [1, 1]}, schema)
        self.assert_error("FATE_E_TABLE", make, {"n": [1, 1]}, schema)
        self.assertRaisesRegex(TypeError, "'n' holds values of the types int, str", make, {"id": [1, 2], "n": [1, "b"]}, schema)
        self.assertRaisesRegex(TypeError, "one text", make, {"id": "ab"}, schema)
        self.assertRaisesRegex(TypeError, "complex", make, {"id": [1], "n": [1j]}, schema)
        self.assertRaisesRegex(ValueError, "differ in length", make, {"id": [1, 2], "n": [1]}, schema)
        self.assertIn("both named", self.assert_error("FATE_E_TABLE", make, {"id": [1], "1": [1], 1: [1]}, schema).sentence)
        self.assertRaises(TypeError, fate.Table.from_arrow, 5, schema)
        self.assert_error("FATE_E_FILE", fate.Table.from_csv, "/no such file", schema)

    @needs_numpy
    def test_numpy(self):
        nan = float("nan")
        for kind in ("i2", "i4", "i8", "u2", "f4", "f8", ">i4", ">f8"):
            self.same(dict(COLUMNS, amount=numpy.array(COLUMNS["amount"], kind), y=numpy.array(COLUMNS["y"], bool),
                           visits=numpy.array([nan if value is None else value for value in COLUMNS["visits"]])))
        block = numpy.array([COLUMNS["amount"], COLUMNS["y"]], "f8").T.copy()  # strided columns
        block.flags.writeable = False
        self.same(dict(COLUMNS, amount=block[:, 0], y=block[:, 1], id=numpy.array(COLUMNS["id"]),
                       purpose=numpy.array(COLUMNS["purpose"], object)))
        self.assertRaisesRegex(TypeError, "dimensions", self.same, dict(COLUMNS, amount=block))
        self.assertRaisesRegex(TypeError, "datetime64", self.same, dict(COLUMNS, amount=numpy.zeros(30, "M8[s]")))

    @needs_numpy
    def test_numpy_is_not_copied(self):
        from fate import _columns
        values = numpy.arange(5.0)
        self.assertEqual(_columns.column("n", values).buffers[1], values.ctypes.data)
        numbers = array.array("d", [1, 2])
        self.assertEqual(_columns.column("n", numbers).buffers[1], numbers.buffer_info()[0])

    @needs_pandas
    def test_pandas(self):
        frame = pandas.DataFrame(COLUMNS)
        self.same(frame)
        frame["purpose"] = frame["purpose"].astype("category")
        frame["region"] = frame["region"].astype("string")
        frame["y"] = frame["y"].astype("boolean")
        frame["amount"] = frame["amount"].astype("Int64")
        self.same(frame)
        schema = fate.Schema("id", label="y", categorical=["region"])  # a categorical needs no mention
        self.assertEqual(fate.Table.from_columns(frame, schema).digest, self.expected)
        frame.loc[3, "amount"] = pandas.NA
        self.assertNotEqual(fate.Table.from_columns(frame, self.schema).digest, self.expected)

    @needs_pyarrow
    def test_arrow(self):
        frame = pandas.DataFrame(COLUMNS)
        whole = pyarrow.table(COLUMNS)
        parts = pyarrow.Table.from_batches(whole.to_batches(max_chunksize=7))
        encoded = whole.set_column(whole.schema.get_field_index("purpose"), "purpose", whole["purpose"].dictionary_encode())
        for data in (frame, whole, parts, encoded, whole.combine_chunks().to_batches()[0], whole.slice(0, 30)):
            self.assertEqual(fate.Table.from_arrow(data, self.schema).digest, self.expected)
        shifted = pyarrow.concat_tables([whole.slice(0, 5), whole]).combine_chunks().slice(5)
        self.assertEqual(fate.Table.from_arrow(shifted, self.schema).digest, self.expected)
        self.assert_error("FATE_E_TABLE", fate.Table.from_arrow, pyarrow.concat_tables([whole, whole]), self.schema)
        self.assertIn("cast", self.assert_error("FATE_E_UNSUPPORTED", fate.Table.from_arrow, pyarrow.table(
            {"id": ["a"], "y": [1], "d": pyarrow.array([0], pyarrow.date32())}), self.schema).sentence)

    @needs_pyarrow
    def test_types_of_arrow_equal_those_of_csv(self):
        text = "id,n\n" + "".join("%d,%s\n" % (i, "" if i % 3 == 0 else i % 100) for i in range(200))
        expected = fate.Table.from_csv_text(text, fate.Schema("id")).digest
        values = [None if i % 3 == 0 else i % 100 for i in range(200)]
        for kind in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"):
            for ids in ("int16", "uint64", "string", "large_string", "binary", "large_binary"):
                data = pyarrow.table({"id": pyarrow.array(list(range(200))).cast(pyarrow.string() if "int" not in ids else ids).cast(
                    getattr(pyarrow, ids)()), "n": pyarrow.array(values, getattr(pyarrow, kind)())})
                self.assertEqual(fate.Table.from_arrow(data, fate.Schema("id")).digest, expected, (kind, ids))
                self.assertEqual(fate.Table.from_arrow(data.slice(0), fate.Schema("id")).digest, expected)


if __name__ == "__main__":
    unittest.main()
