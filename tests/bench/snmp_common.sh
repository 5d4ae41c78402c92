# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what is set here is read by those who source it, as is what lib.sh set
# What the benches of the agent share: tscd and the stock snmpd side by side, each loaded in turn. Source it after
# ../integration/lib.sh.

community=public # as the bundled config has it
outstanding=32

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

# start_ours MODBUS: the controller itself, timing its junction meanwhile, with its cabinet there.
start_ours() {
    mkdir -p "$work/state"
    # shellcheck disable=SC2086
    start ours $on_server "$BIN/tscd" -c "$ROOT/configs/chengdong-s234.json" -s "$work/state" \
        --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 --modbus "$1"
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
    [ -x /usr/sbin/snmpd ] || return 1
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

# load PORT SECONDS OID...
load() {
    # shellcheck disable=SC2086
    $on_load "$BIN/bench_snmp_load" 127.0.0.1 "$1" "$community" "$outstanding" "${@:2}"
}

# walk PORT SECONDS: of everything, 100 repetitions, which is as many as snmpd grants.
walk() {
    # shellcheck disable=SC2086
    $on_load "$BIN/bench_snmp_walk" 127.0.0.1 "$1" "$community" 100 "$2" 1.3.6.1
}

# figure NAME: the number behind NAME= in the line of results read.
figure() {
    sed -n "s/.*\<$1=\([0-9]*\).*/\1/p"
}

# Of the ratios of the turns the middle one: both sides of a turn saw the same machine. middle_ratio OURS STOCK:
# files with a rate a line.
middle_ratio() {
    paste "$1" "$2" | awk '{ print $1 / $2 }' | sort -n |
        awk '{ r[NR] = $1 } END { printf "%.2f\n", (r[int((NR + 1) / 2)] + r[int(NR / 2) + 1]) / 2 }'
}

# at_least CASE WANTED CAME: numbers with a point.
at_least() {
    check "$1 (at least $2)" 1 "$(awk -v wanted="$2" -v came="$3" 'BEGIN { print (came >= wanted) ? 1 : came }')"
}

# at_most CASE WANTED CAME
at_most() {
    check "$1 (at most $2)" 1 "$(awk -v wanted="$2" -v came="$3" 'BEGIN { print (came <= wanted) ? 1 : came }')"
}
