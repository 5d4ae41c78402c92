#!/bin/bash
# Out of file descriptors: a stream that cannot be accepted waits, everybody else is served, and nothing spins.
. "$(dirname "$0")/lib.sh"

uptime=1.3.6.1.2.1.1.3.0
start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --listen tcp:127.0.0.1:0 --community look,127.0.0.0/8,monitor
ready agent || finish
udp=$(address agent snmp udp)
tcp=$(address agent snmp tcp)
agent=/proc/${pid[agent]}

get() { snmpget -v2c -c look -r0 -t2 -Oqv "$@" 2>&1; }
ticks() { sed 's/.*) //' "$agent/stat" | awk '{ print $12 + $13 }'; }
all_used() { [ "$(ss -Hltn "sport = :${tcp##*:}" | awk '{ print $2 }')" = "$1" ]; }
