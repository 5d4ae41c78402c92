#!/usr/bin/env bash
# Instructions of one engine step with the guard behind it, and what it allocates, by valgrind.
# Two runs of different length: their difference leaves the start-up of the program out.
set -uo pipefail
: "${BIN:?the directory with the programs}"
readonly limit=1500 full_limit=3000 short=2000 long=12000
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT

instructions() { # TICKS [everything]
    valgrind --tool=callgrind --callgrind-out-file="$scratch/callgrind" "$BIN/bench_engine" "$@" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
allocations() { # TICKS
    valgrind --tool=memcheck "$BIN/bench_engine" "$1" 2>&1 |
        sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p'
}

few=$(instructions $short)
many=$(instructions $long)
if [[ ! $few || ! $many ]]; then
    echo "FAIL engine: callgrind gave no count"
    exit 1
fi
step=$(((many - few) / (long - short)))
echo "engine and guard: $step instructions a tick with eight phases (at most $limit)"
few=$(instructions $short everything)
many=$(instructions $long everything)
full=$(((many - few) / (long - short)))
echo "engine and guard: $full instructions a tick with sixteen phases, coordination, overlaps and preempts" \
    "(at most $full_limit)"
few=$(allocations $short)
many=$(allocations $long)
echo "engine and guard: allocations of the whole program: $few in $short ticks, $many in $long"

failed=0
if ((step <= limit)); then echo "ok engine: at most $limit instructions a tick"; else
    echo "FAIL engine: at most $limit instructions a tick"
    echo "    expected at most $limit, came $step"
    failed=1
fi
if ((full <= full_limit)); then echo "ok engine: at most $full_limit with everything in use"; else
    echo "FAIL engine: at most $full_limit with everything in use"
    echo "    expected at most $full_limit, came $full"
    failed=1
fi
if [[ $few && $few == "$many" ]]; then echo "ok engine: no allocation after start"; else
    echo "FAIL engine: no allocation after start"
    echo "    expected the same count, came $few in $short ticks and $many in $long"
    failed=1
fi
exit "$failed"
