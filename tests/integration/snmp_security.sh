#!/bin/bash
# Who may not: versions, levels, communities, networks, roles, rates.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
minimum_green=$asc.1.2.1.4.2
holds=$asc.1.5.1.4.1
start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 \
    --community look,127.0.0.1/32,monitor --community act,127.0.0.1,operator,v1 --community time,127.0.0.1,engineer \
    --user center,engineer,SHA-256,AES-128,authentic-1,private-123 \
    --user viewer,monitor,SHA-256,AES-128,authentic-2,private-456 --boots 41
ready agent || finish
udp=$(address agent snmp)
udp=${udp#udp:}
quick="-r0 -t0.5 -OnQ"
center="-v3 -u center -r0 -t2 -OnQ -a SHA-256 -A authentic-1 -x AES -X private-123"
viewer="-v3 -u viewer -r0 -t2 -OnQ -a SHA-256 -A authentic-2 -x AES -X private-456"

# shellcheck disable=SC2086
{
    check_match "an unknown community gets no answer" "*Timeout*" \
        "$(snmpget -v2c -c public $quick "$udp" $asc.1.1.0 2>&1)"
    check_match "a community not opened to version 1 gets no answer to it" "*Timeout*" \
        "$(snmpget -v1 -c look $quick "$udp" $asc.1.1.0 2>&1)"
    check_match "a community from another network gets no answer" "*Timeout*" \
        "$(snmpget -v2c -c look $quick --clientaddr=127.0.0.2 "$udp" $asc.1.1.0 2>&1)"
    check "the same from its own network" ".$asc.1.1.0 = 40" "$(snmpget -v2c -c look $quick "$udp" $asc.1.1.0)"

    check_match "version 3 without authentication is refused" "*authorizationError*" \
        "$(snmpget -v3 -u center -l noAuthNoPriv $quick "$udp" $asc.1.1.0 2>&1)"
    check_match "version 3 without privacy is refused" "*authorizationError*" \
        "$(snmpget -v3 -u center -l authNoPriv -a SHA-256 -A authentic-1 $quick "$udp" $asc.1.1.0 2>&1)"
    check_match "a wrong passphrase is refused" "*Authentication failure*" \
        "$(snmpget -v3 -u center -l authPriv -a SHA-256 -A authentic-9 -x AES -X private-123 $quick "$udp" $asc.1.1.0 2>&1)"
    check_match "an unknown user is refused" "*Unknown user name*" \
        "$(snmpget -v3 -u nobody -l authPriv -a SHA-256 -A authentic-1 -x AES -X private-123 $quick "$udp" $asc.1.1.0 2>&1)"
    check_match "SHA-1 opens nothing" "*Authentication failure*" \
        "$(snmpget -v3 -u center -l authPriv -a SHA -A authentic-1 -x AES -X private-123 $quick "$udp" $asc.1.1.0 2>&1)"
    check_match "another context gets no answer" "*Timeout*" \
        "$(snmpget $center -l authPriv -n elsewhere -t0.5 "$udp" $asc.1.1.0 2>&1)"

    check_match "monitor may not SET control" "*noAccess*" "$(snmpset -v2c -c look $quick "$udp" $holds i 1 2>&1)"
    check_match "monitor may not SET by version 3 either" "*noAccess*" \
        "$(snmpset $viewer -l authPriv "$udp" $minimum_green i 6 2>&1)"
    check "operator may SET control" ".$holds = 1" "$(snmpset -v2c -c act $quick "$udp" $holds i 1 2>&1)"
    check_match "operator may not SET timing" "*noAccess*" \
        "$(snmpset -v2c -c act $quick "$udp" $minimum_green i 6 2>&1)"
    check_match "operator may not hide timing behind control" "*noAccess*$minimum_green*" \
        "$(snmpset -v2c -c act $quick "$udp" $holds i 0 $minimum_green i 6 2>&1)"
    check_match "version 1 says noSuchName for it" "*noSuchName*" \
        "$(snmpset -v1 -c act $quick "$udp" $minimum_green i 6 2>&1)"
    check "engineer may SET timing" ".$minimum_green = 6" \
        "$(snmpset $center -l authPriv "$udp" $minimum_green i 6 2>&1)"
    check "and nothing of what was refused was done" ".$holds = 1" "$(snmpget -v2c -c look $quick "$udp" $holds)"
    check "each SET left one line" 7 "$(grep -c '^audit' "$work/agent.out")"
    check "the audit names no community" 0 "$(grep -c 'look\|act ' "$work/agent.out")"
}
stop agent
check "the agent ends well" 0 "$status"
check_match "what was dropped was counted" "*not_allowed=0 over_source=0 unknown=[1-9]*" "$(tail -1 "$work/agent.out")"

# Without version 3 users, a source in nobody's network is turned away before anything is parsed.
start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --community look,127.0.0.1/32,monitor
ready agent || finish
udp=$(address agent snmp)
udp=${udp#udp:}
# shellcheck disable=SC2086
check_match "a stranger gets no answer" "*Timeout*" \
    "$(snmpget -v2c -c look $quick --clientaddr=127.0.0.2 "$udp" $asc.1.1.0 2>&1)"
check_match "version 3 is closed without users" "*Timeout*" \
    "$(snmpget -v3 -u center -l authPriv -a SHA-256 -A authentic-1 -x AES -X private-123 -r0 -t0.5 "$udp" $asc.1.1.0 2>&1)"
stop agent
check_match "both were counted" "received=2 not_allowed=1 *" "$(tail -1 "$work/agent.out")"

start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --community look,127.0.0.0/8,monitor --rate 3
ready agent || finish
udp=$(address agent snmp)
udp=${udp#udp:}
# A walk is one request after the other, each given up after 0.2 s: the first three pass, the fourth is
# too much, and another source is not touched by that.
# shellcheck disable=SC2086
{
    check "a source beyond its rate is cut off" 3 \
        "$(snmpwalk -v2c -c look -r0 -t0.2 -OnQ "$udp" $asc.1.2.1.1 2>/dev/null | wc -l)"
    check "another source is served" ".$asc.1.1.0 = 40" \
        "$(snmpget -v2c -c look -r0 -t2 -OnQ --clientaddr=127.0.0.3 "$udp" $asc.1.1.0)"
}
stop agent
finish
