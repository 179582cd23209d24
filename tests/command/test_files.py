#!/usr/bin/env python3
"""What is checked alone, before anything is sent: job, key, tables, the places of results. No peer is there in these tests."""
import json
import os
import re

from harness import Bench, IDENTITY, INPUT, Job, USAGE, check


def test_missing_job(bench):
    """a missing job file is named"""
    bench.fails(["train", "--job", bench.path("no.json"), "--party", "p", "--key", "k", "--table", "t", "--model", "m"], INPUT,
                r"^fate train: .*no\.json")


def test_bad_json(bench):
    """a job that is no JSON is refused with its line"""
    job = Job(bench)
    bench.write("job.json", '{"algorithm": "vertical-boosting",\n "id" "id"}')
    bench.fails(job.train_words("bank"), INPUT, r"job\.json", r"line 2|:2")


def test_unknown_key(bench):
    """unknown keys of a job are errors that name the key"""
    job = Job(bench)
    document = job.document()
    document["lable"] = "y"
    bench.fails(job.train_words("bank", job=job.write_job("one.json", document)), INPUT, r"lable")
    document = job.document()
    document["parameters"]["tree"] = 3
    bench.fails(job.train_words("bank", job=job.write_job("two.json", document)), INPUT, r"tree\b")
    document = job.document()
    document["parties"][0]["adress"] = "here"
    bench.fails(job.train_words("bank", job=job.write_job("three.json", document)), INPUT, r"adress")


def test_bad_values(bench):
    """values of a job that are out of range or of another kind are errors that name the field"""
    job = Job(bench)
    for name, value in [("trees", 0), ("trees", "ten"), ("learning_rate", -1), ("objective", "cubic"), ("key_bits", 1024)]:
        document = job.document()
        document["parameters"][name] = value
        bench.fails(job.train_words("bank", job=job.write_job("bad.json", document)), INPUT, name)
    document = job.document()
    document["algorithm"] = "vertical-guessing"
    bench.fails(job.train_words("bank", job=job.write_job("bad.json", document)), INPUT, r"vertical-guessing")


def test_unknown_party(bench):
    """a party that the job does not have is a usage error that lists the names"""
    job = Job(bench)
    words = job.train_words("banc", key=bench.path("bank.key"), table=bench.path("bank_train.csv"))
    bench.fails(words, USAGE, r"banc", r"bank", r"telecom")


def test_bad_key_file(bench):
    """a key file that is missing or damaged is named"""
    job = Job(bench)
    bench.fails(job.train_words("bank", key=bench.path("no.key")), INPUT, r"no\.key")
    for content in ("not a key\n", "id,x\n" + "1,2\n" * 1000):
        bench.fails(job.train_words("bank", key=bench.write("bad.key", content)), INPUT, r"bad\.key: not a secret key file")


def test_other_key(bench):
    """a key that the job does not pin for this party is refused at once"""
    job = Job(bench)
    bench.fails(job.train_words("bank", key=bench.path("telecom.key")), IDENTITY, r"bank")


def test_bad_tables(bench):
    """a bad table gives file, line, column and reason"""
    job = Job(bench)
    good = ["id,y,income,region", "a,1,5,north", "b,0,6,south"]
    for change, expected in [((2, "b,0,many,south"), [r"3", r"income", r"many"]),
                             ((2, "b,0,6"), [r"3", r"3 fields|fields"]),
                             ((2, "a,0,6,south"), [r'"a"', r"2 and 3"]),
                             ((2, "b,,6,south"), [r"3", r"\by\b"]),
                             ((2, ",0,6,south"), [r"3", r"\bid\b"]),
                             ((0, "id,y,income,income"), [r"income", r"3 and 4"]),
                             ((0, "name,y,income,region"), [r"\bid\b"]),
                             ((0, "id,z,income,region"), [r"\by\b"])]:
        lines = list(good)
        lines[change[0]] = change[1]
        path = bench.write("bad.csv", "\n".join(lines) + "\n")
        bench.fails(job.train_words("bank", table=path), INPUT, r"bad\.csv", *expected)
    bench.fails(job.train_words("bank", table=bench.path("no.csv")), INPUT, r"no\.csv")


def test_model_place(bench):
    """a model that could not be written is an error before anything is sent"""
    job = Job(bench)
    words = job.train_words("bank")
    at = words.index("--model") + 1
    places = [("missing/bank.model", r"missing"), ("", r"directory"), (None, r"/proc: ")]
    for place, expected in places if os.path.isdir("/proc") else places[:-1]:
        words[at] = "/proc/bank.model" if place is None else bench.path(place)
        bench.fails(words, INPUT, expected)


def test_model_kept(bench):
    """a file that is not this job's model is never overwritten, not even with --restart"""
    job = Job(bench)
    bench.write("bank.model", "precious")
    bench.fails(job.train_words("bank"), INPUT, r"bank\.model exists", r"not overwritten")
    bench.fails(job.train_words("bank", "--restart"), INPUT, r"bank\.model exists")
    check(bench.bytes_of("bank.model") == b"precious", "the file was touched")


def test_report_place(bench):
    """a report that could not be written is an error before anything is sent"""
    job = Job(bench)
    bench.fails(job.train_words("bank", "--report", bench.path("missing/report.json")), INPUT, r"report\.json")


def test_link(bench):
    """--link says for that link and this machine which cipher would be fastest; it is for boosting, and --delay for it"""
    job = Job(bench)
    result = bench.fate(*job.train_words("bank", "--timeout", "1", "--link", "100", "--delay", "20"))
    said = re.sub(r"\s+", " ", result.err)
    check(re.search(r"With a link of 100 Mbit/s and this machine .* round trips add 160 ms to a tree .* would be the fastest", said), "nothing said: %s" % result)
    check("With a link" not in bench.fate(*job.train_words("bank", "--timeout", "1")).err, "a link without --link")
    bench.fails(job.train_words("bank", "--delay", "20"), USAGE, r"--delay has no meaning without --link")
    bench.fails(job.train_words("bank", "--link", "0"), USAGE, r"--link")


def test_ask_without_terminal(bench):
    """--ask without a terminal is an error"""
    job = Job(bench)
    bench.fails(job.train_words("bank", "--ask"), USAGE, r"--ask needs a terminal")
    bench.fails(job.predict_words("bank", "--ask", "--output", bench.path("scores.csv")), USAGE, r"--ask needs a terminal")


def test_predict_inputs(bench):
    """predict names a missing model and, for the guest, a missing --output"""
    job = Job(bench)
    bench.fails(job.predict_words("bank"), USAGE, r"--output FILE is missing")
    bench.fails(job.predict_words("bank", "--output", bench.path("scores.csv")), INPUT, r"bank\.model")
    bench.write("telecom.model", "not a model")
    bench.fails(job.predict_words("telecom"), INPUT, r"telecom\.model")
    check(not os.path.exists(bench.path("scores.csv")), "scores were written")


def test_no_address(bench):
    """a job in which neither of two parties has an address is refused"""
    job = Job(bench)
    document = job.document()
    del document["parties"][0]["address"]
    bench.fails(job.train_words("bank", job=job.write_job("none.json", document)), INPUT, r"address")


def test_job_is_checked_first(bench):
    """nothing is written when the job is bad"""
    job = Job(bench)
    before = sorted(os.listdir(bench.directory))
    bench.write("job.json", json.dumps({"algorithm": "vertical-boosting"}))
    bench.fails(job.train_words("bank", "--state", bench.path("state")), INPUT, r"job\.json|missing|id")
    check(sorted(os.listdir(bench.directory)) == before, "files appeared: %s" % os.listdir(bench.directory))


if __name__ == "__main__":
    Bench().run_all([test_missing_job, test_bad_json, test_unknown_key, test_bad_values, test_unknown_party, test_bad_key_file,
                     test_other_key, test_bad_tables, test_model_place, test_model_kept, test_report_place, test_link, test_ask_without_terminal,
                     test_predict_inputs, test_no_address, test_job_is_checked_first])
