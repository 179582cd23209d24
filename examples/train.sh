#!/bin/sh
# Runs examples/train.c as two parties over TCP and compares their models with the pooled run's. Usage: examples/train.sh PROGRAM
set -eu
program=$1
. examples/two_parties.sh

make_job 2
"$program" "$scratch/job.json" partner "$scratch/partner.key" "$scratch/partner.csv" "$scratch/partner.model" &
processes=$!
"$program" "$scratch/job.json" bank "$scratch/bank.key" "$scratch/bank.csv" "$scratch/bank.model"
wait $processes
processes=
compare_with_pooled
compare_with_readme 1 examples/train.c
