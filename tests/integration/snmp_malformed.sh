#!/bin/bash
# Broken messages: nobody falls over, nothing is written, and whoever speaks properly is served meanwhile.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --listen tcp:127.0.0.1:0 \
    --community lab,127.0.0.0/8,monitor,v1 --user center,monitor,SHA-256,AES-128,authentic-1,private-123
ready agent || finish
udp=$(address agent snmp)
udp=${udp#udp:}
tcp=$(address agent snmp tcp)
tcp=${tcp#tcp:}
quick="-v2c -c lab -r3 -t2 -OnQ"

for seed in 1 2 3 4; do
    "$BIN/snmp_mutate" "${udp##*:}" 500 $seed >/dev/null
    # shellcheck disable=SC2086
    check "after 500 broken messages, seed $seed, the agent answers" ".$asc.1.1.0 = 40" \
        "$(snmpget $quick "$udp" $asc.1.1.0)"
done

# Streams: nonsense, a message that never ends, a length beyond all measure, and too many connections.
exec 5<>"/dev/tcp/127.0.0.1/${tcp##*:}"
printf 'GET / HTTP/1.0\r\n\r\n' >&5
timeout 5 cat <&5 >"$work/answer" 2>"$work/reset" # the end may come as a reset
check "nonsense on a stream ends the connection" 1 "$(($? != 124))"
exec 5>&-
exec 5<>"/dev/tcp/127.0.0.1/${tcp##*:}"
printf '\x30\x84\x7f\xff\xff\xff\x02\x01' >&5
timeout 5 cat <&5 >"$work/answer" 2>"$work/reset"
check "a length beyond all measure ends the connection" 1 "$(($? != 124))"
exec 5>&-
held=()
for _ in $(seq 31); do
    exec {fd}<>"/dev/tcp/127.0.0.1/${tcp##*:}"
    printf '\x30\x40\x02' >&"$fd"
    held+=("$fd")
done
# shellcheck disable=SC2086
{
    check "31 half messages hold nobody up" ".$asc.1.1.0 = 40" "$(snmpget $quick "tcp:$tcp" $asc.1.1.0)"
    exec {fd}<>"/dev/tcp/127.0.0.1/${tcp##*:}"
    held+=("$fd")
    exec {fd}<>"/dev/tcp/127.0.0.1/${tcp##*:}"
    held+=("$fd")
    timeout 5 cat <&"$fd" >"$work/answer" 2>"$work/reset"
    check "the connection beyond the limit is closed" 1 "$(($? != 124))"
    check "and UDP is as before" ".$asc.1.1.0 = 40" "$(snmpget $quick "$udp" $asc.1.1.0)"
}
for fd in "${held[@]}"; do exec {fd}>&-; done

check "no broken SET was taken" 0 "$(grep -c 'noError' "$work/agent.out")"
stop agent
check "the agent ends well" 0 "$status"
check "the agent has nothing to complain of" "" "$(cat "$work/agent.err")"
finish
