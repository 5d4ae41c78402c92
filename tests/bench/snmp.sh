#!/bin/bash
# How many GETs the agent answers, against the stock snmpd's sysUpTime, 32 outstanding, both in one run
# and taking turns, so that what else the machine does meets both alike. Prints counts and the ratio;
# judges nothing.
#
#   tests/bench/snmp.sh [SECONDS of one turn] [TURNS]
. "$(dirname "$0")/../integration/lib.sh"

seconds=${1:-2}
turns=${2:-5}
outstanding=32
community=public # as the bundled config has it

# The server on one core, the load on the other, where there are two.
if [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; then
    on_server="taskset -c 0"
    on_load="taskset -c 1"
else
    on_server=
    on_load=
fi

# Timing, status and channel objects of NTCIP 1202, many rows of each.
oids=()
for row in 1 2 3 4 5 6 7 8; do
    for column in 2 4 5 6 8 9 21; do
        oids+=("1.3.6.1.4.1.1206.4.2.1.1.2.1.$column.$row")
    done
    oids+=("1.3.6.1.4.1.1206.4.2.1.8.2.1.2.$row")
done
for column in 2 3 4 5 6 7 8 9 10 11; do
    oids+=("1.3.6.1.4.1.1206.4.2.1.1.4.1.$column.1")
done

# The controller itself, timing its junction meanwhile; no cabinet is there.
start_ours() {
    mkdir "$work/state"
    # shellcheck disable=SC2086
    start ours $on_server "$BIN/tscd" -c "$ROOT/configs/chengdong-s234.json" -s "$work/state" \
        --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 --modbus tcp:127.0.0.1:9
    ready ours || finish
    our_port=$(address ours snmp udp)
    our_port=${our_port##*:}
}

# shellcheck disable=SC2317 # wait_for calls it
answers_uptime() {
    snmpget -v2c -c "$community" -r0 -t0.2 "127.0.0.1:$1" 1.3.6.1.2.1.1.3.0 >/dev/null 2>&1
}

# snmpd takes no "any free port": try some until it holds one.
start_stock() {
    local try
    for try in 1 2 3 4 5; do
        stock_port=$((20000 + (RANDOM + try) % 20000))
        mkdir -p "$work/stock"
        {
            echo "rocommunity $community 127.0.0.1"
            echo "agentAddress udp:127.0.0.1:$stock_port"
            echo "[snmp] persistentDir $work/stock"
        } >"$work/stock/snmpd.conf"
        # shellcheck disable=SC2086
        start stock $on_server /usr/sbin/snmpd -f -Lf /dev/null -C -c "$work/stock/snmpd.conf" -p "$work/stock/pid" \
            -I -smux,agentx
        if wait_for 5 answers_uptime "$stock_port"; then return 0; fi
        stop stock KILL
    done
    return 1
}

load() {
    # shellcheck disable=SC2086
    $on_load "$BIN/bench_snmp_load" 127.0.0.1 "$1" "$community" "$outstanding" "$seconds" "${@:2}"
}

per_second() {
    sed -n 's/.* per_second=\([0-9]*\) .*/\1/p'
}

# Of the ratios of the turns the middle one: both sides of a turn saw the same machine.
middle_ratio() {
    paste "$work/our.rates" "$work/stock.rates" | awk '{ print $1 / $2 }' | sort -n |
        awk '{ r[NR] = $1 } END { printf "%.2f\n", (r[int((NR + 1) / 2)] + r[int(NR / 2) + 1]) / 2 }'
}

start_ours
if [ ! -x /usr/sbin/snmpd ] || ! start_stock; then
    skip "throughput" "no stock snmpd to compare with"
    load "$our_port" "${oids[@]}" || failed=1
    check "every answer was right" 0 $failed
    finish
fi

for turn in $(seq "$turns"); do
    line=$(load "$stock_port" 1.3.6.1.2.1.1.3.0) || failed=1
    echo "turn $turn snmpd: $line"
    per_second <<<"$line" >>"$work/stock.rates"
    line=$(load "$our_port" "${oids[@]}") || failed=1
    echo "turn $turn ours:  $line"
    per_second <<<"$line" >>"$work/our.rates"
done

echo "GET throughput, $outstanding outstanding, ours over ${#oids[@]} objects against snmpd over sysUpTime:" \
    "$(middle_ratio) times (middle of $turns turns)"
check "every answer was right" 0 $failed
finish
