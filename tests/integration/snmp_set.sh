#!/bin/bash
# SET: in whole or not at all, with the right error at the right place, for both families of versions.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
green=$asc.1.2.1.4 # phaseMinimumGreen
quick="-r0 -t8 -OnQ"
v1="-v1 -c lab $quick"
v2="-v2c -c lab $quick"

begin() {
    start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --community lab,127.0.0.0/8,engineer,v1 "$@"
    ready agent || finish
    udp=$(address agent snmp)
    udp=${udp#udp:}
}

# refused CASE TOOL-OPTIONS ERROR INDEX OBJECT TYPE VALUE...: the SET is refused with this error at this
# varbind, and its first object keeps its value.
refused() {
    local name=$1 options=$2 error=$3 index=$4
    shift 4
    # shellcheck disable=SC2086
    local before came culprit=$((index * 3 - 2))
    # shellcheck disable=SC2086
    before=$(snmpget $v2 "$udp" "$1")
    # shellcheck disable=SC2086
    came=$(snmpset $options "$udp" "$@" 2>&1)
    check_match "$name: $error at $index" "*$error*.${!culprit}" "$came"
    # shellcheck disable=SC2086
    check "$name: nothing applied" "$before" "$(snmpget $v2 "$udp" "$1")"
}

begin
# shellcheck disable=SC2086
{
    check "a value reads back at once" ".$green.2 = 9" \
        "$(snmpset $v2 "$udp" $green.2 i 9 >/dev/null && snmpget $v2 "$udp" $green.2)"
    check "by version 1 too" ".$green.2 = 8" \
        "$(snmpset $v1 "$udp" $green.2 i 8 >/dev/null && snmpget $v1 "$udp" $green.2)"
    check "two at once" ".$green.3 = 7 .$green.4 = 6" \
        "$(snmpset $v2 "$udp" $green.3 i 7 $green.4 i 6 >/dev/null && snmpget $v2 "$udp" $green.3 $green.4 |
            tr '\n' ' ' | sed 's/ $//')"
    check "control reads back at once" ".$asc.1.5.1.4.1 = 5" \
        "$(snmpset $v2 "$udp" $asc.1.5.1.4.1 i 5 >/dev/null && snmpget $v2 "$udp" $asc.1.5.1.4.1)"
}
day=1.3.6.1.4.1.1206.4.2.6.3.3
# shellcheck disable=SC2086
{
    check "a single bit of a mask" ".$asc.6.3.1.2.16 = 1" \
        "$(snmpset $v2 "$udp" $asc.6.3.1.2.16 i 1 >/dev/null && snmpget $v2 "$udp" $asc.6.3.1.2.16)"
    check "an event points to its action" ".$day.5.1.5.1.2 = .$asc.5.3.1.1.255" \
        "$(snmpset $v2 "$udp" $day.5.1.5.1.2 o .$asc.5.3.1.1.255 >/dev/null && snmpget $v2 "$udp" $day.5.1.5.1.2)"
    check "the 31st, as the standard has it" ".$day.2.1.4.1 = 2147483648" \
        "$(snmpset $v1 "$udp" $day.2.1.4.1 i 2147483648 >/dev/null && snmpget $v1 "$udp" $day.2.1.4.1)"
    check "every day, in the sign's place" ".$day.2.1.4.1 = 4294967294" \
        "$(snmpset $v2 "$udp" $day.2.1.4.1 i -2 >/dev/null && snmpget $v2 "$udp" $day.2.1.4.1)"
}
# What a client says of noCreation and notWritable is its own wording, hence the patterns.
refused "out of range" "$v2" wrongValue 1 $green.2 i 256
refused "out of range, version 1" "$v1" badValue 1 $green.2 i 256
refused "the second is out of range" "$v2" wrongValue 2 $green.2 i 10 $green.3 i 300
refused "the second is out of range, version 1" "$v1" badValue 2 $green.2 i 10 $green.3 i 300
refused "below the range" "$v2" wrongValue 1 $green.2 i -1
refused "another type" "$v2" wrongType 1 $green.2 s text
refused "another type, version 1" "$v1" badValue 1 $green.2 s text
refused "NULL" "$v2" wrongType 1 $green.2 n x
refused "NULL behind a good one" "$v2" wrongType 2 $green.2 i 10 $green.3 n x
refused "an object to read only" "$v2" notWritable 2 $green.2 i 10 $asc.1.1.0 i 3
refused "an object to read only, version 1" "$v1" noSuchName 2 $green.2 i 10 $asc.1.1.0 i 3
refused "an action that is none" "$v2" wrongValue 1 $day.5.1.5.1.2 o .$asc.5.3.1.2.5
refused "an action that is none, version 1" "$v1" badValue 1 $day.5.1.5.1.2 o .$asc.5.3.1.1.256
refused "a row that cannot be" "$v2" noCreation 2 $green.2 i 10 $green.41 i 3
refused "outside our trees" "$v2" "no[tC]*" 2 $green.2 i 10 1.3.6.1.2.1.2.1.0 i 3
refused "outside our trees, version 1" "$v1" noSuchName 2 $green.2 i 10 1.3.6.1.2.1.2.1.0 i 3
refused "the same object twice" "$v2" inconsistentValue 2 $green.2 i 10 $green.2 i 11
refused "too long a list" "$v2" wrongLength 1 $asc.1.2.1.23.1 x \
    010203040506070809101112131415161718192021222324252627282930313233343536373839404142

# snmpset itself takes no more than 128.
many=()
for row in $(seq 40); do
    for column in 2 4 6; do many+=("$asc.1.2.1.$column.$row" i 30); done
done
# shellcheck disable=SC2086
check "120 varbinds in one SET" 120 "$(snmpset $v2 "$udp" "${many[@]}" | grep -c '= 30$')"
last_wrong=("${many[@]:0:297}" "$green.40" i 256)
refused "100 varbinds, the last of them wrong" "$v2" wrongValue 100 "${last_wrong[@]}"
stop agent
check "the agent ends well" 0 "$status"

begin --wait-ms 1500
# shellcheck disable=SC2086
{
    snmpset $v2 "$udp" $green.2 i 9 >"$work/slow" 2>&1 &
    slow=$!
    wait_for 10 grep -q waiting "$work/agent.out"
    check "while a SET is being made durable, reading goes on with the old value" ".$green.2 = 0" \
        "$(snmpget $v2 "$udp" $green.2)"
    snmpset $v2 "$udp" $green.2 i 11 >"$work/second" 2>&1
    wait $slow
    check "the SET is answered when it is durable" ".$green.2 = 9" "$(cat "$work/slow")"
    check "a SET that came meanwhile is answered after it" ".$green.2 = 11" "$(cat "$work/second")"
    check "and has the last word" ".$green.2 = 11" "$(snmpget $v2 "$udp" $green.2)"
}
stop agent
check "the agent ends well after slow SETs" 0 "$status"

begin --refuse
# shellcheck disable=SC2086
{
    check_match "what cannot be made durable is refused" "*resourceUnavailable*" \
        "$(snmpset $v2 "$udp" $green.2 i 9 2>&1)"
    check_match "by version 1 with genErr" "*genErr*" "$(snmpset $v1 "$udp" $green.2 i 9 2>&1)"
    check "and not done" ".$green.2 = 0" "$(snmpget $v2 "$udp" $green.2)"
}
stop agent
finish
