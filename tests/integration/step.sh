#!/usr/bin/env bash
# tscsim step: the lock-step protocol, good lines and rubbish.
. "$(dirname "$0")/lib.sh"

cat >"$work/two.json" <<'EOF'
{"asc": {
  "unitStartUpFlash": 2, "unitBackupTime": 600,
  "phaseTable": [
    {"phaseNumber": 2, "phaseRing": 1, "phaseOptions": 33, "phaseConcurrency": [6], "phaseMinimumGreen": 5, "phasePassage": 20,
     "phaseMaximum1": 30, "phaseYellowChange": 35, "phaseRedClear": 15, "phaseWalk": 5, "phasePedestrianClear": 7, "phaseStartup": 6},
    {"phaseNumber": 4, "phaseRing": 1, "phaseOptions": 33, "phaseMinimumGreen": 5, "phasePassage": 20,
     "phaseMaximum1": 30, "phaseYellowChange": 35, "phaseRedClear": 15, "phaseStartup": 2},
    {"phaseNumber": 6, "phaseRing": 2, "phaseOptions": 33, "phaseConcurrency": [2], "phaseMinimumGreen": 5, "phasePassage": 20,
     "phaseMaximum1": 30, "phaseYellowChange": 35, "phaseRedClear": 15, "phaseStartup": 6}],
  "sequenceTable": [
    {"sequenceNumber": 1, "sequenceRingNumber": 1, "sequenceData": [2, 4]},
    {"sequenceNumber": 1, "sequenceRingNumber": 2, "sequenceData": [6]}],
  "vehicleDetectorTable": [
    {"vehicleDetectorNumber": 4, "vehicleDetectorOptions": 144, "vehicleDetectorCallPhase": 4}],
  "pedestrianDetectorTable": [
    {"pedestrianDetectorNumber": 2, "pedestrianDetectorCallPhase": 2}]
}}
EOF

# answers START LINE...: what tscsim step answers to these lines; its exit status in $work/status.
answers() {
    local start=$1
    shift
    printf '%s\n' "$@" | "$BIN/tscsim" step -c "$work/two.json" ${start:+--start "$start"} 2>&1
    echo "${PIPESTATUS[1]}" >"$work/status"
}

# last NAME EXPECTED START LINE...: the last answer.
last() {
    local name=$1 expected=$2 start=$3
    shift 3
    check "$name" "$expected" "$(answers "$start" "$@" | tail -n 1)"
}

# refused NAME PATTERN LINE: the line is answered by ERR and the next one works as if it had not been.
refused() {
    local came
    came=$(answers 2,6 "T 0 0 0" "$3" "T 100 0 0")
    check_match "$1" "$2" "$(sed -n 2p <<<"$came")"
    check "$1: nothing changed" "$(answers 2,6 "T 0 0 0" "T 100 0 0" | tail -n 1)" "$(sed -n 3p <<<"$came")"
}

# ---- T and P ----
last "start phases are green at 0 ms" "P 0 22 0 8 0 0 2a 0 0 0" 2,6 "T 0 0 0"
last "ring not named is idle" "P 0 2 0 28 0 0 2a 0 0 0" 2 "T 0 0 0"
last "pedestrian at 0 gets Walk at 0" "P 0 22 0 8 2 0 28 0 0 0" 2,6 "T 0 0 2"
last "a call ends the green" "P 5000 0 22 8 0 0 2a 0 0 0" 2,6 "T 0 8 0" "T 5000 8 0"
last "yellow, red clearance, next green" "P 10000 8 0 22 0 0 2a 0 0 0" 2,6 "T 10000 8 0"
last "masks of 160 bits" "P 0 22 0 8 0 0 2a 0 0 0" 2,6 "T 0 8000000000000000000000000000000000000000 0"
last "buttons beyond the last one stand for nothing" "P 0 22 0 8 2 0 28 0 0 0" 2,6 "T 0 0 ffffffffffffffffffffffffffffff0000000002"
last "no command before start-up is over" "ERR resourceUnavailable: no command acts before start-up is over" "" \
    "T 0 0 0" "C phaseControlGroupHold.1 2"
last "start-up flash shows no phase" "P 1900 0 0 0 0 0 0 0 0 0" "" "T 1900 0 0"
last "the same time again is answered, not run" "P 0 22 0 8 0 0 2a 0 0 0" 2,6 "T 0 0 0" "T 0 8 0"
check "one answer for each line" 3 "$(answers 2,6 "T 0 0 0" "bad" "T 100 0 0" | wc -l)"
check "the end of input ends it well" 0 "$(cat "$work/status")"
check "a line without its newline is answered" "P 0 22 0 8 0 0 2a 0 0 0" \
    "$(printf 'T 0 0 0' | "$BIN/tscsim" step -c "$work/two.json" --start 2,6)"

# ---- C and G ----
last "G reads a number" "G 35" 2,6 "G phaseYellowChange.2"
last "G reads a packed list" "G [6]" 2,6 "G phaseConcurrency.2"
last "G reads a status object" "G 34" 2,6 "T 0 0 0" "G phaseStatusGroupGreens.1"
last "C is read back at once" "G 7" 2,6 "C phaseMinimumGreen.2 7" "G phaseMinimumGreen.2"
last "C answers OK" "OK" 2,6 "C phaseMinimumGreen.2 7"
last "a hold holds" "P 20000 22 0 8 0 0 2a 0 0 0" 2,6 "C phaseControlGroupHold.1 34" "T 20000 8 0"
last "a timing that is set is used in the next interval" "P 9000 0 22 8 0 0 2a 0 0 0" 2,6 \
    "C phaseYellowChange.2 50" "C phaseYellowChange.6 50" "T 0 8 0" "T 9000 8 0"
check "no yellow below 3.0 s, and its red clearance whole" "P 7900 0 22 8 0 0 2a 0 0 0
P 8000 0 0 2a 0 0 2a 0 0 0
P 9400 0 0 2a 0 0 2a 0 0 0
P 9500 8 0 22 0 0 2a 0 0 0" "$(answers 2,6 "C phaseYellowChange.2 10" "C phaseYellowChange.6 10" \
    "T 0 8 0" "T 7900 8 0" "T 8000 8 0" "T 9400 8 0" "T 9500 8 0" | tail -n 4)"

# ---- I, N, E ----
last "stop time stops" "P 20000 22 0 8 0 0 2a 0 0 0" 2,6 "T 0 0 0" "I stopTime 1" "T 20000 8 0"
last "an input acts at the next tick" "OK" 2,6 "T 0 0 0" "I door 1"
for input in preempt.1 preempt.16 priority.16 flash free dimming alarm.8 interconnect.255 vehicleFault.160; do
    last "input $input" "OK" 2,6 "T 0 0 0" "I $input 1"
done
last "civil time runs with virtual time" "G 1800000010" 2,6 "N 1800000000" "T 0 0 0" "T 10000 0 0" "G globalTime.0"
check "E lists what happened since" "E 0" "$(answers 2,6 "T 0 0 0" "E" "E" | tail -n 1)"
check_match "E counts its lines" "E $(($(answers 2,6 "T 0 0 0" "E" | wc -l) - 2))" \
    "$(answers 2,6 "T 0 0 0" "E" | sed -n 2p)"
check "green start is event 1" "0 1 2" "$(answers 2,6 "T 0 0 0" "E" | grep -x '0 1 2')"

# ---- civil time and the schedule, on the shipped crossing ----
# four NAME PATTERN LINE...: the last answer of the coordinated crossing.
four() {
    local name=$1 expected=$2
    shift 2
    check_match "$name" "$expected" "$(printf '%s\n' "$@" |
        "$BIN/tscsim" step -c "$ROOT/configs/four-leg.json" --start 2,6 | tail -n 1)"
}
monday=1767542400 # 2026-01-05, 00:00 in China
four "before the first N no schedule runs" "G 0" "T 0 0 0" "T 60000 0 0" "G timebaseAscActionStatus.0"
four "N brings the action of that hour" "G 1" "N $((monday + 8 * 3600))" "T 0 0 0" "G timebaseAscActionStatus.0"
four "and civil time goes on with virtual time" "G 2" "N $((monday + 9 * 3600 - 1))" "T 0 0 0" "T 1000 0 0" \
    "G timebaseAscActionStatus.0"
four "N acts at the next tick, not before" "G 1" "N $((monday + 8 * 3600))" "T 0 0 0" \
    "N $((monday + 12 * 3600))" "G timebaseAscActionStatus.0"
four "a clock set anew, in the tick after" "G 2" "N $((monday + 8 * 3600))" "T 0 0 0" "N $((monday + 12 * 3600))" \
    "T 100 0 0" "G timebaseAscActionStatus.0"
four "the input flash leads to a flash: no vehicle mask is set" "P 120000 0 0 0 0 0 0 0 0 0" "T 0 0 0" "I flash 1" \
    "T 120000 0 0"
four "the flash ends with the input" "P 120100 22 0 dd 22 0 dd *" "T 0 0 0" "I flash 1" "T 120000 0 0" "I flash 0" \
    "T 120100 0 0"
four "overlaps stand in the last three masks" "P 50000 44 0 bb 0 0 ff 3 0 c" "T 0 0 0" "T 50000 ff 0"
four "their yellow too" "P 52000 0 44 bb 0 0 ff 0 3 c" "T 0 0 0" "T 45000 ff 0" "T 52000 0 0"
four "the input of a preempt leads to its phases" "P 30000 12 0 ed 0 0 ff *" "T 0 0 0" "T 20000 88 0" \
    "I preempt.1 1" "T 30000 88 0"
four "and the call of the centre does" "P 30000 12 0 ed 0 0 ff *" "T 0 0 0" "T 20000 88 0" \
    "C preemptControlState.1 1" "T 30000 88 0"

# ---- rubbish ----
refused "an empty line" "ERR *" ""
refused "an unknown letter" "ERR *" "X 1 2 3"
refused "a word for a letter" "ERR *" "TT 200 0 0"
refused "T without masks" "ERR *" "T 200"
refused "T with one mask" "ERR *" "T 200 0"
refused "T with too much" "ERR *" "T 200 0 0 0"
refused "T off the grid" "ERR *" "T 250 8 0"
refused "T before now" "ERR *" "T -100 8 0"
refused "T with a fraction" "ERR *" "T 200.0 8 0"
refused "T beyond any time" "ERR *" "T 99999999999999999999 8 0"
refused "T more than a year ahead" "ERR *" "T 900000000000000 8 0"
refused "a mask that is not hex" "ERR *" "T 200 xyz 0"
refused "a mask of 161 bits" "ERR *" "T 200 10000000000000000000000000000000000000000 0"
refused "C of an unknown object" "ERR noSuchName*" "C phaseColour.2 1"
refused "C of a row that is not there" "ERR noSuch*" "C phaseMinimumGreen.41 5"
refused "C of a status object" "ERR notWritable*" "C phaseStatusGroupGreens.1 255"
refused "C out of range" "ERR wrongValue*" "C phaseMinimumGreen.2 256"
refused "C below the range" "ERR wrongValue*" "C phaseMinimumGreen.2 -1"
refused "C of the wrong type" "ERR wrongType*" 'C phaseMinimumGreen.2 "5"'
refused "C of two values" "ERR *" "C phaseMinimumGreen.2 5 6"
refused "C without a value" "ERR *" "C phaseMinimumGreen.2"
refused "C that breaks the rules between objects" "ERR inconsistentValue*" "C phaseConcurrency.2 [4, 6]"
refused "C alone" "ERR *" "C"
refused "G of an unknown object" "ERR noSuch*" "G nothing.0"
refused "G of two objects" "ERR *" "G phaseWalk.2 phaseWalk.4"
refused "I of an unknown input" "ERR *" "I coffee 1"
refused "I of a value that is none" "ERR *" "I stopTime 2"
refused "I of a preempt that is not there" "ERR *" "I preempt.17 1"
refused "I of a number with a nought before it" "ERR *" "I preempt.01 1"
refused "I of a kind without its number" "ERR *" "I preempt 1"
refused "N with a fraction" "ERR *" "N 1800000000.5"
refused "N of no time" "ERR *" "N tomorrow"
refused "E with too much" "ERR *" "E 5"
check_match "a line with a NUL" "ERR *" \
    "$(printf 'T 0\0 0 0\n' | "$BIN/tscsim" step -c "$work/two.json" --start 2,6)"
check_match "a very long line" "ERR *" \
    "$({ head -c 300000 /dev/zero | tr '\0' 'T'; echo; } | "$BIN/tscsim" step -c "$work/two.json" --start 2,6)"

# ---- the command line ----
status_of() {
    "$@" >/dev/null 2>"$work/err" </dev/null
    echo $?
}
check "start phases that conflict" 2 "$(status_of "$BIN/tscsim" step -c "$work/two.json" --start 2,4)"
check "a start phase that is no number" 2 "$(status_of "$BIN/tscsim" step -c "$work/two.json" --start 2,x)"
check "a config that is not there" 2 "$(status_of "$BIN/tscsim" step -c "$work/none.json")"
echo '{"asc": {"phaseTable": [{"phaseNumber": 2, "phaseMinimumGreen": 999}]}}' >"$work/bad.json"
check "a config with a fault" 1 "$(status_of "$BIN/tscsim" step -c "$work/bad.json")"
check_match "which is named with line and key" "*bad.json:1:*phaseMinimumGreen*" "$(cat "$work/err")"
check "an option of another mode" 2 "$(status_of "$BIN/tscsim" step -c "$work/two.json" --hours 1)"

finish
