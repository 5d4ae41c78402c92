#!/bin/bash
# Notifications with acknowledgement (NTCIP 1103, ntcipTraps), received by net-snmp's own snmptrapd: in versions 1,
# 2c and 3, repeated until they are acknowledged, given up and counted when they are not.
. "$(dirname "$0")/lib.sh"
trapd=$(PATH=$PATH:/usr/sbin command -v snmptrapd)
if [ -z "$trapd" ]; then
    skip "notifications" "snmptrapd is not installed"
    finish
fi

asc=1.3.6.1.4.1.1206.4.2.1
green=$asc.1.2.1.4.2 # phaseMinimumGreen.2
report=1.3.6.1.4.1.1206.4.2.6.4
security=1.3.6.1.4.1.1206.4.2.6.5
names=1.3.6.1.4.1.1206.4.1.1.7.4.2.1
blocks=1.3.6.1.4.1.1206.4.1.1.7.7
clear=1.3.6.1.4.1.1206.4.1.1.7.8
traps=1.3.6.1.4.1.1206.4.1.4.1
manager() { echo "$traps.6.1.$1.1"; } # column COLUMN of the first manager

sed -e 's|"v3": \[|"v3": [{"user": "chief", "role": "admin", "auth": "SHA-256", "priv": "AES-128", "auth_pass": "a-chief-of-many", "priv_pass": "a-chief-of-many"},|' \
    "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
begin() {
    start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
        --modbus tcp:127.0.0.1:9
    ready tscd || finish
    snmp=$(address tscd snmp)
}
# chief SET|GET ARGUMENT...
chief() {
    local what=$1
    shift
    "snmp$what" -v3 -u chief -l authPriv -a SHA-256 -A a-chief-of-many -x AES -X a-chief-of-many -r1 -t5 -Oqv \
        "$snmp" "$@" 2>&1
}
public() {
    local what=$1
    shift
    "snmp$what" -v2c -c public -r1 -t2 -Oqvx "$snmp" "$@" 2>&1
}
# The port the system gave to a process that listens on one socket of UDP.
port_of() {
    local inode
    for inode in $(find "/proc/${pid[$1]}/fd" -printf '%l\n' 2>/dev/null | sed -n 's/^socket:\[\(.*\)\]/\1/p'); do
        awk -v inode="$inode" '$10 == inode {split($2, at, ":"); print at[2]}' /proc/net/udp
    done | head -n 1
}
listens() { [ -n "$(port_of trapd)" ]; }
# received PATTERN [COUNT]: whether so many lines came.
received() { [ "$(grep -c -- "$1" "$work/trapd.out")" -ge "${2:-1}" ]; }
reads() { [ "$(public get "$1")" = "$2" ]; } # reads OID VALUE

# changes VALUE VALUE CONDITION...: a row just configured has to be looked at once before a change can be seen, so one
# is made after the other until the condition holds.
changes() {
    local value
    for value in "$1" "$2"; do
        public set "$green" i "$value" >/dev/null
        wait_for 1 "${@:3}" && return
    done
}

chief_changes() {
    local value
    for value in 31 32; do
        chief set "$green" i "$value" >/dev/null
        wait_for 1 received '^TRAP, .*04 .. \(1F\|20\) ' && return
    done
}

begin
# the agent's identifier, as the identity keeps it
engine=0x800004b605$(sed -n 's/.*"engine_seed": *"\([0-9a-f]*\)".*/\1/p' "$work/state/identity")
echo "hexOutputLength 0" >"$work/snmp/snmp.conf" # octets on one line
cat >"$work/snmp/snmptrapd.conf" <<END
format1 %P %w%q: %v\\n
format2 %P: %v\\n
disableAuthorization yes
createUser -e $engine chief SHA-256 "a-chief-of-many" AES "a-chief-of-many"
authUser log chief
END
start trapd "$trapd" -f -Lo -OnQx -n udp:127.0.0.1:0
wait_for 10 listens
port=$((16#$(port_of trapd)))

# Event 1: the minimum green of phase 2 changes; logged is a report of it and of the maximum.
check_match "an event is configured" "*" "$(public set $report.2.1.2.1 i 1 $report.2.1.3.1 i 2 $report.2.1.6.1 o $green \
    $report.2.1.7.1 o $green $report.2.1.8.1 i 3 $report.6.1.2.1 i 10)"
check "it is looked for" 3 "$(public get $report.2.1.9.1)"
check_match "a manager is named" "*" "$(chief set $security.3.1.2.1 s trapping $names.2.1 s centre $names.3.1 a 127.0.0.1 \
    $names.4.1 i 5 "$(manager 2)" i 1 "$(manager 3)" i 1 "$(manager 6)" i $port "$(manager 7)" i 2 "$(manager 8)" i 1 \
    "$(manager 9)" i 1 "$(manager 12)" i 0 "$(manager 15)" i 5 $traps.7.1.1.1.1 i 2)"
check "to be active is to be available" 3 "$(public get "$(manager 15)")"
check "a change while notifications are off is logged" 0 \
    "$(wait_for 10 changes 16 15 reads $report.6.1.5.1 1; echo $?)"
check "and told to nobody" 0 "$(public get "$(manager 16)")"
check "notifications are switched on" 2 "$(public set $traps.1.0 i 2)"

check "a change" 17 "$(public set $green i 17)"
wait_for 5 received "$traps.0.1"
line=$(grep -m1 "$traps.0.1" "$work/trapd.out")
check_match "is notified, naming what it is" "*.1.3.6.1.6.3.1.1.4.1.0 = .$traps.0.1*" "$line"
check_match "with the community that is stored" "*SNMP v2c, community trapping*" "$line"
check_match "and the number to acknowledge" "*.$(manager 16) = 1*" "$line"
# manager 1, number 1, one row: class 1, its second row, event 1, a time, and the value 17 in BER
check_match "and the entry of the log" "*.$traps.2.0 = \"01 00 01 01 01 01 02 00 01 ?? ?? ?? ?? 03 02 01 11*" "$line"
check_match "which also reads back" "*01 00 01 01 01 01 02 00 01 *03 02 01 11*" "$(public get $traps.2.0)"
check "it is repeated twice" 0 "$(wait_for 10 received "$traps.0.1" 3; echo $?)"
wait_for 10 reads "$(manager 11)" 3
check "then the link counts as down" 3 "$(public get "$(manager 11)")"
check "the notification as lost" 1 "$(public get "$(manager 14)")"
check "and nobody acknowledged it" 5 "$(public get "$(manager 13)")"
check "it came three times, no more" 3 "$(grep -c "$traps.0.1" "$work/trapd.out")"

check "another change" 18 "$(public set $green i 18)"
wait_for 5 received "$(manager 16) = 2"
check "is acknowledged" 2 "$(public set "$(manager 17)" i 2)"
check "the link is up" 2 "$(public get "$(manager 11)")"
check "nothing is wrong any more" 1 "$(public get "$(manager 13)")"
check "one is lost as before" 1 "$(public get "$(manager 14)")"
check "both were counted" 2 "$(public get $traps.7.1.4.1.1)"
check_match "an acknowledgement is a number" "*wrongValue*" "$(public set "$(manager 17)" i 65536)"

check_match "version 1" "*" "$(public set "$(manager 4)" i 2 "$(manager 7)" i 0)"
check "a change" 19 "$(public set $green i 19)"
wait_for 5 received "$(manager 16) = 3"
check_match "is an enterprise's trap 1" "TRAP, SNMP v1, community trapping 6.1: *" \
    "$(grep -m1 "$(manager 16) = 3" "$work/trapd.out")"
check_match "version 3, as the config's first user" "*" "$(public set "$(manager 4)" i 4)"
check "a change" 20 "$(public set $green i 20)"
wait_for 5 received "$(manager 16) = 4"
check_match "is authenticated and encrypted" "*SNMP v3, user chief*" "$(grep -m1 "$(manager 16) = 4" "$work/trapd.out")"

# What is missing is told by the row, and nothing leaves.
check_match "a user that is not there" "*" "$(public set "$(manager 3)" i 9)"
check "a change" 21 "$(public set $green i 21)"
check "stays here" 0 "$(wait_for 5 reads "$(manager 13)" 3; echo $?)"
check_match "an address that is not there" "*" "$(public set "$(manager 3)" i 1 "$(manager 4)" i 3 $names.4.1 i 6)"
check "a change" 22 "$(public set $green i 22)"
check "stays here too" 0 "$(wait_for 5 reads "$(manager 13)" 2; echo $?)"
check "a name put away stands by" 2 "$(public get $names.4.1)"
check_match "the address is back" "*" "$(public set $names.4.1 i 5)"

# A block of values as what an event logs.
check_match "a report block" "*" "$(public set $blocks.4.1.2.1 i 5 $blocks.3.1.2.1 i 5 $blocks.3.1.3.1 i 1 $blocks.3.1.4.1 o $green \
    $blocks.3.1.2.2 i 5 $blocks.3.1.3.2 i 1 $blocks.3.1.4.2 o $asc.1.2.1.24.2 $report.2.1.7.1 o $blocks.4.1.4.1)"
check "is logged with a change, as it was then" 0 "$(wait_for 10 changes 23 24 received '04 .. 1[78] 0[0-9]'; echo $?)"

# An alarm is an event of the object that shows it: here that the controller has restarted, until somebody has read it.
check_match "an event of an alarm" "*" "$(public set $report.2.1.2.2 i 1 $report.2.1.3.2 i 7 $report.2.1.4.2 i 1 \
    $report.2.1.6.2 o $asc.3.7.0 $report.2.1.7.2 o $asc.3.7.0 $report.2.1.8.2 i 3 $traps.7.1.1.2.1 i 2 $traps.7.1.2.2.1 i 2)"
check "is notified too" 0 "$(wait_for 5 received '00 02 .. .. .. .. 03 02 0[01] '; echo $?)"

check "wrong communities are told to nobody" 2 "$(public get 1.3.6.1.2.1.11.30.0)"
check "until that is asked for" 1 "$(public set 1.3.6.1.2.1.11.30.0 i 1)"
check_match "a wrong community" "*Timeout*" "$(snmpget -v2c -c wrong -r0 -t1 "$snmp" $green 2>&1)"
check "is told then" 0 "$(wait_for 5 received '1.3.6.1.6.3.1.1.5.5'; echo $?)"
check "what was sent is counted" 0 "$([ "$(public get 1.3.6.1.2.1.11.29.0)" -ge 8 ]; echo $?)"

stop tscd KILL
# What may come in does not say what may go out: now version 3 alone is listened to.
sed -i -z 's/,\n *"v2c": \[[^]]*\]//' "$work/config.json"
begin
check_match "version 2c is closed" "*Timeout*" "$(snmpget -v2c -c public -r0 -t1 "$snmp" $green 2>&1)"
check "a restart is told to who is named in the store" 0 "$(wait_for 10 received '1.3.6.1.6.3.1.1.5.1'; echo $?)"
check_match "in version 1 as well" "*" "$(chief set "$(manager 4)" i 2)"
check "a change" 0 "$(wait_for 10 chief_changes; echo $?)"

public() { chief "$@"; }
check "the table is cleared" 1 "$(public set $clear.8.0 i 1)"
check "of which nothing is to be read" 0 "$(public get $clear.8.0)"
check "notifications with it" 1 "$(public get $traps.1.0)"
check "and its rows" 4 "$(public get "$(manager 15)")"
check "the log's configuration is cleared" 1 "$(public set $clear.2.0 i 1)"
check "to no event" 2 "$(public get $report.2.1.8.1)"
check_match "a command is 0 or 1" "*wrongValue*" "$(public set $clear.3.0 i 2)"
check "the log is emptied" 1 "$(public set $clear.3.0 i 1)"
stop tscd
check "tscd ends well" 0 "$status"
stop trapd
finish
