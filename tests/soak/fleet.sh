#!/usr/bin/env bash
# The points of configs/quwo in virtual time: fleet.sh [HOURS [SEED [DEMAND]]], 24 hours of a day's demand
# unless told otherwise. BIN has tscsim, of an optimised build.
#
# Plays them twice, on all processors and on a single thread, at low priority. Fails unless both come to the same, at
# least 99.9 % of the records stand, none is false, and nothing was seen on the street that must not be.
set -uo pipefail
export LC_ALL=C
: "${BIN:?the directory with tscsim, of an optimised build}"
cd -P "$(dirname "$(readlink -f "$0")")/../.." || exit 2
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
hours=${1-24} seed=${2-1} demand=${3-day}
failed=0

# play NAME JOBS...
play() {
    nice -n 15 "$BIN/tscsim" fleet --configs configs/quwo --hours "$hours" --seed "$seed" --demand "$demand" \
        --json "$scratch/$1" "${@:2}"
}

# holds WHAT COMMAND...
holds() {
    if "${@:2}" >/dev/null; then
        echo "ok fleet: $1"
    else
        echo "FAIL fleet: $1"
        failed=1
    fi
}
without_wall() { sed 's/"wall_s":[0-9.]*//g' "$scratch/$1"; }
same() { [[ $(without_wall all) == "$(without_wall one)" ]]; }
# only_zero KEY: it is 0 wherever it stands.
only_zero() { [[ $(grep -o "\"$1\":[0-9]*" "$scratch/all" | sort -u) == "\"$1\":0" ]]; }
share() { sed 's/.*"voided":[0-9]*,"qualified_share":\([0-9.]*\),"points".*/\1/' "$scratch/all"; }
qualified() { awk -v share="$(share)" 'BEGIN { exit !(share >= 0.999) }'; }

if ! play all || ! play one --jobs 1 >/dev/null; then
    echo "FAIL fleet: it ends well"
    exit 1
fi
holds "the same on one thread" same
holds "qualified share $(share), at least 0.999" qualified
holds "no false capture" only_zero false_captures
holds "the guard never tripped" only_zero guard_trips
holds "nothing on the street that must not be" only_zero invariant_violations
printf '%s h, seed %s, %s demand: %d s\n' "$hours" "$seed" "$demand" "$SECONDS"
exit "$failed"
