#!/usr/bin/env bash
# tscsim run --records: what the simulated cameras leave behind.
. "$(dirname "$0")/lib.sh"

# The bundled junction on a day on which everybody misbehaves.
sed 's/"cameras": \[/"offences": {"wrong_way": 12, "parking": 4, "short_stops": 12}, "cameras": [/' \
    "$ROOT/configs/chengdong-s234.json" >"$work/junction.json"

# records DIRECTORY: one hour, its summary in $work/summary, its exit status in $status.
records() {
    "$BIN/tscsim" run -c "$work/junction.json" --hours 1 --seed 3 --records "$1" >"$work/summary" 2>"$work/errors"
    status=$?
}

# total KEY: the sum of a count over the kinds of cameras.
total() {
    grep -o "\"$1\":[0-9]*" "$work/summary" | awk -F: '{ sum += $2 } END { print sum + 0 }'
}

# count PATTERN: files of the records by their names.
count() {
    find "$work/records" -type f -name "$1" | wc -l
}

records "$work/records"
check "the run ends well" 0 "$status"
check "nothing to complain of" "" "$(cat "$work/errors")"
check "each record is a JSON file" "$(total captured)" "$(count '*.json')"
check "with three pictures" $((3 * $(total captured))) "$(count '*.svg')"
check "every kind has some" "parking red-light wrong-way" \
    "$(sed -n 's/^  "kind": "\(.*\)",$/\1/p' "$work"/records/*.json | sort -u | paste -sd' ')"
check "every picture named is there" "" \
    "$(cd "$work/records" && sed -n 's/.*"file": "\([^"]*\)".*/\1/p' ./*.json | while read -r file; do
        [ -s "$file" ] || echo "$file"
    done)"
check "the pictures are well-formed" "" "$(xmllint --noout "$work"/records/*.svg 2>&1)"
check "a red-light record was enforceable in all its pictures" 0 \
    "$(grep -l '"kind": "red-light"' "$work"/records/*.json | xargs cat | grep -c '"enforceable": false')"
check "no false capture" 0 "$(total false_captures)"

mv "$work/records" "$work/first"
records "$work/records"
check "the same seed gives the same records, octet for octet" "" "$(diff -r "$work/first" "$work/records")"

: >"$work/file"
records "$work/file"
check "a file is no directory: exit status" 3 "$status"
check_match "a file is no directory: the reason" "*file: Not a directory" "$(cat "$work/errors")"
check "nothing has run" "" "$(cat "$work/summary")"

rm -rf "$work/records"
(
    trap '' XFSZ
    ulimit -f 2
    records "$work/records"
    echo "$status" >"$work/status"
)
check "no room left: the run goes on" 0 "$(cat "$work/status")"
check "no room left: said once" 1 "$(wc -l <"$work/errors")"
check "no room left: nothing half done is left" 0 "$(count '*')"

finish
