#!/bin/bash
# How long one answer takes at most while the controller times its intersection, cabinet and all, and what the load
# does to the tick: an idle run and loaded ones, one after the other on the same machine. Judged are the answers to
# reading, at the 99.9th percentile, and that ticks begin no later than without load. A machine whose other work makes
# a mere echo wait cannot show the former, and is said to be one.
#
#   tests/bench/snmp_latency.sh [SECONDS of one load]
. "$(dirname "$0")/../integration/lib.sh"
. "$(dirname "$0")/snmp_common.sh"

seconds=${1:-5}
limit_us=15000
quiet_us=5000 # to which an echo of the same load is answered where the limit can be judged
later_us=1000 # of a tick's 100,000, on average

# begin: the intersection of tscsim around tscd, its start-up over.
begin() {
    start sim "$BIN/tscsim" live -c "$ROOT/configs/chengdong-s234.json" --modbus tcp:127.0.0.1:0 --feed tcp:127.0.0.1:9
    ready sim || finish
    start_ours "$(address sim modbus)"
    wait_for 40 something_is_green || check "the intersection runs" 1 0
}

# shellcheck disable=SC2317 # wait_for calls it
something_is_green() {
    [ "$(snmpget -v2c -c "$community" -r1 -t2 -Oqv "127.0.0.1:$our_port" 1.3.6.1.4.1.1206.4.2.1.1.4.1.4.1)" != 0 ]
}

# end_run NAME: what tscd says of its ticks when it goes; leaves the average in $late_us.
end_run() {
    local line
    stop ours
    check "tscd ends well" 0 "$status"
    stop sim
    line=$(sed -n 's/.* tick: //p' "$work/ours.err")
    echo "$1: $line"
    late_us=$(sed -n 's/.*late by \([0-9]*\) us on average.*/\1/p' <<<"$line")
    left_out=$(sed -n 's/.*, \([0-9]*\) left out.*/\1/p' <<<"$line")
}

# The longest answers of an echo to the same load, just now.
echo_us() {
    load "$echo_port" 2 "${oids[@]}" | figure p999_us
}

# measure WHAT COMMAND...: its line of results, its longest answers judged.
measure() {
    local what=$1 line echoed
    shift
    line=$("$@") || failed=1
    echo "$what: $line"
    echoed=$(echo_us)
    what="$what: an answer at the 99.9th percentile, in microseconds"
    if [ "$echoed" -gt $quiet_us ]; then
        skip "$what" "this machine lets an echo wait $echoed; came $(figure p999_us <<<"$line")"
    else
        at_most "$what" $limit_us "$(figure p999_us <<<"$line")"
    fi
}

# shellcheck disable=SC2086
start echo $on_server "$BIN/bench_echo"
ready echo || finish
echo_port=$(address echo echo)
echo_port=${echo_port##*:}

begin
sleep "$((3 * seconds))" # the idle run lasts as long as the loads
end_run "idle"
idle_us=$late_us

begin
measure "GET, $outstanding outstanding" load "$our_port" "$seconds" "${oids[@]}"
measure "walk by GETBULK" walk "$our_port" "$seconds"
load "$our_port" "$seconds" "${oids[@]}" >"$work/beside" &
beside=$!
measure "walk beside $outstanding GETs" walk "$our_port" "$seconds"
wait $beside || failed=1
echo "the GETs beside the walk: $(cat "$work/beside")"
end_run "loaded"
at_most "a tick under load begins later than an idle one by microseconds" $later_us "$((late_us - idle_us))"
check "no tick is left out" 0 "$left_out"

# A SET of a parameter is answered when it lies on the disk. That is the disk's time, so it is told, not judged; but
# nobody else may wait for it.
begin
# shellcheck disable=SC2086
$on_load "$BIN/bench_snmp_load" --set 20 127.0.0.1 "$our_port" "$community" 1 "$seconds" \
    1.3.6.1.4.1.1206.4.2.1.1.2.1.4.1 >"$work/beside" &
beside=$!
measure "GET, $outstanding outstanding, beside SETs" load "$our_port" "$seconds" "${oids[@]}"
wait $beside || failed=1
echo "SETs of a parameter, one after the other, beside the GETs: $(cat "$work/beside")"
end_run "loaded, with SETs"
check "every answer was right" 0 $failed
finish
