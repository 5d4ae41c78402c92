#!/bin/bash
# The whole controller over SNMP: what is SET survives a restart, the engine of version 3 keeps its identity
# and never counts its starts twice, and without the section nothing listens.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
green=$asc.1.2.1.4.2 # phaseMinimumGreen.2
config=$ROOT/configs/chengdong-s234.json
mkdir "$work/state"

# No cabinet is there; the controller says so and answers all the same.
begin() {
    start tscd "$BIN/tscd" -c "$config" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
        --modbus tcp:127.0.0.1:9
    ready tscd || finish
    udp=$(address tscd snmp udp)
    udp=${udp#udp:}
}
v2="-v2c -c public -r1 -t2 -OnQ"
v3="-v3 -u center -l authPriv -a SHA-256 -A for-trying-out-only -x AES -X for-trying-out-only -r1 -t2 -OnQ"

# What the engine says of itself when asked by nobody in particular: "ENGINE_ID BOOTS" in hex.
engine() {
    local question answer
    question='\x30\x3a\x02\x01\x03\x30\x0f\x02\x02\x4a\x69\x02\x03\x00\xff\xe3\x04\x01\x04\x02\x01\x03\x04\x10'
    question+='\x30\x0e\x04\x00\x02\x01\x00\x02\x01\x00\x04\x00\x04\x00\x04\x00\x30\x12\x04\x00\x04\x00'
    question+='\xa0\x0c\x02\x02\x1b\x55\x02\x01\x00\x02\x01\x00\x30\x00'
    exec 5<>"/dev/udp/127.0.0.1/${udp##*:}"
    printf '%b' "$question" >&5
    answer=$(timeout 5 dd bs=1500 count=1 <&5 2>/dev/null | od -An -v -tx1 | tr -d ' \n')
    exec 5>&-
    # the engine's identifier, an OCTET STRING, then its boots, an INTEGER of one octet in this test
    sed -n 's/.*0411\(800004b605[0-9a-f]\{24\}\)0201\([0-9a-f][0-9a-f]\).*/\1 \2/p' <<<"$answer"
}

begin
first=$(engine)
check_match "the engine has an identity" "800004b605* 01" "$first"
# shellcheck disable=SC2086
{
    check_match "sysDescr says what clients look for" "*NTCIP 1202*" "$(snmpget $v2 "$udp" 1.3.6.1.2.1.1.1.0)"
    before=$(snmpget $v2 -Ov "$udp" $green)
    after=$((before + 3))
    check "version 3 reads the same" "$before" "$(snmpget $v3 -Ov "$udp" $green)"
    check "a SET is answered" ".$green = $after" "$(snmpset $v2 "$udp" $green i $after)"
    check "and reads back at once" "$after" "$(snmpget $v2 -Ov "$udp" $green)"
    check_match "a SET out of range is refused" "*wrongValue*" \
        "$(snmpset $v2 "$udp" $green i 7 $asc.1.2.1.4.4 i 256 2>&1)"
    check_match "a yellow below the cabinet's floor is refused" "*inconsistentValue*$asc.1.2.1.8.2*" \
        "$(snmpset $v2 "$udp" $green i 7 $asc.1.2.1.8.2 i 1 2>&1)"
    check "and both leave all as it was" "$after" "$(snmpget $v2 -Ov "$udp" $green)"
    check_match "a walk of the phases" "[1-9][0-9][0-9]*" "$(snmpbulkwalk $v2 "$udp" $asc.1 | wc -l)"
}
stop tscd
check "the controller ends well" 0 "$status"

begin
# shellcheck disable=SC2086
check "what was SET survives a restart" "$after" "$(snmpget $v2 -Ov "$udp" $green)"
check "the engine is the same, one start later" "${first% *} 02" "$(engine)"
# shellcheck disable=SC2086
check "and another SET, by version 3" ".$green = $before" "$(snmpset $v3 "$udp" $green i "$before")"
stop tscd KILL

begin
# shellcheck disable=SC2086
check "what was answered survives kill -9" "$before" "$(snmpget $v2 -Ov "$udp" $green)"
check "the engine is the same after kill -9, one start later" "${first% *} 03" "$(engine)"
# The key of a user hangs on the engine's identity.
# shellcheck disable=SC2086
check "and its users are still let in" "$before" "$(snmpget $v3 -Ov "$udp" $green)"

mkdir "$work/state2"
start other "$BIN/tscd" -c "$config" -s "$work/state2" --snmp "udp:$udp" --feed tcp:127.0.0.1:0 --modbus tcp:127.0.0.1:9
wait_for 10 gone other
wait "${pid[other]}"
check "a port in use: status" 3 $?
unset 'pid[other]'
check_match "a port in use: message" "*udp:$udp*in use*" "$(cat "$work/other.err")"
stop tscd

sed '/^  "snmp": {/,/^  },/d' "$config" >"$work/silent.json"
start tscd "$BIN/tscd" -c "$work/silent.json" -s "$work/state" --feed tcp:127.0.0.1:0 --modbus tcp:127.0.0.1:9
ready tscd || finish
check "without an snmp section there is no address" "none" "$(address tscd snmp)"
sockets=0
for fd in "/proc/${pid[tscd]}/fd/"*; do
    inode=$(readlink "$fd" | sed -n 's/^socket:\[\([0-9]*\)\]$/\1/p')
    # The remote address is the third word: what is connected to somebody, as to the clock's daemon, hears nobody else.
    if [ -n "$inode" ] && grep -hw "$inode" /proc/net/udp /proc/net/udp6 2>/dev/null | awk '$3 ~ /:0000$/' | grep -q .; then
        sockets=$((sockets + 1))
    fi
done
check "and no UDP socket is open to strangers" 0 $sockets
stop tscd
check "the controller ends well without SNMP" 0 "$status"
finish
