#!/bin/bash
# The state of a thousand junctions through one broker, and through a second one behind a bridge, beside two yardsticks
# of the same run: the same broker with eight octets a message, and the feed's own datagrams without any broker. All
# take turns, so that what else the machine does meets them alike. What is judged is that everything arrived.
#
#   tests/bench/mqtt.sh [JUNCTIONS] [SECONDS of one turn] [TURNS]
. "$(dirname "$0")/../integration/lib.sh"

junctions=${1:-1000}
seconds=${2:-4}
turns=${3:-3}
track=$ROOT/configs/chengdong-s234.json

# one_turn NUMBER WHAT MODE [PORT PORT PID...]: a line of results, kept for the middle.
one_turn() {
    local turn=$1 what=$2 mode=$3 line
    shift 3
    line=$("$BIN/bench_mqtt" "$mode" "$track" "$junctions" "$seconds" "$@") || failed=1
    echo "turn $turn $what: $line"
    echo "$line" >>"$work/$what"
}

# middle WHAT: of each figure, the middle of the turns.
middle() {
    local name
    for name in $(tr ' ' '\n' <"$work/$1" | sed -n 's/=.*//p' | awk '!seen[$0]++'); do
        printf ' %s=%s' "$name" "$(tr ' ' '\n' <"$work/$1" | sed -n "s/^$name=//p" | sort -g | sed -n "$(((turns + 1) / 2))p")"
    done
}

ulimit -n "$(ulimit -Hn)"
begin_broker far 0 "allow_anonymous true"
far_port=$port
begin_broker near 0 "allow_anonymous true" "connection up" "address 127.0.0.1:$far_port" \
    "bridge_protocol_version mqttv50" "notifications false" "topic v2x/v1/signalcontroller/+/spat/up out 0"
near_port=$port
begin_broker alone 0 "allow_anonymous true"
check "the bridge is up" 0 "$(wait_for 10 grep -q 'as .*\.up ' "$work/far.err"; echo $?)"

for turn in $(seq "$turns"); do
    one_turn "$turn" datagrams udp
    one_turn "$turn" small small "$port" "$port" "${pid[alone]}"
    one_turn "$turn" state spat "$port" "$port" "${pid[alone]}"
    one_turn "$turn" bridged spat "$near_port" "$far_port" "${pid[near]}" "${pid[far]}"
done
echo "$junctions junctions, the middle of $turns turns of $seconds s:"
for what in datagrams small state bridged; do
    echo "  $what:$(middle $what)"
done
for what in small state bridged; do
    check "$what: everything arrived" 0 "$(grep -vc 'arrived=100.00%' "$work/$what")"
done
check "nothing failed to be sent" 0 $failed
finish
