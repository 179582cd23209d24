#!/usr/bin/env python3
"""The starting points for bindings: in C++, Java, Go and Rust a program runs both parties of a job, whose models must equal the pooled run's
byte for byte. A language whose tools are not here is skipped, and says so."""
import csv
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BUILD", "build"))
INCLUDE = os.path.join(ROOT, "include")
PARTIES = [("bank", "guest"), ("partner", "host")]
ROWS = 80
JNA = "5.14.0"


class Skip(Exception):
    pass


def run(words, limit=600, folder=None, **environment):
    """Runs a program; its output when it succeeds."""
    process = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
                             timeout=limit, cwd=folder, env=dict(os.environ, **environment))
    if process.returncode != 0:
        raise RuntimeError("%s\nexit code %d\n%s" % (" ".join(words), process.returncode, process.stdout))
    return process.stdout


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip("%s is not here" % program)


def source(language, name):
    return os.path.join(ROOT, "bindings", language, name)


def cpp(scratch):
    """C++11, with handles that free themselves"""
    compiler = next((name for name in ("g++", "clang++", "c++") if shutil.which(name)), None)
    if not compiler:
        raise Skip("no C++ compiler is here")
    program = os.path.join(scratch, "cpp")
    run([compiler, "-std=c++11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I", INCLUDE, source("cpp", "two_parties.cpp"), "-o", program,
         "-L", BUILD, "-lfate", "-Wl,-rpath," + BUILD])
    return [program]


def go(scratch):
    """Go by cgo"""
    need("go", "cc")
    folder = shutil.copytree(os.path.join(ROOT, "bindings", "go"), os.path.join(scratch, "go-source"))
    program = os.path.join(scratch, "go")
    run(["go", "build", "-o", program, "."], folder=folder, CGO_ENABLED="1", CGO_CFLAGS="-I" + INCLUDE, CGO_LDFLAGS="-L%s -lfate -Wl,-rpath,%s" % (BUILD, BUILD), GOTOOLCHAIN="local",
        GOFLAGS="-mod=mod", GOPROXY="off")
    return [program]


def rust(scratch):
    """Rust without crates"""
    need("rustc", "cc")
    program = os.path.join(scratch, "rust")
    run(["rustc", "--edition", "2021", "-D", "warnings", "-O", source("rust", "two_parties.rs"), "-o", program, "-L", "native=" + BUILD,
         "-l", "dylib=fate", "-C", "link-arg=-Wl,-rpath," + BUILD])
    return [program]


def jna_jar():
    places = [os.path.expanduser("~/.m2/repository/net/java/dev/jna/jna/*/jna-*[0-9].jar"), "/usr/share/java/jna.jar", "/usr/share/java/jna-[0-9]*.jar"]
    found = sorted(path for place in places for path in glob.glob(place))
    if found:
        return found[-1]
    if shutil.which("mvn"):
        try:
            run(["mvn", "-q", "-B", "dependency:get", "-Dartifact=net.java.dev.jna:jna:" + JNA], limit=120)
        except (RuntimeError, subprocess.TimeoutExpired):
            pass
        found = sorted(glob.glob(places[0]))
        if found:
            return found[-1]
    raise Skip("jna.jar is not here, and mvn cannot fetch it")


def java(scratch):
    """Java by JNA"""
    need("java", "javac")
    version = re.search(r"(\d+)", run(["javac", "-version"]))
    if not version or int(version.group(1)) < 17:
        raise Skip("javac is older than version 17")
    jar = jna_jar()
    classes = os.path.join(scratch, "java")
    run(["javac", "-Xlint:all,-serial", "-Werror", "-proc:none", "-cp", jar, "-d", classes, source("java", "TwoParties.java")])
    return ["java", "-cp", jar + os.pathsep + classes, "-Djna.library.path=" + BUILD, "TwoParties"]


def is_number(text):
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def prepare(directory):
    """Keys, tables of a few rows, the job and its pooled models; returns the models' bytes."""
    categorical, parties = set(), []
    for name, role in PARTIES:
        with open(os.path.join(ROOT, "examples", "data", name + "_train.csv"), newline="", encoding="utf-8") as file:
            head, *rows = csv.reader(file)
        rows = sorted(rows)[:ROWS]
        categorical |= {column for i, column in enumerate(head) if column != "id" and not all(is_number(row[i]) for row in rows)}
        with open(os.path.join(directory, name + ".csv"), "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([head] + rows)
        key = run([os.path.join(BUILD, "fate"), "keygen", "--output", os.path.join(directory, name + ".key")]).strip()
        parties.append({"name": name, "role": role, "key": key})
    job = {"algorithm": "vertical-boosting", "id": "id", "label": "y", "categorical": sorted(categorical), "parties": parties,
           "parameters": {"trees": 2, "depth": 3, "bins": 8, "seed": 11}}
    with open(os.path.join(directory, "job.json"), "w") as file:
        json.dump(job, file)
    words = [os.path.join(BUILD, "fate"), "train", "--pooled", "--job", os.path.join(directory, "job.json"), "--model",
             os.path.join(directory, "pooled")]
    for name, _ in PARTIES:
        words += ["--table", "%s=%s" % (name, os.path.join(directory, name + ".csv"))]
    run(words)
    return read_models(os.path.join(directory, "pooled"))


def read_models(directory):
    models = []
    for name, _ in PARTIES:
        with open(os.path.join(directory, name + ".model"), "rb") as file:
            models.append(file.read())
    return models


def check(language, scratch, directory, expected):
    for name, _ in PARTIES:
        path = os.path.join(directory, name + ".model")
        if os.path.exists(path):
            os.remove(path)
    command = language(scratch)
    run(command + [directory])
    if read_models(directory) != expected:
        raise RuntimeError("its models are not those of the pooled run")
    os.rename(os.path.join(directory, "partner.csv"), os.path.join(directory, "away.csv"))
    try:
        run(command + [directory])
        raise RuntimeError("it succeeds without a table")
    except RuntimeError as error:
        if "FATE_E_FILE" not in str(error) or "partner.csv" not in str(error):
            raise
    finally:
        os.rename(os.path.join(directory, "away.csv"), os.path.join(directory, "partner.csv"))


def main():
    failed, languages = False, [cpp, go, rust, java]
    with tempfile.TemporaryDirectory(prefix="fate-languages-") as scratch:
        directory = os.path.join(scratch, "job")
        os.mkdir(directory)
        expected = prepare(directory)
        for number, language in enumerate(languages, 1):
            name = "languages: %s: the models of the pooled run, and an error's sentence" % language.__doc__
            try:
                check(language, scratch, directory, expected)
                print("ok %d %s" % (number, name))
            except Skip as reason:
                print("ok %d %s # SKIP %s" % (number, name, reason))
            except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                failed = True
                print("not ok %d %s\n# %s" % (number, name, str(error).replace("\n", "\n# ")))
            sys.stdout.flush()
    print("1..%d" % len(languages))
    return 1 if failed else 0


sys.exit(main())
