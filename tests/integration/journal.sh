#!/bin/bash
# The journal outlives what happens to it: kill -9 while it is written, a disk that is full, a damaged file.
. "$(dirname "$0")/lib.sh"

state=$work/state
sed -e 's/"unitStartUpFlash": 10/"unitStartUpFlash": 1/' -e 's/"unitStartUpAllRed": 5/"unitStartUpAllRed": 1/' \
    -e 's/"phaseOptions": 33/"phaseOptions": 97/' -e 's/"phaseMinimumGreen": [0-9]*/"phaseMinimumGreen": 3/' \
    "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
start sim "$BIN/tscsim" live -c "$work/config.json" --modbus tcp:127.0.0.1:0 --feed tcp:127.0.0.1:9
ready sim || finish
modbus=$(address sim modbus)

begin() {
    start tscd "$@" "$BIN/tscd" -c "$work/config.json" -s "$state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
        --modbus "$modbus"
    ready tscd || finish
}
told() { grep -q "$1" "$work/tscd.err"; }
# sql STATEMENT: what the journal holds, read beside whoever writes it.
sql() { sqlite3 -readonly "$state/journal.db" "$1" 2>&1; }
holds() { [ "$(sql "$1")" -ge "$2" ] 2>/dev/null; }

# A cut at any moment: here the moment is drawn, for it must be none in particular.
for round in 1 2 3 4 5 6; do
    begin
    wait_for 10 holds "SELECT count(*) FROM report WHERE kind = 1" $round
    sleep "$((RANDOM % 2)).$((RANDOM % 1000))"
    stop tscd KILL
    check_match "cut $round: every seal holds" "*every seal holds" "$("$BIN/tscctl" journal check "$state" 2>&1)"
done
check "the file is whole" ok "$(sql "PRAGMA integrity_check")"
check "no report is missing" 0 "$(sql "SELECT max(id) - min(id) + 1 - count(*) FROM report")"
check "they are in order" 0 "$(sql "SELECT count(*) FROM report AS a JOIN report AS b ON b.id = a.id + 1
    WHERE b.utc_us < a.utc_us OR (b.kind <> 1 AND (b.seq <= a.seq OR b.mono_us < a.mono_us))")"
check "no state is without its report" 0 "$(sql "SELECT count(*) FROM state WHERE report NOT IN (SELECT id FROM report)")"
check "every start is a stretch of its own" 6 "$(sql "SELECT count(DISTINCT boot) FROM report WHERE kind = 1")"
check "and none ended in good order" 0 "$(sql "SELECT count(*) FROM report WHERE kind = 8")"

# A seal, worked out by the tools that anybody has.
last=$(sql "SELECT max(report) FROM seal")
before=$(sql "SELECT max(report) FROM seal WHERE report < $last")
by_hand() {
    sql "SELECT lower(hex(digest)) FROM seal WHERE report = $before"
    sql "SELECT * FROM report WHERE id > $before AND id <= $last ORDER BY id"
    sql "SELECT * FROM lamp_group WHERE report > $before AND report <= $last ORDER BY 1, 2"
    sql "SELECT * FROM state WHERE report > $before AND report <= $last ORDER BY 1, 2"
}
check "the newest seal by sqlite3 and sha256sum" "$(sql "SELECT lower(hex(digest)) FROM seal WHERE report = $last")" \
    "$(by_hand | sha256sum | cut -d' ' -f1)"

# The disk is full: no file can grow beyond what the journal has by now. Then there is room again.
begin bash -c 'ulimit -S -f 32; trap "" XFSZ; exec "$@"' limited
check "a full disk is an alarm" 0 "$(wait_for 30 told "alarm journal: .*: what happens now is not kept"; echo $?)"
check "the controller goes on" 0 "$(running tscd; echo $?)"
prlimit --pid "${pid[tscd]}" --fsize=unlimited
check "and the journal when there is room" 0 "$(wait_for 30 told "notice journal: written again, with a gap"; echo $?)"
stop tscd
check "the controller ends well" 0 $status
check "the gap is in the journal" 1 "$(sql "SELECT count(*) >= 1 FROM report WHERE kind IN (1, 3) AND boot = (SELECT max(boot) FROM report)")"
check "and an end in good order" 8 "$(sql "SELECT kind FROM report ORDER BY id DESC LIMIT 1")"

# A file that is damaged.
printf 'no journal at all' | dd of="$state/journal.db" conv=notrunc status=none
begin
check "a damaged file is an alarm" 0 "$(wait_for 10 told "alarm journal: .* is damaged .*: kept as"; echo $?)"
check "it is kept" 1 "$(find "$state" -name "journal.db.damaged-*[0-9]" | wc -l)"
check "and a new one begun" 0 "$(wait_for 10 holds "SELECT count(*) FROM report WHERE kind = 1" 1; echo $?)"
stop tscd

# A key that is lost is an alarm: the centre has to know the new one.
rm "$state/evidence.key"
begin
check "a lost key is an alarm" 0 "$(told "alarm evidence: a new key was made"; echo $?)"
stop tscd
finish
