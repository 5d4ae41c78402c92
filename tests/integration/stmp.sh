#!/bin/bash
# Dynamic objects, defined over SNMP and carried by STMP: over UDP and TCP, every error, who may, transactions,
# counting, and what survives a restart.
. "$(dirname "$0")/lib.sh"

nema=1.3.6.1.4.1.1206.4
definition=$nema.1.3.1.1.3 # dynObjVariable
owner=$nema.1.3.3.1.1
state=$nema.1.3.3.1.2
persistence=$nema.1.2.2.1.0
config_id=$nema.1.2.2.2.0
statistics=$nema.1.1.7.3.1
phase=$nema.2.1.1.2.1
transaction=$nema.2.6.2.1.0

# with_stmp STMP_SECTION: a config with it.
with_stmp() {
    sed "s|^  \"feed\": {|  \"stmp\": $1,\n  \"feed\": {|" "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
}

# run_tscd: starts it with ports of its own.
run_tscd() {
    start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 \
        --stmp udp:127.0.0.1:0 --stmp tcp:127.0.0.1:0 --feed tcp:127.0.0.1:0 --modbus tcp:127.0.0.1:9
    ready tscd || finish
    snmp=$(address tscd snmp)
    udp=$(address tscd stmp udp)
    tcp=$(address tscd stmp tcp)
}

get() {
    snmpget -v1 -c public -Oqv -r1 -t2 "$snmp" "$@" 2>&1
}

set_v1() {
    snmpset -v1 -c public -Oqv -r1 -t2 "$snmp" "$@" 2>&1 | grep -v '^$'
}

# stmp ADDRESS STEP...: what came, all in one line.
stmp() {
    "$BIN/stmp_client" "$@" | tr '\n' ' ' | sed 's/ $//'
}

with_stmp '{"listen": ["udp:127.0.0.1:0"], "from": ["127.0.0.0/8"], "role": "engineer"}'
run_tscd

# Define: timing of phase 2, and one object with little room.
check "a definition is opened" 2 "$(set_v1 $state.1 i 2)"
check "named and filled in one message" '"center"' \
    "$(set_v1 $owner.1 s center $definition.1.1 o $phase.2.2 $definition.1.2 o $phase.4.2 \
        $definition.1.9 o $phase.21.2 | head -n 1)"
check "not served before it is valid" "e10200" "$(stmp "$udp" +81 -)"
check "and made valid" 1 "$(set_v1 $state.1 i 1)"
check_match "then nothing of it can be changed" "*badValue*" "$(set_v1 $definition.1.1 o $phase.4.2)"
set_v1 $state.7 i 2 >"$work/out"
set_v1 $definition.7.1 o $phase.32.2 >"$work/out"
set_v1 $state.7 i 1 >"$work/out"
check_match "the table of definitions has a fingerprint" "[1-9]*" "$(get $config_id)"

# Get.
expected=$(printf 'c1%02x%02x%04x' "$(get $phase.2.2)" "$(get $phase.4.2)" "$(get $phase.21.2)")
check "a get is answered by the bare values" "$expected" "$(stmp "$udp" +81 -)"
check "get-next finds the first" "$expected" "$(stmp "$udp" +b0 -)"
check "and the next" "c7" "$(stmp "$udp" +b1 - | cut -c 1-2)"
check "and no other" "e70200" "$(stmp "$udp" +b7 -)"
check "an undefined object is noSuchName" "e20200" "$(stmp "$udp" +82 -)"
check "rubbish has no answer" "nothing" "$(stmp "$udp" +302902 +ff +81ff +c1 .)"

# Set.
check "a set is taken" "d7" "$(stmp "$udp" +9711 -)"
check "and read over SNMP" 17 "$(get $phase.32.2)"
check "a set without reply as well" "nothing" "$(stmp "$udp" +a712 .)"
check "is taken" 18 "$(get $phase.32.2)"
check "a value out of range is badValue, and names the member" "e70301" "$(stmp "$udp" +97c8 -)"
check "a value too short is badValue" "e10301" "$(stmp "$udp" +91 -)"
check "values too many are badValue" "e70300" "$(stmp "$udp" +971112 -)"
check "structure outside of a transaction is genErr" "e10500" "$(stmp "$udp" +9107081234 -)"
check "and nothing of all this was done" "18" "$(get $phase.32.2)"

check "every SET that could be read is in the audit" 4 "$(grep -c ' set: stmp, udp:127.0.0.1:[0-9]*, stmp: ' "$work/tscd.err")"

# Transactions: STMP writes into the open one.
check "a transaction is opened" 2 "$(set_v1 $transaction i 2)"
check "a set is gathered" "d7" "$(stmp "$udp" +9713 -)"
check "not yet done" 18 "$(get $phase.32.2)"
set_v1 $transaction i 3 >"$work/out"
check "a verified transaction takes no more" "e70500" "$(stmp "$udp" +9714 -)"
check "and is committed" 1 "$(set_v1 $transaction i 1)"
check "with what STMP has set" 19 "$(get $phase.32.2)"

# A stream has no borders: the definition tells where a message ends.
check "messages of a stream are answered one by one" "$expected d7 $expected" "$(stmp "$tcp" +81 -5 +97 . +14 -1 +81 -5 |
    sed 's/ nothing//')"
check "also if they come at once" "d7${expected}e20200" "$(stmp "$tcp" +97158182 -9)"
check "and are done" 21 "$(get $phase.32.2)"
check "where the end of a message cannot be told the connection ends" "e20200 closed" "$(stmp "$tcp" +9205 -3 x)"
check "so it does after rubbish" "closed" "$(stmp "$tcp" +30 x)"
stmp "$tcp" +9716 >"$work/out"
done_without_us() { [ "$(get "$phase.32.2")" = 22 ]; }
check "a set is done whether its answer is waited for or not" 0 "$(wait_for 5 done_without_us; echo $?)"
check "a burst of sets is answered to the last, though not all of it is taken" 0 \
    "$(stmp "$udp" +9701 +9702 +9703 +9704 +9705 +9706 +9707 +9708 - - - - - - - - | grep -c late)"
for client in $(seq 16); do
    start "client$client" "$BIN/stmp_client" "$tcp" +81 -5 w
done
all_served() { [ "$(cat "$work"/client*.out | grep -c "$expected")" = 16 ]; }
check "many are served at a time" 0 "$(wait_for 10 all_served; echo $?)"
check "but not more than there is room for" "closed" "$(stmp "$tcp" +81 -5)"
check "and they do not hold up datagrams" "$expected" "$(stmp "$udp" +81 -)"
for client in $(seq 16); do
    stop "client$client"
done
has_room() { [ "$(stmp "$tcp" +81 -5)" = "$expected" ]; }
check "those that leave make room" 0 "$(wait_for 5 has_room; echo $?)"

# What was counted: a get, an error and what comes of them.
read -r in_before gets_before names_before < <(get $statistics.1.0 $statistics.15.0 $statistics.21.0 | tr '\n' ' ')
stmp "$udp" +81 - +82 - +ff +97c8 - >"$work/out"
read -r in_after gets_after names_after < <(get $statistics.1.0 $statistics.15.0 $statistics.21.0 | tr '\n' ' ')
check "messages are counted" "4 2 1" \
    "$((in_after - in_before)) $((gets_after - gets_before)) $((names_after - names_before))"
check "each in its place" "0 0" "$(get $statistics.25.0 $nema.1.1.7.2.1.1.0 | tr '\n' ' ' | sed 's/ $//')"

# Restarts.
fingerprint=$(get $config_id)
stop tscd
run_tscd
check "definitions survive a restart" "$expected" "$(stmp "$udp" +81 -)"
check "their fingerprint too" "$fingerprint" "$(get $config_id)"
check "persistence is set" 1 "$(set_v1 $persistence i 1)"
stop tscd
touch -d '2 minutes ago' "$work/state/lock"
run_tscd
check "an outage longer than the persistence ends them" "e10200" "$(stmp "$udp" +81 -)"
check "and is told" 1 "$(grep -c 'dynamic objects have not outlived' "$work/tscd.err")"
check "the persistence itself stays" 1 "$(get $persistence)"
check "and so does the fingerprint of nothing" 0 "$(get $config_id)"
stop tscd
check "tscd ends well" 0 "$status"

# Who may: a monitor gets and sets nothing; who comes from elsewhere has no answer.
with_stmp '{"listen": ["udp:127.0.0.1:0"], "from": ["127.0.0.0/8"]}'
run_tscd
set_v1 $state.1 i 2 >"$work/out"
set_v1 $definition.1.1 o $phase.32.2 >"$work/out"
set_v1 $state.1 i 1 >"$work/out"
before=$(get $phase.32.2)
check "a monitor may get" "$(printf 'c1%02x' "$before")" "$(stmp "$udp" +81 -)"
check "but a set is readOnly" "e10401" "$(stmp "$udp" +9101 -)"
check "and not done" "$before" "$(get $phase.32.2)"
stop tscd
with_stmp '{"listen": ["udp:127.0.0.1:0"], "from": ["192.0.2.0/24"]}'
run_tscd
check "who comes from elsewhere has no answer" "nothing" "$(stmp "$udp" +81 .)"
check "nor a connection" "closed" "$(stmp "$tcp" x)"
stop tscd

# Not there unless the config says so.
"$BIN/tscd" -c "$ROOT/configs/chengdong-s234.json" -s "$work/state" --stmp udp:127.0.0.1:0 >"$work/out" 2>&1
check "without its section STMP cannot be opened" 2 $?
with_stmp '{"listen": ["udp:127.0.0.1"], "from": ["10.0.0.1/8"], "role": "admin"}'
"$BIN/tscd" --check -c "$work/config.json" >"$work/out" 2>&1
check "faults of the section are told" "1 3" "$? $(grep -c 'stmp' "$work/out")"
finish
