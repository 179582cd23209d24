"""Every public function is declared, with the arguments that its header gives; structures are as long as C has them."""
import ctypes
import glob
import os
import re
import unittest

from support import ROOT, Case
from fate import _library

WIDTHS = {"int32_t": ctypes.c_int32, "uint32_t": ctypes.c_uint32, "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64,
          "double": ctypes.c_double, "void": None}


def kind_of(declaration):
    if "*" in declaration:
        return ctypes.c_char_p if re.fullmatch(r"const char \*\w*", declaration) else ctypes.c_void_p
    return WIDTHS[declaration.replace("const ", "").split()[0]]


def declared():
    """Names, results and arguments of all functions in include/fate."""
    found = {}
    for header in glob.glob(os.path.join(ROOT, "include", "fate", "*.h")):
        with open(header, encoding="utf-8") as file:
            text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        for result, name, arguments in re.findall(r"^FATE_API\s+([^;(]*?[\s*])(fate_\w+)\s*\(([^;]*?)\)\s*;", text, re.M | re.S):
            words = [] if arguments.strip() == "void" else [" ".join(word.split()) for word in arguments.split(",")]
            found[name] = [kind_of(result.strip())] + [kind_of(word) for word in words]
    return found


class LibraryTest(Case):
    def test_prototypes(self):
        functions = declared()
        self.assertGreater(len(functions), 150)
        self.assertEqual(sorted(functions), sorted(_library.PROTOTYPES), "a new public function? its line goes into _library.py")
        for name, expected in functions.items():
            self.assertEqual(list(_library.PROTOTYPES[name]), expected, name)

    def test_members_of_hook_tables(self):
        for header, structure, kind in (("transport", "fate_transport", _library.TransportHooks), ("store", "fate_store", _library.StoreHooks),
                                        ("observer", "fate_observer", _library.ObserverHooks),
                                        ("evidence", "fate_recorder", _library.RecorderHooks),
                                        ("session", "fate_progress", _library.Progress), ("task", "fate_task", _library.TaskGiven),
                                        ("task", "fate_task_result", _library.TaskDone)):
            with open(os.path.join(ROOT, "include", "fate", header + ".h"), encoding="utf-8") as file:
                body = re.search(r"typedef struct %s \{(.*?)\n\}" % structure, file.read(), re.S).group(1)
            body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
            names = [re.search(r"\(\*(\w+)\)", line).group(1) if "(*" in line else line.split()[-1].lstrip("*").split("[")[0]
                     for line in body.split(";") if line.strip()]
            self.assertEqual([name.rstrip("_") for name in names], [field[0] for field in kind._fields_])

    def test_one_library_in_a_process(self):
        self.assertRegex(_library.load(), r"^\d+\.\d+\.\d+$")
        self.assertRaises(RuntimeError, _library.load, "another.so")


if __name__ == "__main__":
    unittest.main()
