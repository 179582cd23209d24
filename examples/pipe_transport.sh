#!/bin/sh
# Runs examples/pipe_transport.c as two processes and compares their models with the pooled run's. Usage: examples/pipe_transport.sh PROGRAM
set -eu
program=$1
. examples/two_parties.sh

make_job 3
mkdir "$scratch/pipes"
"$program" "$scratch/job.json" partner "$scratch/partner.key" "$scratch/partner.csv" "$scratch/partner.model" "$scratch/pipes" &
processes=$!
"$program" "$scratch/job.json" bank "$scratch/bank.key" "$scratch/bank.csv" "$scratch/bank.model" "$scratch/pipes"
wait $processes
processes=
compare_with_pooled
[ -z "$(ls "$scratch/pipes")" ] || { echo "pipes were left:"; ls "$scratch/pipes"; exit 1; }
