#!/bin/bash
# Reading over SNMP: every version and transport, exceptions, and walks that are complete and in order.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --listen tcp:127.0.0.1:0 \
    --community look,127.0.0.0/8,monitor,v1 --community six,::1,monitor \
    --user center,monitor,SHA-256,AES-128,authentic-1,private-123 \
    --user strong,monitor,SHA-512,AES-128,authentic-2,private-456 \
    --user middle,monitor,SHA-384,AES-128,authentic-3,private-789
ready agent || finish
udp=$(address agent snmp)
udp=${udp#udp:}
tcp=$(address agent snmp tcp)

v1="-v1 -c look -r0 -t2 -OnQ"
v2="-v2c -c look -r0 -t2 -OnQ"
v3="-v3 -l authPriv -r0 -t2 -OnQ"

# shellcheck disable=SC2086
{
    check "GET by version 1" ".$asc.1.1.0 = 40" "$(snmpget $v1 "$udp" $asc.1.1.0)"
    check "GET by version 2c" ".$asc.1.1.0 = 40" "$(snmpget $v2 "$udp" $asc.1.1.0)"
    check "GET over TCP" ".$asc.1.1.0 = 40" "$(snmpget $v2 "$tcp" $asc.1.1.0)"
    check "GET by version 3, SHA-256" ".$asc.1.1.0 = 40" \
        "$(snmpget $v3 -u center -a SHA-256 -A authentic-1 -x AES -X private-123 "$udp" $asc.1.1.0)"
    check "GET by version 3, SHA-384" ".$asc.1.1.0 = 40" \
        "$(snmpget $v3 -u middle -a SHA-384 -A authentic-3 -x AES -X private-789 "$udp" $asc.1.1.0)"
    check "GET by version 3, SHA-512, over TCP" ".$asc.1.1.0 = 40" \
        "$(snmpget $v3 -u strong -a SHA-512 -A authentic-2 -x AES -X private-456 "$tcp" $asc.1.1.0)"
    check "an old client finds a scalar at .1 too" ".$asc.3.3.1 = 0" "$(snmpget $v1 "$udp" $asc.3.3.1)"
    check "and without an instance" ".$asc.3.3 = 0" "$(snmpget $v1 "$udp" $asc.3.3)"
    check_match "nobody else does" "*No Such Instance*" "$(snmpget $v2 "$udp" $asc.3.3.1)"
    check_match "nor any other scalar" "*noSuchName*" "$(snmpget $v1 "$udp" $asc.1.1.1 2>&1)"
    check_match "sysDescr says what clients look for" "*NTCIP 1202*" "$(snmpget $v2 "$udp" 1.3.6.1.2.1.1.1.0)"

    check "GET of several keeps their order" "2 1 40" \
        "$(snmpget $v2 -Ov "$udp" $asc.1.2.1.1.2 $asc.1.2.1.1.1 $asc.1.1.0 | tr '\n' ' ' | sed 's/ $//')"
    check_match "an unknown object" "*No Such Object*" "$(snmpget $v2 "$udp" $asc.99.1.0)"
    check_match "a row that is not there" "*No Such Instance*" "$(snmpget $v2 "$udp" $asc.1.2.1.4.41)"
    check_match "one of two is unknown, version 2c answers the other" "*= 40*No Such Object*" \
        "$(snmpget $v2 "$udp" $asc.1.1.0 $asc.99.1.0)"
    came=$(snmpget $v1 -Cf "$udp" $asc.1.1.0 $asc.99.1.0 2>&1)
    check_match "one of two is unknown, version 1 names it" "*noSuchName*$asc.99.1.0*" "$came"

    snmpwalk $v2 "$udp" 1 >"$work/next"
    snmpbulkwalk $v2 -Cr40 "$udp" 1 >"$work/bulk"
    snmpbulkwalk $v3 -u center -a SHA-256 -A authentic-1 -x AES -X private-123 -Cr500 "$udp" 1 >"$work/bulk3"
    snmpwalk $v1 "$udp" 1.3.6.1 >"$work/next1"
    names() { grep -v 'No more variables' "$1" | sed 's/ = .*//' | grep '^\.1\.3'; }
    names "$work/next" >"$work/names"
    check_match "a walk finds thousands of objects" "[0-9][0-9][0-9][0-9]*" "$(wc -l <"$work/names")"
    # each number at the same width, so that the order of texts is the order of names
    awk -F. '{ for (i = 2; i <= NF; i++) printf "%010d.", $i; print "" }' "$work/names" >"$work/padded"
    LC_ALL=C sort -u "$work/padded" >"$work/sorted"
    check "a walk is in order, each once" "" "$(diff "$work/padded" "$work/sorted" | head -3)"
    check "GETBULK finds the same" "" "$(names "$work/bulk" | diff "$work/names" - | head -3)"
    check "GETBULK by version 3 finds the same" "" "$(names "$work/bulk3" | diff "$work/names" - | head -3)"
    check "a walk by version 1 finds the same" "" "$(names "$work/next1" | diff "$work/names" - | head -3)"
    check_match "the end of the tree" "*No more variables left*" "$(snmpgetnext $v2 "$udp" 1.3.6.1.4.1.9999)"
    check_match "GETNEXT from before everything" ".1.3.6.1.2.1.1.1.0*" "$(snmpgetnext $v2 "$udp" 0)"
    check_match "GETNEXT behind the longest name" ".$asc.1.2.1.4.3*" \
        "$(snmpgetnext $v2 "$udp" $asc.1.2.1.4.2.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1)"

    check "GETBULK: one non-repeater, two repeaters, three rows" 7 \
        "$(snmpbulkget $v2 -Cn1 -Cr3 "$udp" $asc.1.1 $asc.1.2.1.4 $asc.1.2.1.5 | wc -l)"
    check "GETBULK rows alternate between the repeaters" "4.1 5.1 4.2 5.2" \
        "$(snmpbulkget $v2 -Cn0 -Cr2 "$udp" $asc.1.2.1.4 $asc.1.2.1.5 |
            sed 's/ = .*//;s/.*1\.2\.1\.//' | tr '\n' ' ' | sed 's/ $//')"
    check "GETBULK is bounded, whatever is asked" 128 \
        "$(snmpbulkget $v2 -Cn0 -Cr5000 "$udp" 1.3.6.1.2.1.1.1 | grep -c '^\.1\.3')"
}

stop agent
check "the agent ends well" 0 "$status"
check "the agent has nothing to complain of" "" "$(cat "$work/agent.err")"
finish
