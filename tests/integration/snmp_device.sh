#!/bin/bash
# The objects around the engine, by name: network ports, the wiring as an I/O map, the cabinet's devices, the clock's jumps,
# globalSetIDParameter, the user's own backup time, and the counters of the agent itself.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/junction.sh"

junction_config
junction_start

walk() { snmpwalk -v2c -c public -r2 -t2 -Oqs "$snmp" "$@" 2>&1; }
for group in interfaces snmp ascClock commPorts globalSetIdTable ts2port1 cabinetEnvironment ascIOmapping cvDetector; do
    check "a walk of $group by name has no complaint" "" "$(walk "TSC-SYSTEM-MIB::$group" 2>&1 >/dev/null; walk "$group" | grep "Wrong Type\|No Such\|Unknown")"
done

# ---- network ports ----
ethernet=$(cat /sys/class/net/*/type | grep -cx 1)
check "every Ethernet port is there" "$ethernet $ethernet $ethernet" "$(get ifNumber.0 maxCommPorts.0 maxEthernetPorts.0)"
if [ "$ethernet" -gt 0 ]; then
    name=$(get ifDescr.1 | tr -d '"')
    check "with its hardware address" "$(tr -d ':' <"/sys/class/net/$name/address" | tr a-f A-F)" \
        "$(get ifPhysAddress.1 | tr -d '" ')"
    check "it cannot be set up from here" inconsistentValue "$(put ecfgMode.1 i 2 | sed 's/ .*//')"
    check "but what stands may be written back" "" "$(put ecfgMode.1 i 1 ecfgStaticIpAddr.1 a 0.0.0.0)"
fi

# ---- the wiring ----
check "the map is one" "1 1 16" "$(get ascIOmaxMaps.0 ascIOactiveMap.0 ascIOactivateRequirement.0)"
check "as many outputs as are wired" "$(get ascIOmapMaxOutputs.0)" "$(walk ascIOoutputMapDevPinDescr | wc -l)"
pin_of() { # CHANNEL COLOUR: the output pin of that lamp
    walk ascIOoutputMapDevPinDescr | sed -n "s/^ascIOoutputMapDevPinDescr\.1\.\([0-9]*\) \"[0-9.]* channel$2 $1 *\"\$/\1/p"
}
green=$(pin_of 2 Green)
red=$(pin_of 2 Red)
check_match "the green of channel 2 has a pin" "[0-9]*" "$green"
comes "which is on while phase 2 is green" 5 reads 1 "ascIOoutputMapDevPinStatus.1.$green"
check "and its red is off" 0 "$(get "ascIOoutputMapDevPinStatus.1.$red")"
check "its function is channelGreen" '"channelGreen' \
    "$(get "ascIOoutputFunctionName.$(get "ascIOoutputMapFunction.1.$green")" | sed 's/ .*//')"
check "the wiring is structure" "(genError)" "$(put "ascIOoutputMapFuncIndex.1.$green" i 2 | sed 's/ .*//')"
check "a transaction" "" "$(put dbCreateTransaction.0 i 2)"
check "does not change it either" inconsistentValue "$(put "ascIOoutputMapFuncIndex.1.$green" i 3 | sed 's/ .*//')"
check "but brings it back" "" "$(put "ascIOoutputMapFuncIndex.1.$green" i 2 ascIOactiveMap.0 i 1)"
check "and ends" "" "$(put dbCreateTransaction.0 i 1)"
check "the door is closed, and the cabinet answers" "2 2 2" \
    "$(get cabinetEnvironDeviceType.1.1 cabinetEnvironDeviceOnStatus.1.1 cabinetEnvironDeviceErrorStatus.1.1)"
check "a device can be given a name" "" "$(put cabinetEnvironDeviceDescription.1.1 s north)"
check "which is kept" '"north"' "$(get cabinetEnvironDeviceDescription.1.1)"

# ---- the clock ----
check "the clock has not jumped" '1 0 ""' \
    "$(get unitTimeNonSequentialSource.0 unitTimeNonSequentialChange.0 unitTimeNonSequentialDelta.0)"
now=$(get globalTime.0)
check "the centre sets it on by an hour, two minutes and some" "" "$(put globalTime.0 i $((now + 3725)))"
check "it jumped, for ten seconds or until that is read" "6 3" "$(get unitTimeSourceStatus.0 unitTimeNonSequentialSource.0)"
check_match "and is told once" "[1-5]" "$(get unitTimeSourceStatus.0)"
check_match "how far" "?01 02 0[345] *" "$(get unitTimeNonSequentialDelta.0)"
check "the clock was set back" "" "$(put globalTime.0 i "$now")"
check_match "back is negative" "?FF FE F[A-D] *" "$(get unitTimeNonSequentialDelta.0)"

# ---- globalSetIDParameter ----
all=$(get globalSetIDParameter.0)
check "a parameter changes" "" "$(put phaseWalk.1 i 17)"
check "and the identifier with it" 1 "$([ "$all" = "$(get globalSetIDParameter.0)" ]; echo $?)"
check "the list names minimum greens" "" "$(put globalSetIdOID.1 o phaseMinimumGreen)"
some=$(get globalSetIDParameter.0)
check "another parameter changes" "" "$(put phaseWalk.1 i 18)"
check "the identifier does not" "$some" "$(get globalSetIDParameter.0)"
check "a minimum green changes" "" "$(put phaseMinimumGreen.1 i 4)"
check "and the identifier with it" 1 "$([ "$some" = "$(get globalSetIDParameter.0)" ]; echo $?)"
check "what is no parameter is refused" inconsistentValue "$(put globalSetIdOID.2 o phaseStatusGroupGreens | sed 's/ .*//')"

# ---- the user's own backup time ----
check "three seconds without this, the centre says, and I am gone" "" \
    "$(put unitUserDefinedBackupTimeContentOID.1 o specialFunctionOutputControl.3 \
        unitUserDefinedBackupTimeContentDescription.1 s "I am here" unitUserDefinedBackupTime.0 i 3)"
check "what cannot be SET cannot be in the list" inconsistentValue \
    "$(put unitUserDefinedBackupTimeContentOID.2 o phaseStatusGroupGreens.1 | sed 's/ .*//')"
check "a hold" "" "$(put phaseControlGroupHold.1 i 2 systemPatternControl.0 i 254)"
alive() { put specialFunctionOutputControl.3 i 1 >/dev/null; ! reads 2 phaseControlGroupHold.1; }
check "stays as long as the centre says so" 1 "$(wait_for 5 alive; echo $?)"
other() { put systemPatternControl.0 i 254 >/dev/null; reads 0 phaseControlGroupHold.1; }
comes "and goes when it says other things alone" 6 other
check "it can be turned off" "" "$(put unitUserDefinedBackupTime.0 i 0)"

# ---- the agent counts ----
before=$(get snmpInGetRequests.0)
check "a GET is counted" $((before + 1)) "$(get snmpInGetRequests.0)"
refused=$(get snmpOutNoSuchNames.0)
snmpget -v1 -c public -r0 -t2 "$snmp" maxPhases.1 >/dev/null 2>&1
check "an answer noSuchName too" $((refused + 1)) "$(get snmpOutNoSuchNames.0)"
strange=$(get snmpInBadCommunityNames.0)
snmpget -v2c -c nobody -r0 -t0.3 "$snmp" maxPhases.0 >/dev/null 2>&1
check "and a community nobody knows" $((strange + 1)) "$(get snmpInBadCommunityNames.0)"
broken=$(get snmpInASNParseErrs.0)
printf '\x30\x03\x02\x05\x01' >"/dev/${snmp%%:*}/$(sed 's/^udp://; s/:/\//' <<<"$snmp")"
is_counted() { [ "$(get snmpInASNParseErrs.0)" = $((broken + 1)) ]; }
comes "and what is no BER" 3 is_counted

stop tscd
check "the controller ends well" 0 "$status"
finish
