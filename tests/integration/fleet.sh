#!/usr/bin/env bash
# Every config that is shipped may run, and `tscsim fleet` plays many of them: the same whatever the number of threads,
# and nothing at all if one has a fault.
. "$(dirname "$0")/lib.sh"

readonly points=$ROOT/configs/quwo
mkdir "$work/few" "$work/empty"
cp "$points"/01.json "$points"/10.json "$points"/12.json "$points"/21.json "$work/few"

refused=
for config in "$ROOT"/configs/*.json "$points"/*.json; do
    "$BIN/tscd" --check -c "$config" >/dev/null 2>&1 || refused+=" ${config##*/}"
done
check "every config may run" "" "$refused"

# fleet ARGUMENT...: plays it; leaves the exit status in $status.
fleet() {
    "$BIN/tscsim" fleet "$@" >"$work/out" 2>"$work/err"
    status=$?
}
# without_wall FILE: the JSON without what the wall clock says.
without_wall() { sed 's/"wall_s":[0-9.]*//g' "$1"; }
# summary_of ID FILE: the JSON of one point.
summary_of() { grep -o "{\"id\":\"$1\".*" "$2" | sed 's/,{"id":.*//; s/\],"total.*//; s/\]}$//'; }

fleet --configs "$work/few" --hours 0.2 --seed 5 --jobs 1 --json "$work/one.json"
check "a fleet ends well" 0 "$status"
check "its table has a line for each point and one for all" \
    "point quwo-01 quwo-10 quwo-12 quwo-21 all" "$(awk '{ print $1 }' "$work/out" | paste -sd ' ')"
check "no capture is false" 0 "$(grep -o '"false_captures":[0-9]*' "$work/one.json" | sort -u | sed 's/.*://')"
fleet --configs "$work/few" --hours 0.2 --seed 5 --jobs 3 --json "$work/three.json" --records "$work/records"
check "three threads come to the same as one" "$(without_wall "$work/one.json")" "$(without_wall "$work/three.json")"
check "each point has a directory for its records" \
    "quwo-01 quwo-10 quwo-12 quwo-21" "$(cd "$work/records" && echo *)"
fleet --configs "$work/few" --hours 0.2 --seed 6 --jobs 3
check "without --json it ends with the JSON" '{"wall_s"' "$(tail -n 1 "$work/out" | cut -c -9)"
check "another seed comes to something else" 1 \
    "$(cmp -s <(without_wall "$work/three.json") <(tail -n 1 "$work/out" | sed 's/"wall_s":[0-9.]*//g'); echo $?)"

summary_of quwo-12 "$work/one.json" >"$work/point"
seed=$(sed 's/.*"seed":\([0-9]*\).*/\1/' "$work/point")
"$BIN/tscsim" run -c "$work/few/12.json" --hours 0.2 --seed "$seed" --demand day >"$work/alone"
check "run plays a point alone with its seed" "$(without_wall "$work/alone")" "$(without_wall "$work/point")"

cp "$points/11.json" "$work/few/"
sed 's/"phaseYellowChange": 30/"phaseYellowChange": 20/' "$points/10.json" >"$work/few/10.json"
fleet --configs "$work/few" --hours 0.2
check "a config with a fault: nothing runs" "1 " "$status $(cat "$work/out")"
check_match "and it is named with its fault" "*few/10.json:*phaseYellowChange*" "$(cat "$work/err")"
cp "$points/11.json" "$work/few/10.json"
fleet --configs "$work/few" --hours 0.2
check "two configs of one site" "1 $work/few/11.json: site.id: \"quwo-11\" is that of $work/few/10.json" "$status $(cat "$work/err")"
fleet --configs "$work/empty" --hours 0.2
check "a directory without a config" 2 "$status"
fleet --configs "$work/nowhere" --hours 0.2
check "no directory" 2 "$status"
fleet --configs "$points"
check "no hours" 2 "$status"
fleet -c "$points/01.json" --hours 1
check "-c does not go with it" "2 tscsim: --config does not go with fleet" "$status $(cat "$work/err")"
fleet --configs "$points" --hours 1 --jobs 0
check "no threads" 2 "$status"
fleet --configs "$points" --hours 1 --json "$work/nowhere/x.json"
check "a summary that cannot be written: nothing runs" "3 " "$status $(cat "$work/out")"
fleet --configs "$points" --hours 1 --records "$work/nowhere/records"
check "records that cannot be written: nothing comes of it" "3 " "$status $(cat "$work/out")"
finish
