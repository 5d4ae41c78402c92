#!/bin/bash
# The event log as a centre uses it: it configures what to watch, sees the events come with their times and values, bounds
# and clears the log, and finds its configuration again after a restart.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
greens=$asc.1.4.1.4.1              # phaseStatusGroupGreens.1
control=$asc.3.5.0                 # unitControlStatus
pattern=$asc.4.14.0                # systemPatternControl
time=1.3.6.1.4.1.1206.4.2.6.3.1.0  # globalTime
report=1.3.6.1.4.1.1206.4.2.6.4
db=1.3.6.1.4.1.1206.4.2.6.2         # dbCreateTransaction and what it finds
config=$report.2.1 log=$report.4.1 class=$report.6.1

sed -e 's/"unitStartUpFlash": 10/"unitStartUpFlash": 2/' -e 's/"unitStartUpAllRed": 5/"unitStartUpAllRed": 1/' \
    -e 's/"phaseMinimumGreen": [0-9]*/"phaseMinimumGreen": 4/' -e 's/"phaseMaximum1": [0-9]*/"phaseMaximum1": 5/' \
    "$ROOT/configs/chengdong-s234.json" >"$work/config.json"

begin_tscd() {
    start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
        --modbus "$modbus"
    ready tscd || finish
    snmp=$(address tscd snmp)
}

get() { snmpget -v2c -c public -r1 -t2 -Oqv "$snmp" "$@" 2>&1; }
put() { snmpset -v2c -c public -r0 -t5 -Oqv "$snmp" "$@" 2>&1; }
walk() { snmpbulkwalk -v2c -c public -r1 -t2 -OnQ "$snmp" "$1" 2>&1; }
rows() { get "$class.5.$1"; } # eventClassNumRowsInLog
has_rows() { [ "$(rows "$1")" -ge "$2" ]; }
row_is() { [ "$(get "$1")" = "$2" ]; }
# An entry's time in milliseconds.
when() { get "$log.4.$1" "$log.6.$1" | { read -r s && read -r ms && echo $((s * 1000 + ms)); }; }
clock_runs() { [ "$(get "$time")" -gt "$1" ]; }

start sim "$BIN/tscsim" live -c "$work/config.json" --demand high --modbus tcp:127.0.0.1:0 --feed tcp:127.0.0.1:9
ready sim || finish
modbus=$(address sim modbus)
begin_tscd

# ---- what there is ----
check "configurations, entries and classes" "64 1024 16" "$(get $report.1.0 $report.3.0 $report.5.0 | xargs)"
check "nothing is logged at first" "0 0" "$(walk $log | grep -c "^.$log\.[0-9.]* = [0-9]") $(get $report.7.0)"
check_match "an entry that is not there is noSuchName by version 1" "*noSuchName*" \
    "$(snmpget -v1 -c public -r1 -t2 "$snmp" $log.3.1.1 2>&1)"
check "a configuration is disabled by default" "1 2 .0.0 .0.0 2 2" \
    "$(snmpget -v2c -c public -r1 -t2 -OnqUv "$snmp" $config.{2,3,6,7,8,9}.5 | xargs)"

# ---- watching ----
check "the greens are to be logged" ".$greens .$greens 3" \
    "$(snmpset -v2c -c public -r0 -t5 -Onqv "$snmp" $config.6.1 o .$greens $config.7.1 o .$greens $config.8.1 i 3 | xargs)"
check "their status says so" 3 "$(get $config.9.1)"
check "a limit of 0 still logs nothing" 0 "$(rows 1)"
put $class.2.1 i 20 $class.4.1 s "greens" >/dev/null
check "who controls goes to class 2" 3 "$(put $config.2.2 i 2 $config.6.2 o .$control $config.7.2 o .$pattern $config.8.2 i 3 \
    $class.2.2 i 5 >/dev/null && get $config.9.2)"
check "a tick of every second to class 3" 3 "$(put $config.2.3 i 3 $config.3.3 i 6 $config.4.3 i 1 $config.8.3 i 3 \
    $class.2.3 i 255 >/dev/null && get $config.9.3)"

check "greens come and go" 0 "$(wait_for 60 has_rows 1 4; echo $?)"
check "found by configuration 1" "1 1 1 1" "$(get $log.3.1.{1,2,3,4} | xargs)"
values=$(get $log.5.1.{1,2,3,4})
check "each value is BER in an Opaque" 4 "$(grep -cE '^(OPAQUE: )?"?0?x?(02 ?01|02 ?02 ?00) ?[0-9A-F]{2} ?"?$' <<<"$values")"
check "and differs from the one before" 4 "$(uniq <<<"$values" | wc -l)"
check "in the order of their times" "$(for i in 1 2 3 4; do when 1.$i; done | sort -n | xargs)" \
    "$(for i in 1 2 3 4; do when 1.$i; done | xargs)"

put $pattern i 254 >/dev/null
check "the centre takes over" 0 "$(wait_for 5 has_rows 2 1; echo $?)"
late=$(($(get $time) - $(get $log.4.2.1)))
check "that is logged at its time" 1 $((late >= 0 && late <= 2))

check "seconds come" 0 "$(wait_for 10 has_rows 3 3; echo $?)"
apart=$(($(when 3.3) - $(when 3.1)))
check "two of them are two seconds apart" 1 $((apart > 1800 && apart < 2200))

check "the counters agree" 1 $(($(get $report.7.0) >= $(rows 1) + $(rows 2) + $(rows 3)))
check "and a walk finds every entry once" "$(walk $log.3 | wc -l)" "$(walk $log.3 | cut -d' ' -f1 | sort -u | wc -l)"

# ---- limits and clear times ----
newest=$(get $log.4.3.3)
put $config.8.3 i 2 >/dev/null
check "a disabled configuration says so" 2 "$(get $config.9.3)"
count=$(rows 3)
put $class.2.3 i 2 >/dev/null
check "a smaller limit keeps the newest, at once" 2 "$(rows 3)"
check "and numbers them anew" 1 $(($(get $log.4.3.1) >= newest && count >= 3))
check_match "no third is left" "*No Such Instance*" "$(get $log.3.3.3)"
put $class.3.3 u "$(get $log.4.3.2)" >/dev/null
check "a clear time empties the class, at once" 0 "$(rows 3)"
check_match "more than the log holds is genErr" "*genError*" \
    "$(put $class.2.4 i 255 $class.2.5 i 255 $class.2.6 i 255 $class.2.7 i 255 $class.2.8 i 255)"
check "and nothing of it is done" "0 0" "$(get $class.2.4 $class.2.8 | xargs)"
put $db.1.0 i 2 >/dev/null
put $class.2.4 i 255 $class.2.5 i 255 $class.2.6 i 255 $class.2.7 i 255 >/dev/null
put $db.1.0 i 3 >/dev/null
check_match "in a transaction it is found when verifying" '*"EVENT LOG FAULT*' "$(get $db.7.0)"
put $db.1.0 i 1 >/dev/null
check "and nothing comes of it" "0 0" "$(get $class.2.4 $class.2.7 | xargs)"
now=$(get $time)
put $class.3.2 u $((now + 3)) >/dev/null
before=$(get $class.6.2)
put $pattern i 0 >/dev/null
check "an event before a clear time to come is counted" 0 "$(wait_for 5 row_is $class.6.2 $((before + 1)); echo $?)"
check "and not logged" 0 "$(rows 2)"
check "the clear time passes" 0 "$(wait_for 8 clock_runs $((now + 3)); echo $?)"
put $pattern i 254 >/dev/null
check "then events are logged again" 0 "$(wait_for 5 has_rows 2 1; echo $?)"

# ---- what cannot be ----
refused() {
    local before
    before=$(get "$3")
    check_match "$1" "*$2*" "$(put "${@:3}")"
    check "$1: nothing changed" "$before" "$(get "$3")"
}
refused "an object that is not there" wrongValue $config.6.4 o .$asc.99.1.0
refused "an object without its instance" wrongValue $config.7.4 o .$asc.1.4.1.4
refused "an object of the security node" wrongValue $config.7.4 o .1.3.6.1.4.1.1206.4.2.6.5.1.0
refused "a class that is not there" wrongValue $config.2.4 i 17
refused "a status to write" notWritable $config.9.4 i 3
check "a mode without its bounds is an error" 4 "$(put $config.3.4 i 5 $config.6.4 o .$control $config.8.4 i 3 >/dev/null
    get $config.9.4)"
check "with them it is none" 3 "$(put $config.4.4 i 2 $config.5.4 i 5 >/dev/null && get $config.9.4)"

# ---- a power failure ----
stop tscd KILL
begin_tscd
check "the configuration is there again" ".$greens 3 3 20 greens" \
    "$(snmpget -v2c -c public -r1 -t2 -Onqv "$snmp" $config.6.1 $config.8.1 $config.9.1 $class.2.1 $class.4.1 | tr -d '"' | xargs)"
check "and at work" 0 "$(wait_for 60 has_rows 1 1; echo $?)"
check "the counters began at 0" 1 $(($(get $report.7.0) < 5))
check "what was logged before is gone" 1 $(($(rows 1) < 4))
stop tscd
check "tscd ends well" 0 "$status"
stop sim
finish
