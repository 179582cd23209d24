#!/bin/sh
# Runs examples/own_protocol.c as three firms over TCP. Usage: examples/own_protocol.sh PROGRAM
# The command is taken from $FATE, build/fate unless given.
set -eu
program=$1
fate=${FATE:-build/fate}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fate-mean-XXXXXX")
processes=
trap 'kill $processes 2>/dev/null || :; rm -rf "$scratch"' EXIT

ports=$(python3 -c 'import socket
taken = [socket.socket() for _ in range(2)]
for s in taken: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in taken])')
one=$("$fate" keygen --output "$scratch/one.key")
two=$("$fate" keygen --output "$scratch/two.key")
three=$("$fate" keygen --output "$scratch/three.key")
cat >"$scratch/job.json" <<END
{"algorithm": "mean", "id": "id",
 "parties": [{"name": "one",   "role": "first",  "key": "$one", "address": "127.0.0.1:${ports% *}"},
             {"name": "two",   "role": "second", "key": "$two", "address": "127.0.0.1:${ports#* }"},
             {"name": "three", "role": "third",  "key": "$three"}]}
END
printf 'id,x\na,1.5\nb,-4\n' >"$scratch/one.csv"
printf 'id,x\nc,2.25\n' >"$scratch/two.csv"
printf 'id,x\nd,10\ne,0\nf,5\n' >"$scratch/three.csv"

for party in two three; do
    "$program" "$scratch/job.json" $party "$scratch/$party.key" "$scratch/$party.csv" &
    processes="$processes $!"
done
"$program" "$scratch/job.json" one "$scratch/one.key" "$scratch/one.csv" >"$scratch/out"
for process in $processes; do wait "$process"; done
processes=
cat "$scratch/out"
[ "$(cat "$scratch/out")" = "the mean of all rows is 2.458" ]
