#!/bin/bash
# The controller, its cabinet over a real Modbus connection and a camera: start-up, a killed simulator, a killed
# controller.
. "$(dirname "$0")/lib.sh"

greens=1.3.6.1.4.1.1206.4.2.1.1.4.1.4.1 # phaseStatusGroupGreens.1
yellow=1.3.6.1.4.1.1206.4.2.1.1.2.1.8.2 # phaseYellowChange.2
hold=1.3.6.1.4.1.1206.4.2.1.1.5.1.4.1   # phaseControlGroupHold.1

sed -e 's/"unitStartUpFlash": 10/"unitStartUpFlash": 2/' -e 's/"unitStartUpAllRed": 5/"unitStartUpAllRed": 1/' \
    "$ROOT/configs/chengdong-s234.json" >"$work/config.json"

begin_sim() {
    start sim "$BIN/tscsim" live -c "$work/config.json" --modbus "$1" --feed "$2"
    ready sim || finish
}

begin_tscd() {
    start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed "$1" --modbus "$modbus"
    ready tscd || finish
    snmp=$(address tscd snmp)
}

get() { snmpget -v2c -c public -r1 -t2 -Oqv "$snmp" "$1"; }
phase_2_is_green() { [ $(($(get "$greens") & 2)) = 2 ]; }
nothing_is_green() { [ "$(get "$greens")" = 0 ]; }
told() { grep -q "$1" "$work/tscd.err"; }
sim_says() { tail -n 1 "$work/sim.out" | grep -q "$1"; }

begin_sim tcp:127.0.0.1:0 tcp:127.0.0.1:9
modbus=$(address sim modbus)
begin_tscd tcp:127.0.0.1:0
check "no command is taken during start-up" 0 \
    "$(snmpset -v2c -c public -r0 -t2 "$snmp" $hold i 2 2>&1 | grep -c INTEGER)"
check "start-up ends in green" 0 "$(wait_for 20 phase_2_is_green; echo $?)"
check "the cabinet is in service" 0 "$(wait_for 15 sim_says "cabinet in service"; echo $?)"
check "then commands are taken" 2 "$(snmpset -v2c -c public -r0 -t2 -Oqv "$snmp" $hold i 2)"
check "no cabinet was lost so far" 1 "$(told "alarm cabinet: lost"; echo $?)"

check_match "a yellow below the card's floor is refused" "*inconsistentValue*" \
    "$(snmpset -v2c -c public -r0 -t5 "$snmp" $yellow i 29 2>&1)"
check "and not applied" 30 "$(get $yellow)"
check "and in the audit, with the reason" 0 "$(told "below the card's floor of 3000 ms for channel 1"; echo $?)"

# A camera subscribes, hears one message, and vanishes.
feed=$(address tscd feed)
exec 3<>"/dev/tcp/127.0.0.1/${feed##*:}"
read -r -t 5 message <&3
exec 3>&-
check_match "a subscriber is told the whole state at once" '{"feed":1,*"kind":"full"*"color":"green"*' "$message"
check "one that vanishes is told" 0 "$(wait_for 5 told "feed subscriber .* lost"; echo $?)"
check "and ends nothing" 2 "$(($(get "$greens") & 2))"

stop sim KILL
check "a killed simulator is a lost cabinet" 0 "$(wait_for 5 told "alarm cabinet: lost"; echo $?)"
check "the phases are off" 0 "$(wait_for 5 nothing_is_green; echo $?)"
check "the controller goes on" 0 "$(running tscd; echo $?)"

begin_sim "$modbus" tcp:127.0.0.1:9
check "the cabinet is found again" 0 "$(wait_for 10 told "notice cabinet: its field I/O answers"; echo $?)"
check "and start-up runs again" 0 "$(wait_for 20 phase_2_is_green; echo $?)"
check "what the centre commanded before is forgotten" 0 "$(get $hold)"

stop tscd KILL
check "a killed controller makes the cabinet flash" 0 "$(wait_for 15 sim_says "cabinet in flash"; echo $?)"
begin_tscd tcp:127.0.0.1:0
check "a new one takes over" 0 "$(wait_for 20 phase_2_is_green; echo $?)"
stop tscd
check "tscd ends well" 0 "$status"
stop sim
check "so does the simulator" 0 "$status"
finish
