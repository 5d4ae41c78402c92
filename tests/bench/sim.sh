#!/usr/bin/env bash
# How much faster than the street the whole intersection runs, vehicles and cameras included, on one core; and how long
# a day of the twenty-three points takes on all of them.
set -uo pipefail
: "${BIN:?the directory with the programs}" "${ROOT:?the top of the sources}"
readonly hours=24

value() { sed -n 's/.*"'"$1"'": *\([0-9.]*\).*/\1/p' <<<"$summary"; }

# day CONFIG WANTED WHAT: one day of it; the ratio depends on the machine: it is told, and no test hangs on it.
day() {
    local config=$1 wanted=$2 what=$3 summary wall ratio
    summary=$("$BIN/tscsim" run -c "$ROOT/configs/$config.json" --hours $hours --seed 1 | grep '^{' | tail -n 1)
    wall=$(value wall_s)
    if [[ ! $wall ]]; then
        echo "FAIL sim: tscsim run left no summary of $what"
        return 1
    fi
    ratio=$(awk -v hours=$hours -v wall="$wall" 'BEGIN { printf "%d", hours * 3600 / wall }')
    echo "tscsim run: $hours h in $wall s, $ratio times real time (wanted: $wanted); vehicles: $(value vehicles)"
    echo "ok sim: $hours hours of $what come to their end"
}

fleet() {
    local summary wall
    summary=$("$BIN/tscsim" fleet --configs "$ROOT/configs/quwo" --hours $hours --seed 1 | tail -n 1)
    wall=$(sed -n 's/^{"wall_s":\([0-9.]*\).*/\1/p' <<<"$summary")
    if [[ ! $wall ]]; then
        echo "FAIL sim: tscsim fleet left no summary"
        return 1
    fi
    echo "tscsim fleet: $hours h of twenty-three points in $wall s on $(nproc) processors (wanted: 600 on two)"
    echo "ok sim: $hours hours of the fleet come to their end"
}

failed=0
day chengdong-s234 5000 "the T-junction" || failed=1
day four-leg 3000 "the coordinated crossing" || failed=1
fleet || failed=1
exit $failed
