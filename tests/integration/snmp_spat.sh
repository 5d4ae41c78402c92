#!/bin/bash
# Signal phase and timing: a roadside unit switches the broadcast message on with one SET, hears what the centre
# reads, and asks for priority for a bus.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
switch=1.3.6.1.4.1.1206.3.5.2.9.44.1
groups="$asc.1.4.1.2.1 $asc.1.4.1.3.1 $asc.1.4.1.4.1" # red, yellow, green
prg=1.3.6.1.4.1.1206.4.2.11.2

start unit "$BIN/tscbm_listen"
ready unit || finish
start fixed "$BIN/tscbm_listen"
ready fixed || finish

sed -e 's/"unitStartUpFlash": 10/"unitStartUpFlash": 2/' -e 's/"unitStartUpAllRed": 5/"unitStartUpAllRed": 1/' \
    -e "0,/{/s//{\"tscbm\": {\"port\": $(address unit port), \"receivers\": [\"udp:127.0.0.1:$(address fixed port)\"]},/" \
    "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
start sim "$BIN/tscsim" live -c "$work/config.json" --modbus tcp:127.0.0.1:0 --feed tcp:127.0.0.1:9
ready sim || finish
start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
    --modbus "$(address sim modbus)"
ready tscd || finish
snmp=$(address tscd snmp)

get() { snmpget -v2c -c public -r1 -t2 -Oqv "$snmp" "$@"; }
set_to() { snmpset -v1 -c public -r0 -t5 -Oqv "$snmp" "$@" 2>&1; }
heard() { grep -c '^2' "$work/$1.out"; }
hears() { [ "$(heard "$1")" -ge "$2" ]; }
last() { tail -n 1 "$work/$1.out" | cut -d ' ' -f "$2"; }
last_is() { [ "$(last "$1" "$2")" = "$3" ]; }
# What the unit hears is what the centre reads; a change in between is tried again.
# shellcheck disable=SC2086
agrees() { [ "$(get $groups | tr '\n' ' ')" = "$(last unit 4-6) " ]; }
something_is_green() { [ "$(get "$asc.1.4.1.4.1")" -gt 0 ]; }
# Whether the last message is a second older than what the controller knows.
silent() {
    local h m s
    # shellcheck disable=SC2046
    set -- $(get -Ox "$asc.16.1.0" | tr -d '"')
    h=$((16#$1)) m=$((16#$2)) s=$((16#$3))
    [ $(((h * 3600 + m * 60 + s - $(last unit 8) + 86400) % 86400)) -ge 2 ]
}

check "the junction runs" 0 "$(wait_for 20 something_is_green; echo $?)"
check "nobody is sent anything unasked" "0 0" "$(heard unit) $(heard fixed)"
check "the switch is off" 0 "$(get $switch.0)"

check "one SET of version 1 switches it on" 2 "$(set_to $switch.0 i 2)"
check "messages come" 0 "$(wait_for 5 hears unit 30; echo $?)"
check "in 241 octets, version 1" "241 1" "$(last unit 1-2)"
check "to the configured receiver too" 0 "$(wait_for 5 hears fixed 30; echo $?)"
check "the colours are those the centre reads" 0 "$(wait_for 10 agrees; echo $?)"
lag=$((($(date -u +%s) - $(last unit 8)) % 86400))
check "the time of day is UTC" 1 $((lag >= -1 && lag <= 2))
check "where some clients look, with the calls of pedestrians" 6 "$(set_to $switch.1 i 6)"
check "in 245 octets, version 2" 0 "$(wait_for 5 last_is unit 1-2 "245 2"; echo $?)"
check "the bare name is understood" 6 "$(snmpget -v1 -c public -r1 -t2 -Oqv "$snmp" $switch)"
count=$(heard unit)
check "a hundred more" 0 "$(wait_for 15 hears unit $((count + 100)); echo $?)"
check "every promise held" "" "$(grep BROKEN "$work/unit.out" "$work/fixed.out")"
missed=$(awk '/^GAP/ { n += $2 } END { print n + 0 }' "$work/unit.out")
check "ten a second: hardly any is missing, however busy the machine" 1 $((missed * 4 <= $(heard unit)))

check_match "a value out of range" "*badValue*" "$(set_to $switch.0 i 256)"
check_match "a value of another type" "*badValue*" "$(set_to $switch.0 s 2)"
check_match "a stranger's SET" "*Timeout*" "$(snmpset -v1 -c stranger -r0 -t1 "$snmp" $switch.0 i 0 2>&1)"
check "change nothing" 6 "$(get $switch.0)"
check "0 switches it off" 0 "$(set_to $switch.0 i 0)"
check "for all" 0 "$(wait_for 10 silent; echo $?)"

tick=$(get $asc.16.6.0 $asc.16.7.0 | tr '\n' ' ')
read -r ds ms <<<"$tick"
check "the tick counts tenths of the hour" 1 $((ds >= 0 && ds < 36000 && ms >= 0 && ms < 100))
moved() { [ "$(get "$asc.16.6.0")" != "$ds" ]; }
check "and moves" 0 "$(wait_for 2 moved; echo $?)"
check_match "lanes that are not there are no refused SET" "*3*" "$(set_to $asc.16.2.0 x 03)"
check_match "and are taken back" "*FF*" "$(set_to $asc.16.2.0 x FF)"
check_match "a map cannot be activated here" "*genError*" "$(set_to $asc.17.1.4.0 x 01ABCD)"

# The standard's way: a port towards a roadside unit, switched by its own objects.
count=$(heard fixed)
snmpset -v2c -c public -r0 -t5 "$snmp" $asc.15.1.0 i 1 $asc.16.4.0 i 1 $asc.15.3.1.3.2 s 127.0.0.1 \
    $asc.15.3.1.7.2 i "$(address fixed port)" $asc.16.5.1.1.2 i 1 >"$work/port" 2>&1
check "a port is set up" "3 2" "$(get $asc.16.5.1.2.2) $(get $asc.16.5.1.2.1)"
check "its unit hears" 0 "$(wait_for 5 hears fixed $((count + 10)); echo $?)"
check "in 245 octets" 245 "$(last fixed 1)"
check "a lane that is not there stops it" 5 "$(set_to $asc.16.2.0 x 03 >"$work/lane"; get $asc.16.5.1.2.2)"
check "until it is taken back" 3 "$(set_to $asc.16.2.0 x FF >"$work/lane"; get $asc.16.5.1.2.2)"

# A bus asks for phase 2: request 7, vehicle 4D2D31, class 3, level 1, strategy 1, in 1 s, gone in 60 s.
tsc=1.3.6.1.4.1.8072.9999.9999.1206
key=07$(printf '%034x' 0x4D2D31)030101
set_to $tsc.8.1.9.1 x 02 $tsc.8.1.2.1 i 1 >"$work/strategy"
state() { get -Ox "$prg.4.0" | tr -d '" \n' | tail -c 4; }
state_is() { [ "$(state)" = "$1" ]; }
check "a strategy of ours" "1" "$(get $tsc.8.1.2.1)"
check_match "a request" "*31 03 01 01 00 01 00 3C*" "$(set_to $prg.1.0 x "${key}0001003C")"
check_match "is selected" "*07*" "$(set_to $prg.3.0 x "$key")"
check "and served" 0 "$(wait_for 60 state_is 0400; echo $?)"
check "as priorityStatus says" 1 "$(get $tsc.11.1.0)"
check_match "an open one cannot be cleared" "*badValue*" "$(set_to $prg.6.0 x "$key")"
check_match "it is cancelled" "*07*" "$(set_to $prg.5.0 x "$key")"
check "and closed" 0 "$(wait_for 5 state_is 0800; echo $?)"
served() { [ "$(get "$tsc.11.1.0")" = "$1" ]; }
check "the greens are let go" 0 "$(wait_for 5 served 0; echo $?)"
check_match "a request cut short" "*badValue*" "$(set_to $prg.1.0 x "$key")"
check_match "one without a strategy" "*badValue*" "$(set_to $prg.1.0 x "${key%01}000001003C")"

stop tscd
check "tscd ends well" 0 "$status"
stop sim
finish
