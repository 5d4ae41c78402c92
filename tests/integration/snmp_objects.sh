#!/bin/bash
# Every object of the table over SNMP (snmp_objects.c does it), and a whole walk by name with our MIB modules.
. "$(dirname "$0")/lib.sh"

start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --community boss,127.0.0.0/8,admin,v1
ready agent || finish
"$BIN/snmp_objects" "$(address agent snmp)" boss || failed=1

by_name || finish
snmpbulkwalk -v2c -c boss -r1 -t5 -Cr100 -Os "$(address agent snmp)" .1.3 >"$work/walk" 2>"$work/complaints"
check "net-snmp reads our MIB modules without a complaint" "" "$(head -3 "$work/complaints")"
sed -n 's/^\([A-Za-z0-9-]*\)\..* = .*/\1/p' "$work/walk" | uniq | sort -u >"$work/walked"
"$BIN/snmp_objects" --names | sort -u >"$work/names"
check "a walk by name knows every object it finds" "" "$(comm -23 "$work/walked" "$work/names" | head -3)"
stop agent
check "the agent ends well" 0 "$status"
finish
