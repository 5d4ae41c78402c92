#!/usr/bin/env bash
# How much faster than the street the whole intersection runs, vehicles and cameras included, on one core.
set -uo pipefail
: "${BIN:?the directory with the programs}" "${ROOT:?the top of the sources}"
readonly hours=24 wanted=5000

summary=$("$BIN/tscsim" run -c "$ROOT/configs/chengdong-s234.json" --hours $hours --seed 1 | grep '^{' | tail -n 1)
value() { sed -n 's/.*"'"$1"'": *\([0-9.]*\).*/\1/p' <<<"$summary"; }
wall=$(value wall_s)
if [[ ! $wall ]]; then
    echo "FAIL sim: tscsim run left no summary"
    exit 1
fi
ratio=$(awk -v hours=$hours -v wall="$wall" 'BEGIN { printf "%d", hours * 3600 / wall }')
echo "tscsim run: $hours h in $wall s, $ratio times real time (wanted: $wanted); vehicles: $(value vehicles)"
# The ratio depends on the machine: it is told, and no test hangs on it.
echo "ok sim: $hours hours of the T-junction come to their end"
