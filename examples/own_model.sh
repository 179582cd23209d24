#!/bin/sh
# Runs examples/own_model.c as an aggregator and three clients over TCP. Usage: examples/own_model.sh PROGRAM
# The command is taken from $FATE, build/fate unless given.
set -eu
program=$1
fate=${FATE:-build/fate}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fate-own-XXXXXX")
processes=
trap 'kill $processes 2>/dev/null || :; rm -rf "$scratch"' EXIT

port=$(python3 -c 'import socket
taken = socket.socket()
taken.bind(("127.0.0.1", 0))
print(taken.getsockname()[1])')
for party in centre north south west; do "$fate" keygen --output "$scratch/$party.key" >"$scratch/$party.public"; done
cat >"$scratch/job.json" <<END
{"algorithm": "horizontal-custom", "id": "id",
 "parties": [{"name": "centre", "role": "aggregator", "key": "$(cat "$scratch/centre.public")", "address": "127.0.0.1:$port"},
             {"name": "north",  "role": "client",     "key": "$(cat "$scratch/north.public")"},
             {"name": "south",  "role": "client",     "key": "$(cat "$scratch/south.public")"},
             {"name": "west",   "role": "client",     "key": "$(cat "$scratch/west.public")"}],
 "parameters": {"weights": 2, "rounds": 10}}
END
# Points of y = 3 x - 1, from another stretch of it for each client.
printf 'id,x,y\na,-1,-4\nb,-0.5,-2.5\nc,0,-1\n' >"$scratch/north.csv"
printf 'id,x,y\nd,0,-1\ne,0.5,0.5\n' >"$scratch/south.csv"
printf 'id,x,y\nf,1,2\ng,0.25,-0.25\nh,0.75,1.25\ni,-0.25,-1.75\n' >"$scratch/west.csv"

for party in north south west; do
    "$program" "$scratch/job.json" $party "$scratch/$party.key" "$scratch/$party.csv" >"$scratch/$party.out" &
    processes="$processes $!"
done
"$program" "$scratch/job.json" centre "$scratch/centre.key" >"$scratch/out"
for process in $processes; do wait "$process"; done
processes=
cat "$scratch/out"
for party in north south west; do [ "$(tail -n 1 "$scratch/$party.out")" = "$(tail -n 1 "$scratch/out")" ]; done
[ "$(tail -n 1 "$scratch/out")" = "y = 3.00 x + -1.00" ]
