#!/bin/sh
# Runs examples/sqlite_store.c as two parties, kills now one and now the other when it has stored something new, and starts it again; the models
# must equal the pooled run's. A party that began anew would be refused by the other. Usage: examples/sqlite_store.sh PROGRAM
set -eu
program=$1
. examples/two_parties.sh

start() { # PARTY: its process is $started
    "$program" "$scratch/job.json" "$1" "$scratch/$1.key" "$scratch/$1.csv" "$scratch/$1.model" "$scratch/$1.sqlite" &
    started=$!
    eval "$1_process=$started"
    processes="$processes $started"
}

wait_for_new_state() { # PARTY: until its database is another one than it was
    cp "$scratch/$1.sqlite" "$scratch/before" 2>/dev/null || : >"$scratch/before"
    while cmp -s "$scratch/$1.sqlite" "$scratch/before" && kill -0 "$started" 2>/dev/null; do sleep 0.02; done
}

make_job 60
start bank
start partner
for party in partner bank partner bank; do
    wait_for_new_state $party
    eval "process=\$${party}_process"
    kill -9 "$process"
    wait "$process" 2>/dev/null || :
    [ ! -e "$scratch/$party.model" ] || { echo "$party was done before it was killed: nothing was tested"; exit 1; }
    start $party
done
wait "$bank_process"
wait "$partner_process"
processes=
compare_with_pooled
