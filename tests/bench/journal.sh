#!/usr/bin/env bash
# How large the journal of a crossing gets in 90 days, and how long an answer takes. A week of it is put down, or
# DAYS days.
set -uo pipefail
: "${BIN:?the directory with the programs}" "${ROOT:?the top of the sources}"
days=${DAYS:-7}
shm=/dev/shm
[[ -w $shm ]] || shm=${TMPDIR:-/tmp} # a disk that has to keep each batch takes minutes
work=$(mktemp -d "$shm/tsc-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

if told=$("$BIN/bench_journal" "$ROOT/configs/four-leg.json" "$days" "$work/journal.db"); then
    echo "$told"
    octets=$(stat -c %s "$work/journal.db")
    echo "$octets octets in $days days: $((octets * 90 / days / 1000000)) MB in 90 days"
    if grep -q '^1000 of 1000 questions answered' <<<"$told"; then
        echo "ok journal: a thousand questions about $days days are answered"
        exit 0
    fi
fi
echo "FAIL journal: a thousand questions about $days days are answered"
echo "${told:-nothing was told}"
exit 1
