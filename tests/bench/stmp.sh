#!/bin/bash
# What a dynamic object saves: the state of a junction polled over STMP, by one SNMP GET, and by a GET for each name,
# all in one run and taking turns. Prints polls a second, octets and ratios; judges only that every answer was right.
#
#   tests/bench/stmp.sh [SECONDS of one turn] [TURNS] [OUTSTANDING]
. "$(dirname "$0")/../integration/lib.sh"
. "$(dirname "$0")/snmp_common.sh"

seconds=${1:-1}
turns=${2:-5}
outstanding=${3:-8}
nema=1.3.6.1.4.1.1206.4

# What a monitor of phases asks four times a second (see docs/stmp.md): phases and overlaps in groups of eight, detector
# groups, alarms, the pattern.
oids=()
for group in 1 2; do
    for column in 2 3 4 5 6 7 8 9 10 11; do
        oids+=("$nema.2.1.1.4.1.$column.$group")
    done
    for column in 2 3 4; do
        oids+=("$nema.2.1.9.4.1.$column.$group")
    done
done
for group in 1 2 3 4 5 6 7 8; do
    oids+=("$nema.2.1.2.4.1.2.$group")
done
oids+=("$nema.2.1.3.5.0" "$nema.2.1.3.7.0" "$nema.2.1.3.8.0" "$nema.2.1.3.9.0" "$nema.2.1.4.10.0" "$nema.2.1.4.12.0")

sed 's|^  "feed": {|  "stmp": {"listen": ["udp:127.0.0.1:0"], "from": ["127.0.0.0/8"]},\n  "feed": {|' \
    "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
# shellcheck disable=SC2086,SC2154
start tscd $on_server "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 \
    --feed tcp:127.0.0.1:0 --modbus tcp:127.0.0.1:9
ready tscd || finish
snmp=$(address tscd snmp udp)
stmp=$(address tscd stmp udp)

define=("$nema.1.3.3.1.2.13" i 2)
for ix in "${!oids[@]}"; do
    define+=("$nema.1.3.1.1.3.13.$((ix + 1))" o "${oids[ix]}")
done
snmpset -v2c -c "$community" -t5 "$snmp" "${define[@]}" "$nema.1.3.3.1.1.13" s bench >/dev/null &&
    snmpset -v2c -c "$community" -t5 "$snmp" "$nema.1.3.3.1.2.13" i 1 >/dev/null
check "the dynamic object is defined" 0 $?
echo "${#oids[@]} objects, $outstanding requests on their way, $turns turns of $seconds s"
# shellcheck disable=SC2086
$on_load "$BIN/bench_stmp" "${snmp##*:}" "${stmp##*:}" 13 "$community" "$outstanding" "$seconds" "$turns" "${oids[@]}"
check "every answer was right" 0 $?
stop tscd
finish
