# A bank and a partner for the scripts of the examples, which read this file: keys, a job, tables, and the comparison with the pooled run.
# Everything lies in $scratch; the processes in $processes are ended at the end. The command is taken from $FATE, build/fate unless given.
fate=${FATE:-build/fate}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fate-example-XXXXXX")
processes=
trap 'kill -9 $processes 2>/dev/null || :; rm -rf "$scratch"' EXIT

make_job() { # TREES: 40 rows, and of each party two columns beside the id: a number and a category
    bank=$("$fate" keygen --output "$scratch/bank.key")
    partner=$("$fate" keygen --output "$scratch/partner.key")
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat >"$scratch/job.json" <<JOB
{"algorithm": "vertical-boosting", "id": "id", "label": "y", "categorical": ["checking_account", "purpose"],
 "parties": [{"name": "bank",    "role": "guest", "key": "$bank", "address": "127.0.0.1:$port"},
             {"name": "partner", "role": "host",  "key": "$partner"}],
 "parameters": {"trees": $1, "depth": 2, "bins": 8}}
JOB
    for party in bank partner; do
        {
            [ $party = bank ] && echo "id,y,amount,purpose" || echo "id,rate,checking_account"
            i=0
            while [ $i -lt 40 ]; do
                [ $party = bank ] && echo "r$i,$((i % 5 / 3)),$((i * 37 % 101)),p$((i % 3))" || echo "r$i,$((i * 53 % 89)),c$((i % 5))"
                i=$((i + 1))
            done
        } >"$scratch/$party.csv"
    done
}

compare_with_pooled() {
    "$fate" train --pooled --job "$scratch/job.json" --table "bank=$scratch/bank.csv" --table "partner=$scratch/partner.csv" \
        --model "$scratch/pooled"
    for party in bank partner; do
        cmp "$scratch/$party.model" "$scratch/pooled/$party.model"
    done
}

compare_with_readme() { # NUMBER FILE: what README.md shows in its C block of that number is that file, line by line
    awk -v wanted="$1" '/^```c$/ { number++; shown = 1; next } /^```$/ { shown = 0 } shown && number == wanted' README.md >"$scratch/shown"
    [ -s "$scratch/shown" ] || { echo "README.md has no C block number $1"; exit 1; }
    while IFS= read -r line; do
        grep -q -x -F -e "$line" "$2" || { echo "README.md shows a line that is not in $2: $line"; exit 1; }
    done <"$scratch/shown"
}
