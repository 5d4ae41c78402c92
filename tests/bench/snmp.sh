#!/bin/bash
# What the agent answers against the stock snmpd, both in one run and taking turns, so that what else the machine does
# meets both alike: GETs with 32 outstanding, and walks of all there is by GETBULK. The ratios are judged, for a client
# is what they were promised to.
#
#   tests/bench/snmp.sh [SECONDS of one turn] [TURNS]
. "$(dirname "$0")/../integration/lib.sh"
. "$(dirname "$0")/snmp_common.sh"

seconds=${1:-0.5}
turns=${2:-15}
wanted_get=3
wanted_walk=2

# one_turn NUMBER WHO WHAT COMMAND...: a line of results, its rate noted for the ratio.
one_turn() {
    local turn=$1 who=$2 what=$3 line
    shift 3
    line=$("$@") || failed=1
    echo "turn $turn $what $who: $line"
    figure per_second <<<"$line" >>"$work/$who.$what"
}

start_ours tcp:127.0.0.1:9 # where no cabinet is
if ! start_stock; then
    skip "throughput" "no stock snmpd to compare with"
    one_turn 1 ours GET load "$our_port" "$seconds" "${oids[@]}"
    one_turn 1 ours walk walk "$our_port" "$seconds"
    check "every answer was right" 0 $failed
    finish
fi

for turn in $(seq "$turns"); do
    one_turn "$turn" snmpd GET load "$stock_port" "$seconds" 1.3.6.1.2.1.1.3.0
    one_turn "$turn" ours GET load "$our_port" "$seconds" "${oids[@]}"
    one_turn "$turn" snmpd walk walk "$stock_port" "$seconds"
    one_turn "$turn" ours walk walk "$our_port" "$seconds"
done
check "every answer was right" 0 $failed

get=$(middle_ratio "$work/ours.GET" "$work/snmpd.GET")
walk=$(middle_ratio "$work/ours.walk" "$work/snmpd.walk")
echo "GET, $outstanding outstanding, ours over ${#oids[@]} objects against snmpd over sysUpTime: $get times (middle" \
    "of $turns turns)"
echo "walk of everything by GETBULK, in varbinds a second: $walk times (middle of $turns turns)"
at_least "GETs answered, against snmpd" $wanted_get "$get"
at_least "varbinds walked, against snmpd" $wanted_walk "$walk"
finish
