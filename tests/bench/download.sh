#!/bin/bash
# How long it takes to bring a whole timing into the running controller in one transaction: by blocks, and by
# single SETs. Prints times and ratios, which depend on the machine; judges only that everything was taken.
. "$(dirname "$0")/../integration/lib.sh"

mkdir "$work/state"
start tscd "$BIN/tscd" -c "$ROOT/configs/chengdong-s234.json" -s "$work/state" --snmp udp:127.0.0.1:0 \
    --feed tcp:127.0.0.1:0 --modbus tcp:127.0.0.1:9
ready tscd || finish
port=$(address tscd snmp udp)
"$BIN/bench_snmp_download" "127.0.0.1:${port##*:}" public "$work/state"
check "everything was taken" 0 $?
stop tscd
check "the controller ends well" 0 "$status"
finish
