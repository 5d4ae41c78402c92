# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh makes $work
# A junction in real time for those who talk to it over SNMP: source it after lib.sh. Eight phases on a simulated cabinet,
# without detectors and schedule, resting in 2 and 6, whose minimum greens are 3 s: whatever else happens, the centre has
# asked for it.

by_name || finish

# junction_config [SED...]: writes the config, changed further by these expressions.
# shellcheck disable=SC2120 # there may be none
junction_config() {
    local -a more=()
    for expression in "$@"; do more+=(-e "$expression"); done
    sed -e 's/"unitStartUpFlash": 10/"unitStartUpFlash": 2, "unitStartUpCalls": 0/' -e 's/"unitStartUpAllRed": 5/"unitStartUpAllRed": 1/' \
        -e 's/"\(vehicle\|pedestrian\)DetectorCallPhase": [0-9]*/"\1DetectorCallPhase": 0/' \
        -e 's/"phaseMinimumGreen": [0-9]*/"phaseMinimumGreen": 3/' -e 's/"phaseStartup": 3/"phaseStartup": 4/' \
        -e 's/"timeBaseScheduleDayPlan": [0-9]/"timeBaseScheduleDayPlan": 0/' \
        "${more[@]}" "$ROOT/configs/four-leg.json" >"$work/config.json"
}

# junction_start: the simulated cabinet and the controller, up to the first green.
junction_start() {
    start sim "$BIN/tscsim" live -c "$work/config.json" --modbus tcp:127.0.0.1:0 --feed tcp:127.0.0.1:9
    ready sim || finish
    modbus=$(address sim modbus)
    controller_start
}
controller_start() {
    controller_open
    check "the junction begins with 2 and 6" 0 "$(wait_for 25 shows Greens 2 6; echo $?)"
}
# controller_open: the controller alone, whatever its stored schedule makes of the hour.
controller_open() {
    start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 --modbus "$modbus"
    ready tscd || finish
    snmp=$(address tscd snmp)
}

# get OBJECT...: the values, a blank between them.
get() { snmpget -v2c -c public -r2 -t2 -OqvUe "$snmp" "$@" 2>&1 | paste -sd ' '; }
# put OBJECT TYPE VALUE...: SETs them in one message; prints what was refused.
put() { snmpset -v2c -c public -r0 -t5 -OqvUe "$snmp" "$@" 2>&1 | sed -n 's/^Reason: //p; /Timeout/p'; }

# shows COLUMN PHASE...: exactly these phases stand in that column of phaseStatusGroupTable.
shows() {
    local mask=0 phase
    for phase in "${@:2}"; do mask=$((mask | 1 << (phase - 1))); done
    [ "$(get "phaseStatusGroup$1.1")" = $mask ]
}
is_green() { [ $(($(get phaseStatusGroupGreens.1) >> ($1 - 1) & 1)) = 1 ]; }
# reads VALUE OBJECT: the object has that value.
reads() { [ "$(get "$2")" = "$1" ]; }
# comes CASE SECONDS COMMAND...: it becomes true within so long.
comes() { check "$1" 0 "$(wait_for "$2" "${@:3}"; echo $?)"; }
# stays CASE SECONDS COMMAND...: it stays true for so long.
stays() { check "$1" 1 "$(wait_for "$2" fails "${@:3}"; echo $?)"; }
fails() { ! "$@"; }
