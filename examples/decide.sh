#!/bin/sh
# Trains, then scores row by row with examples/decide.c as two parties over TCP: the scores are those of `fate predict`. Usage: examples/decide.sh PROGRAM
set -eu
program=$1
. examples/two_parties.sh

make_job 3
tables="--table bank=$scratch/bank.csv --table partner=$scratch/partner.csv"
"$fate" train --pooled --job "$scratch/job.json" $tables --model "$scratch/models"
"$fate" predict --pooled --job "$scratch/job.json" $tables --model "$scratch/models" --output "$scratch/scores.csv"
"$program" "$scratch/job.json" partner "$scratch/partner.key" "$scratch/models/partner.model" "$scratch/partner.csv" &
processes=$!
{
    cat "$scratch/bank.csv"
    echo "nobody,0,5,p1"
} | "$program" "$scratch/job.json" bank "$scratch/bank.key" "$scratch/models/bank.model" >"$scratch/decided.csv"
wait $processes
processes=
python3 - "$scratch/scores.csv" "$scratch/decided.csv" <<'PYTHON'
import sys
scores = dict(line.strip().split(",") for line in list(open(sys.argv[1]))[1:])
decided = dict(line.strip().split(",") for line in open(sys.argv[2]))
assert decided.pop("nobody") == "not known to all parties", "a row that the partner does not have got a score"
assert {id: float(score) for id, score in scores.items()} == {id: float(score) for id, score in decided.items()}, "other scores"
PYTHON
