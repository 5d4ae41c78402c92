#!/usr/bin/env bash
# How long a camera waits for an answer, beside what it costs to hear the message that the answer comes from.
# Short turns, and the middle of them: a neighbour on the same machine spoils some, not the middle.
set -uo pipefail
: "${BIN:?the directory with the programs}"
readonly limit=200 turns=15

figures=$("$BIN/bench_sigstate" "$turns") || {
    echo "FAIL sigstate: the bench ran"
    exit 1
}
middle() { # COLUMN
    awk -v column="$1" '{ print $column }' <<<"$figures" | sort -n | sed -n "$((turns / 2 + 1))p"
}
present=$(middle 1)
oldest=$(middle 2)
echo "sigstate_at: $present ns about the present, $oldest ns about the oldest state kept (at most $limit)"
echo "to check the signature of the message it comes from: $(middle 3) ns; to check, read and keep it: $(middle 4) ns"
if awk -v a="$present" -v b="$oldest" -v limit="$limit" 'BEGIN { exit !(a <= limit && b <= limit) }'; then
    echo "ok sigstate: at most $limit ns"
else
    echo "FAIL sigstate: at most $limit ns"
    echo "    expected at most $limit, came $present and $oldest"
    exit 1
fi
