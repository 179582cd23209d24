#!/usr/bin/env python3
"""The command line itself: help, version, keys, usage errors, and that manual and help know the same options."""
import os
import re
import stat

from harness import Bench, INPUT, Job, USAGE, check

COMMANDS = ["keygen", "train", "cross-validate", "predict", "evaluate", "inspect", "describe"]
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
MANUAL = os.path.join(ROOT, "man")


def test_help(bench):
    """every command prints its help on standard output"""
    for words in [[]] + [[name] for name in COMMANDS]:
        result = bench.done(*(words + ["--help"]))
        check(result.err == "", "help belongs on standard output: %s" % result)
        check("usage: fate" in result.out and "Exit codes:" in result.out, "no usage or exit codes: %s" % result)
        for name in COMMANDS if not words else []:
            check(name in result.out, "%s is not in the help: %s" % (name, result))


def test_help_of(bench):
    """fate help and fate help COMMAND say what --help says"""
    check(bench.done("help").out == bench.done("--help").out, "another help")
    for name in COMMANDS:
        check(bench.done("help", name).out == bench.done(name, "--help").out, "another help of %s" % name)
    bench.fails(["help", "trian"], USAGE, r"did you mean train\?")
    bench.fails(["help", "train", "predict"], USAGE, r"one command at a time")


def test_help_wins(bench):
    """--help helps also after a mistyped option"""
    check("usage: fate train" in bench.done("train", "--tabel", "x", "--help").out, "no help")


def test_version(bench):
    """--version prints the version"""
    check(re.fullmatch(r"fate \d+\.\d+\.\d+\n", bench.done("--version").out), "no version")


def test_manual(bench):
    """the manual pages know exactly the options that the help lists, and the same exit codes"""
    for name in COMMANDS:
        listed = set(re.findall(r"^  --([a-z]+)", bench.done(name, "--help").out, re.M))
        with open(os.path.join(MANUAL, "fate-%s.1" % name)) as page:
            described = set(re.findall(r"^\.It Fl -([a-z]+)", page.read(), re.M))
        check(listed == described, "%s: only in one of help and manual: %s" % (name, sorted(listed ^ described)))
    with open(os.path.join(MANUAL, "fate.1")) as page:
        codes = re.findall(r"^\.It (\d)$", page.read(), re.M)
    check(codes == re.findall(r"^  (\d)  ", bench.done("--help").out, re.M), "the exit codes differ: %s" % codes)


def test_unknown_command(bench):
    """an unknown command is a usage error that names the nearest one"""
    bench.fails(["trian"], USAGE, r'"trian"', r"did you mean train\?")
    bench.fails(["xyzzy"], USAGE, r'there is no command "xyzzy"\.')
    bench.fails([], USAGE, r"fate --help")


def test_unknown_option(bench):
    """an unknown option is a usage error that names the nearest one"""
    bench.fails(["train", "--tabel", "x"], USAGE, r"^fate train: there is no option --tabel; did you mean --table\?")
    bench.fails(["train", "--xyzzyxyzzy"], USAGE, r"there is no option --xyzzyxyzzy\.")
    bench.fails(["train", "-j", "x"], USAGE, r"two dashes")
    bench.fails(["keygen", "bank.key"], USAGE, r'"bank\.key" is not an option')
    bench.fails(["describe", "one", "two"], USAGE, r'"two" is one word too many')


def test_values(bench):
    """missing, empty, needless and repeated values are usage errors"""
    bench.fails(["train", "--job"], USAGE, r"--job needs a value: --job FILE")
    bench.fails(["train", "--job", "--party", "bank"], USAGE, r"--job needs a value")
    bench.fails(["train", "--job="], USAGE, r"--job is empty")
    bench.fails(["train", "--ask=yes"], USAGE, r"--ask takes no value")
    bench.fails(["train", "--job", "a", "--job=b"], USAGE, r"--job is given twice")


def test_missing_options(bench):
    """required options that are missing are named"""
    bench.fails(["keygen"], USAGE, r"--output FILE is missing")
    bench.fails(["train", "--job", "x"], USAGE, r"--party NAME is missing")
    bench.fails(["train", "--pooled", "--job", "x"], USAGE, r"--table FILE is missing")
    bench.fails(["predict", "--job", "x", "--party", "bank"], USAGE, r"--key FILE is missing")
    bench.fails(["evaluate", "--scores", "x"], USAGE, r"--labels FILE is missing")
    bench.fails(["inspect"], USAGE, r"which model file")


def test_numbers(bench):
    """numbers are read strictly"""
    words = ["train", "--job", "j", "--party", "p", "--key", "k", "--table", "t", "--model", "m"]
    for value in ["0", "-1", "3s", "1e3", "99999999999999999999", "2000001"]:
        bench.fails(words + ["--timeout=" + value], USAGE, r"--timeout must be a whole number from 1 to 2000000")
    bench.fails(words + ["--threads", "257"], USAGE, r"--threads must be a whole number from 0 to 256")


def test_addresses(bench):
    """an address is read strictly, before any file"""
    words = ["train", "--job", "j", "--party", "p", "--key", "k", "--table", "t", "--model", "m"]
    for value in ["foo", "host:", "host:port", "host:65536", "host:1 ", "::1:80", "[::1]", "[::1:80", "a]:1"]:
        bench.fails(words + ["--listen=" + value], USAGE, r"--listen must be host:port, \[v6\]:port or :port")
    for value in [":80", "host:80", "[::1]:80", "127.0.0.1:0"]:
        bench.fails(words + ["--listen", value], INPUT, r"cannot open \"j\"")


def test_meaningless(bench):
    """options that have no meaning together are refused"""
    pooled = ["train", "--pooled", "--job", "j", "--table", "a=b", "--model", "m"]
    bench.fails(pooled + ["--key", "k"], USAGE, r"--key has no meaning with --pooled")
    bench.fails(pooled + ["--ask"], USAGE, r"--ask has no meaning with --pooled")
    words = ["train", "--job", "j", "--party", "p", "--key", "k", "--model", "m", "--table", "a", "--table", "b"]
    bench.fails(words, USAGE, r"--table can be given only once")
    bench.fails(["evaluate", "--scores", "s", "--labels", "l", "--id", "i", "--label", "y", "--task", "ranking"], USAGE, r"--task must be")


def test_keygen(bench):
    """keygen writes a key that only its owner can read and prints one line"""
    path = bench.path("bank.key")
    result = bench.done("keygen", "--output", path)
    check(re.fullmatch(r"\S+\n", result.out) and result.err == "", "expected one line: %s" % result)
    check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "the key file's mode is %o" % os.stat(path).st_mode)
    other = bench.done("keygen", "--output=" + bench.path("other.key"))
    check(other.out != result.out, "two keys are equal")


def test_keygen_keeps(bench):
    """keygen never overwrites a file"""
    path = bench.write("bank.key", "precious")
    result = bench.fails(["keygen", "--output", path], INPUT, r"^fate keygen: .*bank\.key")
    check(result.out == "" and bench.bytes_of("bank.key") == b"precious", "the file was touched: %s" % result)
    bench.fails(["keygen", "--output", bench.path("missing/bank.key")], INPUT, r"missing/bank\.key")


def test_keygen_public(bench):
    """keygen --public prints the public half of a key file, again and again"""
    path = bench.path("bank.key")
    drawn = bench.done("keygen", "--output", path).out
    before = bench.bytes_of("bank.key")
    for _ in range(2):
        check(bench.done("keygen", "--public", path).out == drawn, "--public prints another line than --output did")
    check(bench.bytes_of("bank.key") == before, "the key file was touched")
    bench.fails(["keygen", "--public", path, "--output", bench.path("b.key")], USAGE, r"--output has no meaning with --public")
    bench.fails(["keygen", "--public", bench.path("none.key")], INPUT, r'^fate keygen: cannot open ".*none\.key": No such file or directory\.\n$')
    bench.fails(["keygen", "--public", bench.write("job.json", "{}")], INPUT, r"not a secret key file")


def test_describe(bench):
    """describe lists the algorithms, and tells of one what each party learns"""
    names = bench.done("describe").out.split()
    check("vertical-boosting" in names, "no vertical-boosting in %s" % names)
    text = bench.done("describe", "vertical-boosting").out
    for word in ["guest", "host", "gradients", "histograms", "learning_rate"]:
        check(word in text, "%r is not in the description:\n%s" % (word, text))
    job = Job(bench)
    text = bench.done("describe", "--job", job.path, "--party", "telecom").out
    check("up to 8 exact sums" in " ".join(text.split()) and "min_bin_rows 5" in " ".join(text.split()), "it does not say how far the job goes: %s" % text)
    bench.fails(["describe", "--job", job.path], USAGE, r"--party NAME is missing")
    bench.fails(["describe", "--job", job.path, "--party", "nobody"], USAGE, r"nobody")
    bench.fails(["describe", "--job", job.path, "--party", "bank", "vertical-boosting"], USAGE, r"no algorithm")
    bench.fails(["describe", "--party", "bank"], USAGE, r"without --job")
    bench.fails(["describe", "vertical-bosting"], USAGE, r'"vertical-bosting" is unknown; the nearest known: "vertical-boosting"')


def defaults_shown():
    """What README's tables say by a parameter's name: its default as often as it is named."""
    shown = {}
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        lines = [line for line in file if line.startswith("| `")]
    for line in lines:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        names, values = re.findall(r"`(\w+)`", cells[0]), [value.strip("`\"") for value in cells[1].split(", ")]
        for i, name in enumerate(names):
            shown.setdefault(name, []).append(values[i] if len(values) == len(names) else values[0])
    return shown


def test_readme(bench):
    """README names each parameter that describe lists, with its default where it has a table for it"""
    shown, wrong = defaults_shown(), []
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    for algorithm in bench.done("describe").out.split():
        _, _, listed = bench.done("describe", algorithm).out.partition("\nParameters\n")
        for name, kind in re.findall(r"^  (\w+) +(.*(?:\n {28}.*)*)", listed, re.M):
            default = re.search(r"; default (\"[^\"]*\"|\S+)|(must be given)", " ".join(kind.split()))
            default = (default.group(1) or default.group(2)).strip('"')
            if "`%s`" % name not in readme:
                wrong.append("%s: README does not name %s" % (algorithm, name))
            elif name in shown and default not in shown[name]:
                wrong.append("%s: the default of %s is %s, not %s" % (algorithm, name, default, shown[name]))
    check(not wrong, "\n".join(wrong))


def test_full_output(bench):
    """an output that cannot be written is an error"""
    if not os.path.exists("/dev/full"):
        return
    for words in ["--help", "describe vertical-boosting"]:
        process = os.system("'%s' %s >/dev/full 2>/dev/null" % (bench.program, words))
        check(os.WEXITSTATUS(process) == 1, "%s: expected exit code 1, got %d" % (words, os.WEXITSTATUS(process)))


if __name__ == "__main__":
    Bench().run_all([test_help, test_help_of, test_help_wins, test_version, test_manual, test_unknown_command, test_unknown_option, test_values,
                     test_missing_options, test_numbers, test_addresses, test_meaningless, test_keygen, test_keygen_keeps,
                     test_keygen_public, test_describe, test_readme, test_full_output])
