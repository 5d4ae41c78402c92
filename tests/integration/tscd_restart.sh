#!/bin/bash
# What a SET has changed survives a restart, also a kill -9; a changed config file wins; a damaged store
# gives way to the one before; a full disk refuses the SET.
. "$(dirname "$0")/lib.sh"

green=1.3.6.1.4.1.1206.4.2.1.1.2.1.4.2 # phaseMinimumGreen.2
cp "$ROOT/configs/chengdong-s234.json" "$work/config.json"
state=$work/state

begin() {
    start tscd "$@" "$BIN/tscd" -c "$work/config.json" -s "$state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
        --modbus tcp:127.0.0.1:9
    ready tscd || finish
    snmp=$(address tscd snmp)
}
get() { snmpget -v2c -c public -r1 -t2 -Oqv "$snmp" "$1" 2>&1; }
set_green() { snmpset -v2c -c public -r0 -t5 -Oqv "$snmp" $green i "$1" 2>&1; }
told() { grep -q "$1" "$work/tscd.err"; }
started() { sed -n 's/.*"boots": \([0-9]*\).*/\1/p' "$state/identity"; }
# The boot in the first message that the feed sends.
boot() {
    local line at
    at=$(address tscd feed)
    read -r -t5 line <"/dev/tcp/127.0.0.1/${at##*:}"
    sed -n 's/.*"boot":\([0-9]*\).*/\1/p' <<<"$line"
}

begin
check "the config's value at first" 15 "$(get $green)"
check "a SET reads back" 22 "$(set_green 22)"
check "and is in the audit" 0 "$(told "phaseMinimumGreen.2 15 -> 22: taken"; echo $?)"
stop tscd KILL
begin
check "it survives kill -9" 22 "$(get $green)"
check "the second start is counted" 2 "$(started)"
check "a second SET" 23 "$(set_green 23)"
stop tscd

# A bit flips on the disk.
printf 'x' | dd of="$state/database" bs=1 seek=200 conv=notrunc status=none
begin
check "a damaged store gives way to the one before" 22 "$(get $green)"
check "and an alarm says so" 0 "$(told "alarm store: the stored database was damaged"; echo $?)"
stop tscd

# The disk is full: no file can grow.
begin bash -c 'ulimit -f 1; trap "" XFSZ; exec "$@"' limited
came=$(set_green 30)
check "a SET that cannot be stored is refused" 0 "$(grep -cx 30 <<<"$came")"
check "and not applied" 22 "$(get $green)"
check "and an alarm says so" 0 "$(told "alarm store: the database cannot be stored"; echo $?)"
stop tscd
check "the controller has gone on" 0 "$status"
begin
check "what was stored before is still there" 22 "$(get $green)"
stop tscd

# A start that cannot be counted: the boot of the feed grows all the same, through the next counted one too.
begin
counted=$(boot)
stop tscd
mkdir "$state/identity.new"
begin
check "an alarm says that a start cannot be counted" 0 "$(told "alarm store: the count of starts cannot be stored"; echo $?)"
uncounted=$(boot)
check "the feed's boot has grown" 1 $((uncounted > counted))
stop tscd
rmdir "$state/identity.new"
begin
check "and grows at the next start that is counted" 1 $(($(boot) > uncounted))
stop tscd

# White space is no change, a value is.
sed -i 's/"unitRedRevert": 20,/"unitRedRevert":    20,/' "$work/config.json"
begin
check "laying the file out anew changes nothing" 22 "$(get $green)"
stop tscd
sed -i 's/"unitRedRevert": *20,/"unitRedRevert": 21,/' "$work/config.json"
begin
check "a changed asc section wins" 15 "$(get $green)"
check "what was stored is kept" 0 "$(grep -q '"phaseMinimumGreen": 22' "$state/database.previous"; echo $?)"
check "and an alarm says so" 0 "$(told "alarm store: the asc section of the config file has changed"; echo $?)"
stop tscd

# A start that fails leaves the directory as it was.
begin
check "a SET after the change" 24 "$(set_green 24)"
stop tscd
rm "$state/database.previous"
sed -i 's/"unitRedRevert": 21,/"unitRedRevert": 22,/' "$work/config.json"
start other "$BIN/tscd" -c "$work/config.json" -s "$work/other" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
    --modbus tcp:127.0.0.1:9
ready other || finish
start tscd "$BIN/tscd" -c "$work/config.json" -s "$state" --snmp "$(address other snmp)" --feed tcp:127.0.0.1:0
wait_for 10 gone tscd
stop tscd
check "a start that fails is 3" 3 "$status"
check "and has put nothing aside" 1 "$(test -e "$state/database.previous"; echo $?)"
check "what was stored is still there" 0 "$(grep -q '"phaseMinimumGreen": 24' "$state/database"; echo $?)"
stop other
finish
