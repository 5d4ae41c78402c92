#!/bin/bash
# What the centre polls: volume and occupancy, the pedestrian report, and the alarms that stand until they are read, each
# with traffic before the lamps.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
report=$asc.2.5       # volumeOccupancyReport: sequence, period, detectors, table, V3 period, time, duration
ped_report=$asc.2.10  # pedestrianDetectorReport, likewise
volumes=$report.4.1.1 # detectorVolume
options=$asc.2.2.1.2  # vehicleDetectorOptions
alarm2=$asc.3.7.0     # unitAlarmStatus2
short=$asc.3.9.0      # shortAlarmStatus
local_time=1.3.6.1.4.1.1206.4.2.6.3.6.0

# Short greens, and a pattern of 30 s whose cycles pass while we wait.
pattern='"patternTable": [{"patternNumber": 1, "patternCycleTime": 30, "patternSplitNumber": 1, "patternSequenceNumber": 1}],'
splits='"splitTable": [{"splitNumber": 1, "splitPhase": 2, "splitTime": 19, "splitCoordPhase": 1},'
for split in '4, "splitTime": 11' '5, "splitTime": 9' '6, "splitTime": 10'; do
    splits+=" {\"splitNumber\": 1, \"splitPhase\": $split},"
done
sed -e 's/"unitStartUpFlash": 10/"unitStartUpFlash": 2/' -e 's/"unitStartUpAllRed": 5/"unitStartUpAllRed": 1/' \
    -e 's/"phaseMinimumGreen": [0-9]*/"phaseMinimumGreen": 4/' -e 's/"phaseWalk": 7/"phaseWalk": 2/' \
    -e 's/"phasePedestrianClear": [0-9]*/"phasePedestrianClear": 3/' -e 's/"phaseFlashingGreen": 3/"phaseFlashingGreen": 0/' \
    -e "s/\"volumeOccupancyPeriod\": 60,/\"volumeOccupancyPeriod\": 2, \"pedestrianDetectorPeriod\": 3, $pattern ${splits%,}],/" \
    "$ROOT/configs/chengdong-s234.json" >"$work/config.json"

begin_tscd() {
    start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
        --modbus "$modbus"
    ready tscd || finish
    snmp=$(address tscd snmp)
}

get() { snmpget -v2c -c public -r1 -t2 -Oqv "$snmp" "$@" 2>&1; }
next() { snmpgetnext -v2c -c public -r1 -t2 -Oqv "$snmp" "$1" 2>&1; }
walk() { snmpbulkwalk -v2c -c public -r1 -t2 -OnQ "$snmp" "$1" 2>&1; }
put() { snmpset -v2c -c public -r0 -t5 -Oqv "$snmp" "$@" 2>&1; }
bit() { echo $((($1 >> $2) & 1)); }
has_bit() { [ "$(bit "$(get "$1")" "$2")" = 1 ]; }
sequence_is_past() { [ "$(get "$1")" -gt "$2" ]; }
commanded() { [ "$(put "$asc.4.14.0" i 1)" = 1 ]; } # not before start-up is over
any_counted() { walk "$1" | grep -qv ' = 0$'; }
row_is_gone() { get "$1" | grep -q "No Such Instance"; }

start sim "$BIN/tscsim" live -c "$work/config.json" --demand high --modbus tcp:127.0.0.1:0 --feed tcp:127.0.0.1:9
ready sim || finish
modbus=$(address sim modbus)
begin_tscd

# ---- alarms ----
check "a start is told in unitAlarmStatus2" 1 "$(bit "$(get $alarm2)" 0)"
check "until it was read" 0 "$(bit "$(get $alarm2)" 0)"
check "a pattern is commanded, whose cycles we come back to" 0 "$(wait_for 20 commanded; echo $?)"

# ---- volume and occupancy ----
check "a period ends" 0 "$(wait_for 5 sequence_is_past $report.1.0 "$(get $report.1.0)"; echo $?)"
rows=$(get $report.3.0)
check "there are detectors that count" 1 $((rows > 0))
check "each has a row" "$rows" "$(walk $volumes | wc -l)"
sample=$(get $report.1.0 $report.6.0 $report.7.0 | tr '\n' ' ')
read -r sequence ended elapsed <<<"$sample"
late=$(($(get $local_time) - ended))
check "its end has a time" 1 $((late >= 0 && late < 5))
check "and the next one runs" 1 $((elapsed < 2))
check "vehicles are counted" 0 "$(wait_for 60 any_counted $volumes; echo $?)"
check "each row has its occupancy" "$rows" "$(walk $report.4.1.2 | wc -l)"
read -r later last <<<"$(get $report.1.0 $report.6.0 | tr '\n' ' ')"
check "the sequence went on by one a period" $(((later - sequence) * 2)) $((last - ended))
check "a detector's volume and occupancy are turned off" 0 "$(put $options.2 i 0)"
check "then it has no row" 0 "$(wait_for 2 row_is_gone $volumes.2; echo $?)"
check "the others keep theirs" $((rows - 1)) "$(walk $volumes | wc -l)"
check "and their number is told" $((rows - 1)) "$(get $report.3.0)"
check_match "GETNEXT passes it over" ".$volumes.3 = *" "$(snmpgetnext -v2c -c public -r1 -t2 -OnQ "$snmp" $volumes.1)"

# ---- pedestrians ----
check "each button of a phase has a row" "$(get $ped_report.3.0)" "$(walk $ped_report.4.1.2 | wc -l)"
before=$(get $ped_report.1.0)
check "a period of theirs ends" 0 "$(wait_for 6 sequence_is_past $ped_report.1.0 "$before"; echo $?)"
check "of the length that was asked for" 3 "$(get $ped_report.6.0)"
check "pushes are counted" 0 "$(wait_for 60 any_counted $ped_report.4.1.2; echo $?)"
check "and the Walks they got" 0 "$(wait_for 60 any_counted $ped_report.4.1.3; echo $?)"

# ---- the alarm of the cycle ----
check "its local zero is told in shortAlarmStatus" 0 "$(wait_for 100 has_bit $short 2; echo $?)"
check "until it was read" 0 "$(bit "$(get $short)" 2)"

stop tscd
begin_tscd
check "a new start is told anew" 1 "$(bit "$(next ${alarm2%.0})" 0)"
check "and cleared by GETNEXT" 0 "$(bit "$(get $alarm2)" 0)"
stop tscd
check "tscd ends well" 0 "$status"
stop sim
finish
