#!/bin/sh
# Runs examples/train.c as two parties over TCP and compares their models with the pooled run's. Usage: examples/train.sh PROGRAM
# The command is taken from $FATE, build/fate unless given.
set -eu
program=$1
fate=${FATE:-build/fate}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fate-train-XXXXXX")
partner_process=
trap 'kill $partner_process 2>/dev/null || :; rm -rf "$scratch"' EXIT

bank=$("$fate" keygen --output "$scratch/bank.key")
partner=$("$fate" keygen --output "$scratch/partner.key")
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$scratch/job.json" <<END
{"algorithm": "vertical-boosting", "id": "id", "label": "y", "categorical": ["checking_account", "purpose"],
 "parties": [{"name": "bank",    "role": "guest", "key": "$bank", "address": "127.0.0.1:$port"},
             {"name": "partner", "role": "host",  "key": "$partner"}],
 "parameters": {"trees": 2, "depth": 2, "bins": 8}}
END
for party in bank partner; do # 40 rows, and of each party two columns beside the id: a number and a category
    {
        [ $party = bank ] && echo "id,y,amount,purpose" || echo "id,rate,checking_account"
        i=0
        while [ $i -lt 40 ]; do
            [ $party = bank ] && echo "r$i,$((i % 5 / 3)),$((i * 37 % 101)),p$((i % 3))" || echo "r$i,$((i * 53 % 89)),c$((i % 5))"
            i=$((i + 1))
        done
    } >"$scratch/$party.csv"
done

"$program" "$scratch/job.json" partner "$scratch/partner.key" "$scratch/partner.csv" "$scratch/partner.model" &
partner_process=$!
"$program" "$scratch/job.json" bank "$scratch/bank.key" "$scratch/bank.csv" "$scratch/bank.model"
wait $partner_process
partner_process=
"$fate" train --pooled --job "$scratch/job.json" --table "bank=$scratch/bank.csv" --table "partner=$scratch/partner.csv" \
    --model "$scratch/pooled"
for party in bank partner; do
    cmp "$scratch/$party.model" "$scratch/pooled/$party.model"
done

# What README.md shows in C is this example, line by line.
sed -n '/^```c$/,/^```$/p' README.md | grep -v '^```' >"$scratch/shown"
[ -s "$scratch/shown" ]
while IFS= read -r line; do
    grep -q -x -F -e "$line" examples/train.c || { echo "README.md shows a line that is not in examples/train.c: $line"; exit 1; }
done <"$scratch/shown"
