#!/bin/sh
# Trains with examples/step.c, both parties in one process; the models must be those of the pooled run. Usage: examples/step.sh PROGRAM
set -eu
. examples/two_parties.sh

make_job 2
"$1" "$scratch/job.json" "$scratch/bank.key" "$scratch/bank.csv" "$scratch/bank.model" \
    "$scratch/partner.key" "$scratch/partner.csv" "$scratch/partner.model"
compare_with_pooled
compare_with_readme 2 examples/step.c
