#!/bin/bash
# How tscd starts and ends: ready line, options, occupied ports, a config with faults, exit statuses.
. "$(dirname "$0")/lib.sh"

tscd=$BIN/tscd
config=$ROOT/configs/chengdong-s234.json
anywhere="--snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 --modbus tcp:127.0.0.1:9"

# ends CASE EXPECTED ARGUMENT...: runs tscd to its end; its output stays in $output.
ends() {
    local name=$1 expected=$2 came
    shift 2
    output=$(timeout 20 "$tscd" "$@" 2>&1 </dev/null)
    came=$?
    check "$name" "$expected" "$came"
}

# shellcheck disable=SC2086
start tscd "$tscd" -c "$config" -s "$work/state" $anywhere
ready tscd || finish
check_match "the ready line names every address in use" \
    "tscd ready snmp=udp:127.0.0.1:* feed=tcp:127.0.0.1:* http=none modbus=tcp:127.0.0.1:9" "$(cat "$work/tscd.out")"
cabinet_is_lost() { grep -q "alarm cabinet: lost" "$work/tscd.err"; }
check "an unreachable cabinet is told" 0 "$(wait_for 10 cabinet_is_lost; echo $?)"
check "and does not end the controller" 0 "$(running tscd; echo $?)"
check_match "SNMP is answered meanwhile" "*STRING*quwo-01*" \
    "$(snmpget -v2c -c public -r1 -t2 "$(address tscd snmp)" 1.3.6.1.2.1.1.5.0)"

# A second controller on the same ports, or the same state.
snmp=$(address tscd snmp)
feed=$(address tscd feed)
ends "an occupied SNMP port is 3" 3 -c "$config" -s "$work/state2" --snmp "$snmp" --feed tcp:127.0.0.1:0
check_match "and says which" "*${snmp}*" "$output"
ends "an occupied feed port is 3" 3 -c "$config" -s "$work/state2" --snmp udp:127.0.0.1:0 --feed "$feed"
check_match "and says which" "*${feed}*" "$output"
check "and never said it was ready" 0 "$(grep -c "^tscd ready" <<<"$output")"
# shellcheck disable=SC2086
ends "a state directory in use is 3" 3 -c "$config" -s "$work/state" $anywhere
check_match "and says so" "*another controller uses this directory*" "$output"
# shellcheck disable=SC2086
ends "a state directory that cannot be is 3" 3 -c "$config" -s /proc/nowhere/state $anywhere

stop tscd
check "SIGTERM ends it well" 0 "$status"
# shellcheck disable=SC2086
start tscd "$tscd" -c "$config" -s "$work/state" $anywhere --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0
ready tscd || finish
check_match "options may be repeated" "tscd ready snmp=udp:*,udp:* feed=tcp:*,tcp:* http=none *" "$(cat "$work/tscd.out")"
stop tscd INT
check "SIGINT ends it well" 0 "$status"

ends "--help is 0" 0 --help
check_match "and tells the options" "usage: tscd*--modbus ADDR*" "$output"
ends "--version is 0" 0 --version
check_match "and tells it" "tscd [0-9]*" "$output"
ends "no config is 2" 2
ends "an unknown option is 2" 2 -c "$config" --colour
ends "a stray word is 2" 2 -c "$config" now
ends "an address that is none is 2" 2 -c "$config" -s "$work/state" --snmp here
ends "a feed over UDP is 2" 2 -c "$config" -s "$work/state" --feed udp:127.0.0.1:0
ends "a config that is not there is 2" 2 -c "$work/none.json"
check_match "and is named" "*none.json*" "$output"
ends "--check of a sound config is 0" 0 --check -c "$config"
ends "so with the four-leg crossing" 0 --check -c "$ROOT/configs/four-leg.json"

ends "--mib writes" 0 --mib "$work/mib"
check_match "modules" "*DEFINITIONS ::= BEGIN*" "$(cat "$work"/mib/* 2>/dev/null)"
ends "--mib where nothing can be written is 3" 3 --mib /proc/nowhere

# Ten slips: ten lines with line, key and reason, and nothing begins.
sed -e 's/"id": "quwo-01"/"id": ""/' \
    -e '0,/"bearing_deg": 180/s//"bearing_deg": 400/' \
    -e '0,/"kind": "advance"/s//"kind": "advanced"/' \
    -e 's/"heartbeat_ms": 1000/"heartbeat_ms": 10/' \
    -e 's/\[4, 6\]/[4, 40]/' \
    -e 's/"priv": "AES-128"/"priv": "DES"/' \
    -e 's/tcp:127.0.0.1:7070/tcp:127.0.0.1/' \
    -e 's/"unitRedRevert": 20/"unitRedRevert": 2.5/' \
    -e 's/"phaseMaximum1": 30/"phaseMaximum1": -1/' \
    -e 's/"vehicleDetectorDelay"/"vehicleDetectorDelya"/' "$config" >"$work/faults.json"
for mode in --check ""; do
    # shellcheck disable=SC2086
    ends "ten slips are 1 ${mode:-at a start}" 1 $mode -c "$work/faults.json" -s "$work/state3"
    check "ten lines" 10 "$(wc -l <<<"$output")"
    check "each with file, line, key and reason" 10 \
        "$(grep -cE "^$work/faults.json:[0-9]+: [^ ]+: ." <<<"$output")"
done
check "nothing was begun" 1 "$(test -e "$work/state3"; echo $?)"
echo '{"site": ' >"$work/faults.json"
ends "half a config is 1" 1 --check -c "$work/faults.json"
finish
