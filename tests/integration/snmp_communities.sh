#!/bin/bash
# Stored community names (NTCIP 1103, security): shipped empty, for administrators alone, counted at once, and
# never told to anybody.
. "$(dirname "$0")/lib.sh"

security=1.3.6.1.4.1.1206.4.2.6.5
administrator=$security.1.0
user=$security.3.1.2
mask=$security.3.1.3
green=1.3.6.1.4.1.1206.4.2.1.1.2.1.4.2 # phaseMinimumGreen.2
walk=1.3.6.1.4.1.1206.4.2.1.1.2.1.2.2  # phaseWalk.2
transaction=1.3.6.1.4.1.1206.4.2.6.2.1.0

config() { # config NETWORKS
    sed -e 's|"v3": \[|"community_objects": ['"$1"'], "v3": [{"user": "chief", "role": "admin", "auth": "SHA-256", "priv": "AES-128", "auth_pass": "a-chief-of-many", "priv_pass": "a-chief-of-many"},|' \
        "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
}
begin() {
    start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
        --modbus tcp:127.0.0.1:9
    ready tscd || finish
    snmp=$(address tscd snmp)
}
chief="-v3 -u chief -l authPriv -a SHA-256 -A a-chief-of-many -x AES -X a-chief-of-many -r1 -t2 -Oqv"
center="-v3 -u center -l authPriv -a SHA-256 -A for-trying-out-only -x AES -X for-trying-out-only -r1 -t2 -Oqv"
# as NAME GET|SET ARGUMENT...: with a community, version 2c, not asking twice
as() {
    local name=$1 what=$2
    shift 2
    "snmp$what" -v2c -c "$name" -r0 -t1 -Oqv "$snmp" "$@" 2>&1
}

config ''
begin
# shellcheck disable=SC2086
{
    check "no administrator's name is shipped" '""' "$(snmpget $chief "$snmp" $administrator)"
    check "nor any other" 8 "$(snmpwalk $chief "$snmp" $user | grep -c '^""$')"
    check "an administrator stores one" '"thewheel"' "$(snmpset $chief "$snmp" $administrator s thewheel)"
}
check_match "without networks in the config it opens nothing" "*Timeout*" "$(as thewheel get $green)"
stop tscd

config '"127.0.0.0/8"'
rm -rf "$work/state"
begin
# shellcheck disable=SC2086
{
    check_match "an engineer does not see the names" "*No Such*" "$(snmpget $center "$snmp" $administrator 2>&1)"
    check_match "nor by walking" "*No*" "$(snmpwalk $center "$snmp" $security 2>&1)"
    check_match "nor may one store any" "*noAccess*" "$(snmpset $center "$snmp" $user.1 s engineer 2>&1)"
    check_match "the names of the standard open nothing" "*Timeout*" "$(as administrator get $green)"
    check_match "a name is not too short" "*wrongLength*" "$(snmpset $chief "$snmp" $user.1 s short 2>&1)"
    check_match "an administrator's has 8 octets" "*wrongLength*" "$(snmpset $chief "$snmp" $administrator s seven77 2>&1)"
    check_match "nor is it too long" "*wrongLength*" "$(snmpset $chief "$snmp" $user.1 s seventeen-letters 2>&1)"
    check_match "a mask is all or nothing" "*wrongValue*" "$(snmpset $chief "$snmp" $mask.1 u 255 2>&1)"
    check_match "names come into being together" "*thewheel*" "$(snmpset $chief "$snmp" $administrator s thewheel \
        $user.1 s lookers $mask.1 u 0 $user.2 s workers $mask.2 u 4294967295 2>&1)"
}
check "a name of mask 0 reads at once" 15 "$(as lookers get $green)"
check_match "and does not write" "*noAccess*" "$(as lookers set $green i 16)"
check "a name of mask 4294967295 writes" 16 "$(as workers set $green i 16)"
check_match "but not names" "*noAccess*" "$(as workers set $user.1 s others)"
check_match "and does not see them" "*No Such*" "$(as workers get $user.1)"
check "the administrator's name sees them" '"lookers"' "$(as thewheel get $user.1)"
check "version 1 too" 16 "$(snmpget -v1 -c lookers -r0 -t1 -Oqv "$snmp" $green 2>&1)"
check "and says noSuchName to who may not see" 1 \
    "$(snmpget -v1 -c lookers -r0 -t1 -Oqv "$snmp" $user.1 2>&1 | grep -c noSuchName)"

# NTCIP 1201 2.3.1: whose transaction it is, names tell.
check "a name opens a transaction" 2 "$(as workers set $transaction i 2)"
check "it is gathered" 20 "$(as workers set $green i 20)"
check "and not seen yet" 16 "$(as lookers get $green)"
check_match "another name's parameters are refused" "*genErr*" "$(as public set $walk i 9)"
check_match "and its steering" "*genErr*" "$(as public set $transaction i 1)"
check_match "the administrator's name gathers nothing in it" "*genErr*" "$(as thewheel set $walk i 9)"
check "but may give it up" 1 "$(as thewheel set $transaction i 1)"
check "nothing of it was done" 16 "$(as lookers get $green)"
check_match "the administrator's name renames others" "*watchers*" "$(as thewheel set $user.1 s watchers)"
check_match "the old name counts no longer" "*Timeout*" "$(as lookers get $green)"
check "the new one does" 16 "$(as watchers get $green)"
check_match "an emptied row opens nothing" '""' "$(as thewheel set $user.1 s '')"
check_match "not even to the empty name" "*Timeout*" "$(as '' get $green)"

check "the audit tells who" 1 "$(grep -c 'set: community name 2, .*phaseMinimumGreen.2 15 -> 16: taken' "$work/tscd.err")"
check "and what was done to names, but none of them" 0 \
    "$(grep -c 'thewheel\|lookers\|workers\|watchers' "$work/tscd.err")"
check "nor to a refused one" 0 "$(grep -c 'engineer"\|others' "$work/tscd.err")"
stop tscd KILL
begin
check "names survive kill -9" 16 "$(as workers get $green)"
check "their file is for its owner alone" 600 "$(stat -c %a "$work/state/database")"
stop tscd

config '"10.9.0.0/16"'
begin
check_match "from elsewhere a name opens nothing" "*Timeout*" "$(as workers get $green)"
stop tscd
finish
