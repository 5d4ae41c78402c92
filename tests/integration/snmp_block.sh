#!/bin/bash
# Blocks with net-snmp's own tools: a whole timing goes up from one controller and down into another, in a
# transaction; what is wrong with a block is told, and nothing of it is applied.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
control=$asc.11.1.0
data=$asc.11.2.0
error=$asc.11.3.0
transaction=1.3.6.1.4.1.1206.4.2.6.2.1.0
verdict=1.3.6.1.4.1.1206.4.2.6.2.6.0
quick="-r0 -t8"
v1="-v1 -c lab $quick"
v2="-v2c -c lab $quick"

begin() {
    start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --community lab,127.0.0.0/8,engineer,v1 \
        --community other,127.0.0.0/8,engineer
    ready agent || finish
    udp=$(address agent snmp)
    udp=${udp#udp:}
}

# number OBJECT, octets OBJECT (hexadecimal, without blanks)
number() {
    # shellcheck disable=SC2086
    snmpget $v2 -Oqv "$udp" "$1"
}
octets() {
    # shellcheck disable=SC2086
    snmpget $v2 -Oqvx "$udp" "$1" | tr -d '" \n'
}

# put OBJECT TYPE VALUE...: what a SET answers; empty if it is taken.
put() {
    # shellcheck disable=SC2086,SC2069 # what it says in error is all that is wanted
    snmpset $v2 "$udp" "$@" 2>&1 >/dev/null
}

# block SELECTOR: the block that is selected.
block() {
    put $control x "$1"
    octets $data
}

# Every block of data type 0; day plans and dynamic objects, which are more than one answer carries, in parts.
selectors=(00000128 000101A0 00020128 000301FD 000401FD0128 000501FF 00060110 000701140108 00080150 00090120
    000B01FF 000C01190140 000C1A190140 000C33190140 000C4C180140 000D0140 000E0110 0010010D 0011010D
    00120101)
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13; do selectors+=("$(printf '000F%02X0101FF' $number)"); done

# upload FILE: all blocks, one on a line.
upload() {
    local selector
    for selector in "${selectors[@]}"; do block "$selector"; echo; done >"$1"
}

# download FILE: what the SETs of these blocks answer.
download() {
    local octets
    while read -r octets; do put $data x "$octets"; done <"$1"
}

# take_in FILE: a whole transaction.
take_in() {
    put $transaction i 2
    download "$1"
    put $transaction i 3
    check "$1 is verified" 3 "$(number $verdict)"
    put $transaction i 1
}

begin
check "what is selected before anybody selects" 00000101 "$(octets $control)"
check "is there" 0000010101010000000000000000000000000000000000000100000000 "$(octets $data)"
check "and nothing is wrong with it" 0 "$(number $error)"
cd "$work" || exit 1
upload first
check "all blocks go up" "${#selectors[@]}" "$(grep -c "^00" first)"

put $control x 000401FD0128
# shellcheck disable=SC2086
check_match "more than a datagram takes is tooBig" "*tooBig*" "$(snmpget $v2 "$udp" $data $data $data 2>&1)"

# The phase block begins with the walk and the clearance of phase 1, the miscellaneous one with the period of volumes and
# the start-up flash; the last split and the last event of all day plans end theirs.
sed -e 's/^\(00000128 *0128\)0000/\1070C/' -e 's/^\(001201010101\)0000/\13C0A/' \
    -e 's/^\(000401FD0128.*\)000200$/\1630200/' -e 's/^\(000C4C180140.*\)00000100$/\117000100/' first >second
check "four of them are changed" 4 "$(diff first second | grep -c '^>')"
take_in second
check "a walk has come down" 7 "$(number $asc.1.2.1.2.1)"
check "and a start-up flash" 10 "$(number $asc.3.1.0)"
check "and the last split" 99 "$(number $asc.4.9.1.3.253.40)"
check "and the last event" 23 "$(number 1.3.6.1.4.1.1206.4.2.6.3.3.5.1.3.99.64)"
upload third
check "what comes up is what went down" "" "$(diff second third)"
stop agent
begin
take_in third
upload fourth
check "another controller takes it whole" "" "$(diff third fourth)"

# ---- what is refused ----

# selector_refused CASE SELECTOR RULE
selector_refused() {
    local before
    before=$(octets $control)
    check_match "$1: wrongValue" "*wrong@(Value|Length)*" "$(put $control x "$2")"
    check "$1: rule $3" "$3" "$(number $error)"
    check "$1: the selector stands" "$before" "$(octets $control)"
    put $control x "$before"
    check "$1: forgiven by the next" 0 "$(number $error)"
}
shopt -s extglob
selector_refused "a type of data we have not" 01000101 1
selector_refused "a block that is none" 00FF0101 2
selector_refused "phase 0" 00000001 3
selector_refused "phase 41" 00002901 3
selector_refused "no phases" 00000100 4
selector_refused "41 phases" 00000129 4
selector_refused "ring 0" 000701010001 5
selector_refused "nine rings" 000701010109 6
selector_refused "a split without its phases" 00040101 13
selector_refused "half a selector" 000001 13
selector_refused "more than an answer carries" 000C01630140 14

# block_refused CASE OCTETS STATUS: within the transaction, which holds what it held.
block_refused() {
    check_match "$1: wrongValue" "*wrong@(Value|Length)*" "$(put $data x "$2")"
    check "$1: status $3" "$3" "$(number $error)"
}
good=0005010101010A0000 # action 1: pattern 10
check_match "a block outside of a transaction" "*genErr*" "$(put $data x $good)"
check "and that is no fault of the block" 0 "$(number $error)"
put $transaction i 2
block_refused "a block that is none" 0013010101010A0000 2
block_refused "a block that ends too early" 0005010101010A00 13
block_refused "a block that goes on" 0005010101010A000000 13
block_refused "another number of rows" 0005010101020A00000A0000 14
block_refused "no such auxiliary function" 0005010201020A00000AFF00 202
block_refused "an octet" 00 13
check "a good one is taken" "" "$(put $data x $good)"
check "and clears the status" 0 "$(number $error)"
# shellcheck disable=SC2086
check_match "version 1 says badValue" "*badValue*" "$(snmpset $v1 "$udp" $data x 00FF01010101 2>&1)"
check_match "a good block with a bad varbind is not taken" "*wrongValue*" \
    "$(put $data x 0005020101010B0000 $asc.1.2.1.4.2 i 256)"
# shellcheck disable=SC2086
check_match "nor one of somebody else" "*genErr*" \
    "$(snmpset -v2c -c other $quick "$udp" $data x 0005020101010C0000 2>&1)"
put $transaction i 3
put $transaction i 1
check "the good block is in force" 0005010201020A0000000000 "$(block 00050102)"

# Dynamic object 3 with one member, phaseStatusGroupGreens.1: created, filled and made valid in one transaction.
member=0F2B0601040189360402010104010401
put $transaction i 2
block_refused "a member outside of creation" 000F030101010101$member 101
check "its creation begins" "" "$(put $data x 00110301010102)"
check "a member is taken" "" "$(put $data x 000F030101010101$member)"
check "and its owner" "" "$(put $data x 00100301010103636172)"
check "it becomes valid" "" "$(put $data x 00110301010101)"
put $transaction i 3
put $transaction i 1
check "the dynamic object is there" "0011030101010100100301010103636172" "$(block 00110301)$(block 00100301)"
# shellcheck disable=SC2086
check "and its member" ".$asc.1.4.1.4.1" "$(snmpget $v2 -Oqvn "$udp" 1.3.6.1.4.1.1206.4.1.3.1.1.3.3.1)"
stop agent
check "the agent ends well" 0 "$status"
finish
