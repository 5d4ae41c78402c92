#!/bin/bash
# The controller is killed in the middle of a red that the cameras may rely on, and started again: until it knows by a
# yellow of its own what it shows, its feed calls nothing enforceable, and the simulator's cameras, which go through all
# of it, accuse nobody wrongly.
. "$(dirname "$0")/lib.sh"

sed -e 's/"unitStartUpFlash": [0-9]*/"unitStartUpFlash": 2/' -e 's/"unitStartUpAllRed": [0-9]*/"unitStartUpAllRed": 1/' \
    -e 's/"phaseMinimumGreen": [0-9]*/"phaseMinimumGreen": 3/' -e 's/"phaseMaximum1": [0-9]*/"phaseMaximum1": 4/' \
    -e 's/"phaseWalk": [0-9]*/"phaseWalk": 0/' -e 's/"phasePedestrianClear": [0-9]*/"phasePedestrianClear": 0/' \
    -e 's/"timeBaseScheduleDayPlan": [0-9]/"timeBaseScheduleDayPlan": 0/' "$ROOT/configs/four-leg.json" >"$work/config.json"

# controller FEED MODBUS: starts it.
controller() {
    start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed "$1" --modbus "$2"
    ready tscd || finish
}

# The simulator has to know where the feed will be before there is a cabinet to start the controller with.
controller tcp:127.0.0.1:0 tcp:127.0.0.1:9
feed=$(address tscd feed)
stop tscd
start sim "$BIN/tscsim" live -c "$work/config.json" --demand high --modbus tcp:127.0.0.1:0 --feed "$feed" \
    --json "$work/summary.json"
ready sim || finish
modbus=$(address sim modbus)

# value KEY: of the line, a number.
value() { sed -n 's/.*"'"$1"'":\([0-9]*\).*/\1/p' <<<"$line"; }

# listen: follows the feed from now on until a group is called enforceable. Leaves the last line in $line, the boot and
# how long the controller has run in $boot and $ran_us, and in $premature how many lines said so while a reason stood.
listen() {
    local started_us=
    premature=0
    exec {fd}<>"/dev/tcp/127.0.0.1/${feed##*:}"
    while IFS= read -r -t 60 line <&"$fd"; do
        started_us=${started_us:-$(value sent_mono_us)}
        [[ $line == *'"enforceable":true'* ]] || continue
        [[ $line == *'"reasons":[]'* ]] && break
        premature=$((premature + 1))
    done
    boot=$(value boot)
    ran_us=$(($(value sent_mono_us) - started_us))
    exec {fd}>&-
}

controller "$feed" "$modbus"
listen
check_match "a red is enforceable at last" '*"enforceable":true*' "$line"
before=$boot
stop tscd KILL
check "it is killed" 137 "$status"

controller "$feed" "$modbus"
listen
check "the new start is told apart from the old one" 1 $((boot > before))
check "nothing is enforceable while a reason stands" 0 "$premature"
check "nor before start-up, a green and a yellow have passed" 1 $((ran_us > 9000000))
check_match "then it is, after a yellow of this start" '*"enforceable":true*' "$line"

stop sim
check "the simulator ends well" 0 "$status"
check "its cameras accused nobody wrongly" "" "$(grep -o '"false_captures":[1-9][0-9]*' "$work/summary.json")"
check_match "and the summary is there" '*"false_captures":0*' "$(cat "$work/summary.json")"
stop tscd
check "tscd ends well" 0 "$status"
finish
