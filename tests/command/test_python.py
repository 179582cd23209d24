#!/usr/bin/env python3
"""The Python package: its tests, one TAP line each; its example; its installation with pip.

Everything runs against the library in the build's directory. Skips by itself what needs NumPy, pandas or pyarrow when they are not here."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BUILD", "build"))
PACKAGE = os.path.join(ROOT, "bindings", "python")
LIBRARY = os.path.join(BUILD, "libfate.so.0")


class Tap(unittest.TestResult):
    """Prints each result as it comes."""

    count = 0

    def line(self, word, name, text="", details=""):
        Tap.count += 1
        print("%s %d - python: %s%s" % (word, Tap.count, name, text))
        if details:
            print("# " + details.rstrip().replace("\n", "\n# "))
        sys.stdout.flush()

    def addSuccess(self, test):
        self.line("ok", test.id())

    def addSkip(self, test, reason):
        self.line("ok", test.id(), " # SKIP " + reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line("not ok", test.id(), details=self._exc_info_to_string(err, test))

    addError = addFailure


class ExampleTest(unittest.TestCase):
    def run_python(self, *words, **environment):
        run = subprocess.run([sys.executable, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             universal_newlines=True, timeout=300, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **environment))
        self.assertEqual(run.returncode, 0, run.stdout)
        return run.stdout

    def test_two_banks(self):
        from test_train import free_port
        said = self.run_python(os.path.join(ROOT, "examples", "python", "two_banks.py"), LIBRARY, PORT=str(free_port()))
        self.assertRegex(said, r"north scored 100 customers: on average 0\.[5-9]\d for those who did not pay back, 0\.[0-4]\d for the others")
        self.assertIn("got 0 scores", said)

    def test_own_model(self):
        from test_train import free_port
        if subprocess.run([sys.executable, "-c", "import numpy"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("NumPy is not here")
        said = self.run_python(os.path.join(ROOT, "examples", "python", "own_model.py"), LIBRARY, PORT=str(free_port()))
        self.assertRegex(said, r"patients of another hospital (9\d|8[5-9])\.\d % are judged right")

    def test_installation(self):
        """pip installs the package into a directory, with the library beside it, where it is found without a path."""
        import shutil
        with tempfile.TemporaryDirectory() as scratch:
            copy = shutil.copytree(PACKAGE, os.path.join(scratch, "source"), ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
            shutil.copy(LIBRARY, os.path.join(copy, "fate", "libfate.so.0"))
            target = os.path.join(scratch, "target")
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check",
                       "--target", target, copy]
            run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
                                 timeout=300)
            if "No module named pip" in run.stdout:
                self.skipTest("pip is not here")
            self.assertEqual(run.returncode, 0, run.stdout)
            said = self.run_python("-c", "import fate; print(fate.__file__, fate.load(), fate.Identity.generate().public)", PYTHONPATH=target)
            self.assertIn(target, said)
            self.assertIn("fate1-", said)


def main():
    if sys.version_info < (3, 8):
        print("1..0 # SKIP the package needs Python 3.8")
        return 77
    if not os.path.exists(LIBRARY):
        sys.exit("%s is missing: usage: %s [BUILD-DIRECTORY]" % (LIBRARY, sys.argv[0]))
    sys.dont_write_bytecode = True
    os.environ["FATE_BUILD"] = BUILD
    sys.path.insert(0, os.path.join(PACKAGE, "tests"))
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite([loader.discover(os.path.join(PACKAGE, "tests")), loader.loadTestsFromTestCase(ExampleTest)])
    result = Tap()
    suite.run(result)
    print("1..%d" % Tap.count)
    return 0 if result.wasSuccessful() and Tap.count else 1


sys.exit(main())
