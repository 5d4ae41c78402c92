#!/usr/bin/env bash
# Virtual time by the year: soak.sh weeks [FIRST [LAST]] | year [SEED]. BIN has property_week.
#
#   weeks   one week each of the random junctions FIRST..LAST (1..100)
#   year    52 weeks of one random junction, and at the same time of the bundled four-leg crossing
#
# Two processes at a time, at low priority. Prints what they say, one line for each junction with what came
# up, and fails if anything did not hold.
set -uo pipefail
export LC_ALL=C
: "${BIN:?the directory with property_week, of an optimised build}"
cd -P "$(dirname "$(readlink -f "$0")")/../.." || exit 2
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
readonly weeks_days=7 year_days=364

play() {
    nice -n 15 "$BIN/property_week" "$@"
}

weeks() {
    local first=$1 last=$2 half
    half=$(((first + last) / 2))
    play --days "$weeks_days" $(seq "$first" "$half") >"$scratch/1" 2>&1 &
    play --days "$weeks_days" $(seq $((half + 1)) "$last") >"$scratch/2" 2>&1 &
}

year() {
    play --days "$year_days" "$1" >"$scratch/1" 2>&1 &
    play --days "$year_days" --config configs/four-leg.json "$1" >"$scratch/2" 2>&1 &
}

case ${1-} in
weeks) weeks "${2-1}" "${3-100}" ;;
year) year "${2-1}" ;;
*)
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

failed=0
for job in $(jobs -p); do
    wait "$job" || failed=1
done
cat -- "$scratch/1" "$scratch/2"
printf '%s: %d s\n' "$*" "$SECONDS"
exit "$failed"
