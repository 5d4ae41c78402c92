#!/usr/bin/env bash
# Runs the fuzz targets of BIN, as many at a time as told: tests/fuzz/fuzz.sh SECONDS [AT_A_TIME [TARGET...]]
#
# Each begins with seeds made from the object table. An input that breaks something is kept in $CRASHES
# (build/fuzz-crashes unless told otherwise); README.md says how to play it again.
set -uo pipefail
: "${BIN:?the directory with the programs}" "${ROOT:?the top of the sources}"
readonly seconds=${1:?seconds for each target} at_a_time=${2:-1}
readonly crashes=${CRASHES:-$ROOT/build/fuzz-crashes}
readonly longest_input=4096 memory_mb=1024 slowest_s=10
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:handle_abort=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

targets=("${@:3}")
if ((${#targets[@]} == 0)); then
    for source in "$ROOT"/tests/fuzz/fuzz_*.c; do targets+=("$(basename "$source" .c)"); done
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
trap 'exit 1' INT TERM
mkdir -p -- "$crashes" || exit 1

if ! "$BIN/fuzz_seeds" "$scratch" >"$scratch/seeds.log" 2>&1; then
    echo "FAIL fuzz: seeds"
    sed 's/^/    /' "$scratch/seeds.log"
    exit 1
fi

run() { # TARGET
    local name=${1#fuzz_} options=()
    [[ -f $scratch/$name.dict ]] && options+=("-dict=$scratch/$name.dict")
    mkdir -p "$scratch/$name" "$scratch/$name.found"
    "$BIN/$1" -max_total_time="$seconds" -max_len=$longest_input -rss_limit_mb=$memory_mb -timeout=$slowest_s \
        -print_final_stats=1 -artifact_prefix="$crashes/$name-" "${options[@]}" "$scratch/$name.found" \
        "$scratch/$name" >"$scratch/$1.log" 2>&1
    echo $? >"$scratch/$1.rc"
}

for target in "${targets[@]}"; do
    while (($(jobs -pr | wc -l) >= at_a_time)); do wait -n; done
    run "$target" &
done
wait

failed=0
for target in "${targets[@]}"; do
    log=$scratch/$target.log
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    if (($(<"$scratch/$target.rc") == 0)); then
        echo "ok fuzz: $target, $seconds s"
        echo "$target: $runs inputs, $(sed -n 's/.*cov: \([0-9]*\).*/\1/p' "$log" | tail -n 1) edges reached"
    else
        failed=1
        echo "FAIL fuzz: $target"
        grep -v '^#' "$log" | tail -n 60 | sed 's/^/    /'
    fi
done
exit $failed
