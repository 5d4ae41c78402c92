#!/bin/bash
# Out of file descriptors: a connection that cannot be accepted waits, datagrams are answered, nothing spins.
. "$(dirname "$0")/lib.sh"

phases=1.3.6.1.4.1.1206.4.2.1.1.1.0 # maxPhases
start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --listen tcp:127.0.0.1:0 --community look,127.0.0.0/8,monitor
ready agent || finish
udp=$(address agent snmp udp)
tcp=$(address agent snmp tcp)
process=/proc/${pid[agent]}

get() { snmpget -v2c -c look -r0 -t8 -Oqv "$1" $phases 2>&1; }
limit_descriptors() { prlimit --pid "${pid[agent]}" --nofile="$1:"; }
cpu_ticks() { sed 's/.*) //' "$process/stat" | awk '{ print $12 + $13 }'; }

unanswered=0
answers_until() {
    [ "$(get "$udp")" = 40 ] || unanswered=$((unanswered + 1))
    [ "$SECONDS" -ge "$1" ]
}

free=0 # the descriptor that the next accept() would take
while [ -L "$process/fd/$free" ]; do free=$((free + 1)); done
limit_descriptors $free
exec {held}<>"/dev/tcp/127.0.0.1/${tcp##*:}"
before=$(cpu_ticks)
wait_for 10 answers_until $((SECONDS + 3))
spent=$(($(cpu_ticks) - before))
check "the connection cannot be accepted" 1 "$(test -L "$process/fd/$free"; echo $?)"
check "datagrams are answered meanwhile" 0 $unanswered
check "the agent has slept most of the time" 1 $((spent < $(getconf CLK_TCK) / 2))

limit_descriptors "$(ulimit -Sn)"
check "with descriptors again, who comes next is served" 40 "$(get "$tcp")"
check "and who has waited is connected" 0 "$(test -L "$process/fd/$free"; echo $?)"
exec {held}>&-
stop agent
check "the agent ends well" 0 "$status"
finish
