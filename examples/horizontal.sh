#!/bin/sh
# Runs examples/horizontal.c: an aggregator and three clients in one program, which must put nearly all new rows on the right side.
# Usage: examples/horizontal.sh PROGRAM. The command is taken from $FATE, build/fate unless given.
set -eu
fate=${FATE:-build/fate}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fate-horizontal-XXXXXX")
trap 'rm -rf "$scratch"' EXIT

write_table() { # NAME FIRST: 30 rows of which those with a + b above 100 have label 1
    {
        echo "id,y,a,b"
        i=0
        while [ $i -lt 30 ]; do
            a=$(((i * 37 + $2 * 11) % 101)) b=$(((i * 53 + $2 * 29) % 97))
            echo "$1$i,$((a + b > 100)),$a,$b"
            i=$((i + 1))
        done
    } >"$scratch/$1.csv"
}

parties=
for party in centre north south west; do
    key=$("$fate" keygen --output "$scratch/$party.key")
    [ $party = centre ] && role=aggregator || role=client
    parties="$parties${parties:+,}{\"name\": \"$party\", \"role\": \"$role\", \"key\": \"$key\"}"
done
cat >"$scratch/job.json" <<END
{"algorithm": "horizontal-linear", "id": "id", "label": "y", "parties": [$parties],
 "parameters": {"rounds": 30, "batch": 10, "learning_rate": 0.5, "trust": "colluding"}}
END
write_table north 1
write_table south 2
write_table west 3
write_table new 4

"$1" "$scratch/job.json" "$scratch/new.csv" "$scratch/scores.csv" "$scratch/centre.key" "$scratch/north.key" "$scratch/north.csv" \
    "$scratch/south.key" "$scratch/south.csv" "$scratch/west.key" "$scratch/west.csv"
cat "$scratch/scores.csv"
tail -n +2 "$scratch/scores.csv" | sort -t, -k1,1 >"$scratch/sorted"
[ "$(wc -l <"$scratch/sorted")" -eq 30 ]
right=$(tail -n +2 "$scratch/new.csv" | sort -t, -k1,1 | join -t, - "$scratch/sorted" | awk -F, '($5 > 0.5) == ($2 == 1)' | wc -l)
[ "$right" -ge 27 ] || { echo "only $right of 30 rows are put on the right side"; exit 1; }
