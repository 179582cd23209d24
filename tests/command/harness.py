"""What the tests of the command share: running fate, free ports, small tables and jobs, and TAP lines.

Every process has a watchdog, generous enough for a slow and busy machine; no test measures time otherwise.
"""
import json
import os
import pty
import random
import re
import signal
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

WATCHDOG_SECONDS = 300

DONE, OTHER, USAGE, INPUT, IDENTITY, DISAGREE, NETWORK, PEER, CANCELLED = range(9)


class Failure(Exception):
    """A test that does not hold; the text says why."""


class Result:
    """How a process ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        said = [line for line in self.err.splitlines() if line.strip()]
        return "exit code %s (%s), standard output:\n%s\nstandard error:\n%s" % (self.code, said[-1] if said else "", self.out, self.err)


def heed_signals():
    """Tests that run in the background of a shell inherit that interrupts are ignored; what they start must heed them."""
    for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
        signal.signal(number, signal.SIG_DFL)


class Process:
    """A running fate. With terminal=True its standard input and error are a terminal, which is read as it is written."""

    def __init__(self, program, words, terminal=False, directory=None):
        self.words, self.written, self.reader = words, "", None
        source, error = subprocess.DEVNULL, subprocess.PIPE
        if terminal:
            self.master, error = pty.openpty()
            source = error
        self.process = subprocess.Popen([program] + words, stdin=source, stdout=subprocess.PIPE, stderr=error, close_fds=True, cwd=directory,
                                        preexec_fn=heed_signals)
        if terminal:
            os.close(error)
            self.reader = threading.Thread(target=self.read_terminal, daemon=True)
            self.reader.start()

    def read_terminal(self):
        while True:
            try:
                piece = os.read(self.master, 65536)
            except OSError:  # how a terminal says that nobody writes any more
                piece = b""
            if not piece:
                return
            self.written += piece.decode("utf-8", "replace")

    def wait_for(self, pattern):
        """Waits until the terminal shows something."""
        begin = time.monotonic()
        while not re.search(pattern, self.written):
            if self.process.poll() is not None or time.monotonic() - begin > WATCHDOG_SECONDS:
                self.process.kill()
                raise Failure("%s never wrote %r but:\n%s" % (" ".join(self.words), pattern, self.written))
            time.sleep(0.02)

    def type(self, text):
        os.write(self.master, text.encode())

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        try:
            out, err = self.process.communicate(timeout=WATCHDOG_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise Failure("fate %s did not end within %d seconds" % (" ".join(self.words), WATCHDOG_SECONDS))
        if self.reader:
            self.reader.join(WATCHDOG_SECONDS)
            err = self.written.encode()
            os.close(self.master)
            self.reader = None
        return Result(self.process.returncode, out.decode("utf-8", "replace"), (err or b"").decode("utf-8", "replace"))

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


class Bench:
    """Runs the tests of one script and counts them. Each test gets an empty directory of its own."""

    def __init__(self):
        build = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BUILD", "build")
        self.program = os.path.join(os.path.abspath(build), "fate")
        if not os.path.exists(self.program):
            sys.exit("%s is missing: usage: %s [BUILD-DIRECTORY]" % (self.program, sys.argv[0]))
        self.directory, self.running = None, []
        self.count = self.failed = 0

    def run_all(self, tests):
        for test in tests:
            self.run_one(test)
        print("1..%d" % self.count, flush=True)
        sys.exit(1 if self.failed else 0)

    def run_one(self, test):
        self.count += 1
        name = "%s: %s" % (os.path.splitext(os.path.basename(sys.argv[0]))[0][len("test_"):], test.__doc__.strip().splitlines()[0])
        self.directory = tempfile.mkdtemp(prefix="fate-test-")
        try:
            test(self)
            print("ok %d %s" % (self.count, name), flush=True)
        except (Failure, OSError, KeyError, ValueError) as failure:
            self.failed += 1
            print("not ok %d %s" % (self.count, name))
            print("# " + ("%s: %s" % (type(failure).__name__, failure)).replace("\n", "\n# "), flush=True)
        finally:
            for process in self.running:
                process.end()
            self.running = []
            shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", newline="") as file:
            file.write(text)
        return self.path(name)

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def start(self, *words, terminal=False, directory=None):
        process = Process(self.program, [str(word) for word in words], terminal, directory)
        self.running.append(process)
        return process

    def fate(self, *words):
        return self.start(*words).wait()

    def fails(self, words, code, *expected):
        """Runs fate, which must end with that exit code and say all that is expected (regular expressions)."""
        result = self.fate(*words)
        check_ended(result, code, *expected)
        return result

    def done(self, *words):
        result = self.fate(*words)
        check_ended(result, DONE)
        return result


def check(condition, text):
    if not condition:
        raise Failure(text)


def check_ended(result, code, *expected):
    check(result.code == code, "expected exit code %d, got %s" % (code, result))
    for pattern in expected:
        check(re.search(pattern, result.err), "expected %r in %s" % (pattern, result))
    check("Traceback" not in result.err and "ERROR: " not in result.err, "unexpected: %s" % result)


reserved = []


def free_port():
    """A port that nobody listens on, below those that systems give to outgoing connections. That of UDP is held until the process ends, so that
    tests that run at the same time get others."""
    while True:
        port = random.SystemRandom().randrange(12000, 32000)
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                held.bind(("127.0.0.1", port))
                reserved.append(held)
                return port
            except OSError:
                held.close()


class Job:
    """A bank and a telecom company, and a shop where it is asked for, with keys, tables and a job in the test's directory.

    The hosts' tables have the same column names."""

    def __init__(self, bench, rows=40, hosts=("telecom",), **parameters):
        self.bench, self.hosts = bench, hosts
        self.names = ("bank",) + tuple(hosts)
        self.port = free_port()
        self.keys = {name: bench.done("keygen", "--output", bench.path(name + ".key")).out.strip() for name in self.names}
        self.parameters = {"trees": 2, "depth": 2, "learning_rate": 0.3, "bins": 8, "seed": 7}
        self.parameters.update(parameters)
        self.write_tables("train", rows, 1)
        self.write_tables("test", 25, 2)
        self.path = self.write_job("job.json")

    def document(self):
        parties = [{"name": "bank", "role": "guest", "key": self.keys["bank"], "address": "127.0.0.1:%d" % self.port}]
        parties += [{"name": name, "role": "host", "key": self.keys[name]} for name in self.hosts]
        return {"algorithm": "vertical-boosting", "id": "id", "label": "y", "categorical": ["region", "plan"], "parties": parties,
                "parameters": dict(self.parameters)}

    def write_job(self, name, document=None):
        return self.bench.write(name, json.dumps(document or self.document(), indent=1))

    def write_tables(self, name, rows, seed):
        chance = random.Random(seed)
        tables = {party: [] for party in self.names}
        for number in range(rows):
            identifier, risk = "%s-%03d" % (name, number), chance.random()
            for party in self.hosts:
                minutes, plan = round(chance.uniform(0, 500), 2), chance.choice(["basic", "full", ""])
                risk += (minutes > 250) + (plan == "basic")
                tables[party].append("%s,%s,%s,%d" % (identifier, minutes, plan, chance.randrange(5)))
            income, region = chance.randrange(1000, 9000), chance.choice(["north", "south", "east"])
            label = risk + (income < 4000) > 1 + len(self.hosts)
            tables["bank"].append("%s,%d,%s,%s" % (identifier, label, "" if chance.random() < 0.1 else income, region))
        for party, lines in tables.items():
            chance.shuffle(lines)
            head, end = ("id,y,income,region", "\n") if party == "bank" else ("id,minutes,plan,calls", "\r\n")
            self.bench.write("%s_%s.csv" % (party, name), end.join([head] + lines) + end)

    def train_words(self, party, *more, job=None, key=None, table=None):
        path = self.bench.path
        return ["train", "--job", job or self.path, "--party", party, "--key", key or path(party + ".key"),
                "--table", table or path(party + "_train.csv"), "--model", path(party + ".model")] + list(more)

    def predict_words(self, party, *more):
        path = self.bench.path
        return ["predict", "--job", self.path, "--party", party, "--key", path(party + ".key"),
                "--table", path(party + "_test.csv"), "--model", path(party + ".model")] + list(more)

    def pooled_words(self, command, *more, table="train"):
        tables = [word for name in self.names for word in ("--table", "%s=%s" % (name, self.bench.path("%s_%s.csv" % (name, table))))]
        return [command, "--pooled", "--job", self.path, "--model", self.bench.path("pooled")] + tables + list(more)

    def train_all(self, **more):
        """All parties train at once, each with more words of its own; returns how they ended, the bank first."""
        processes = [self.bench.start(*self.train_words(name, *more.get(name, ()))) for name in self.names]
        return [process.wait() for process in processes]

    def predict_all(self, **more):
        """All parties predict at once, each with more words; returns how they ended, the bank first."""
        outputs = {name: self.bench.path("scores.csv" if name == "bank" else name + "_scores.csv") for name in self.names}
        processes = [self.bench.start(*self.predict_words(name, "--output", outputs[name], *more.get(name, []))) for name in self.names]
        return [process.wait() for process in processes]


def check_done(results):
    """All processes ended with success."""
    for result in results:
        check_ended(result, 0)


def check_equals_pooled(bench, job, validation=()):
    """The models that the parties have made, and the scores they now make, equal those of a pooled run byte for byte."""
    bench.done(*job.pooled_words("train", *validation))
    for name in job.names:
        check(bench.bytes_of(name + ".model") == bench.bytes_of("pooled/%s.model" % name), "%s.model differs from the pooled run's" % name)
    results = job.predict_all()
    check_done(results)
    bench.done(*job.pooled_words("predict", "--output", bench.path("pooled.csv"), table="test"))
    check(bench.bytes_of("scores.csv") == bench.bytes_of("pooled.csv"), "the scores differ from the pooled run's")
    for name, result in zip(job.hosts, results[1:]):
        check(not os.path.exists(bench.path(name + "_scores.csv")), "%s wrote scores" % name)
        check("nothing was written" in result.err, "%s does not say so: %s" % (name, result))
