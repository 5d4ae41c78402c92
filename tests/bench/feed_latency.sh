#!/bin/bash
# From the switching of a lamp at the simulated cabinet to the decision of a camera on this machine, with 64
# subscribers, every message signed, and SNMP under load; beside a bare send to 64 sockets in the same run.
#
#   tests/bench/feed_latency.sh [SECONDS]
. "$(dirname "$0")/../integration/lib.sh"
. "$(dirname "$0")/snmp_common.sh"

seconds=${1:-120}
middle_us=5000
longest_us=20000 # at the 99.9th percentile
quiet_us=5000    # in which a bare send arrives where that can be judged

rings=8 # of two phases each, all independent of each other: some change nearly always comes

# rows TEXT COUNT: the text for each number from 1, with commas between. In it NO is the number, RING its ring, OTHERS
# all numbers of other rings, GREEN a green that differs from its neighbours', ODD and EVEN what ring NO has.
rows() {
    local no ring other others row
    for ((no = 1; no <= $2; no++)); do
        ring=$(((no + 1) / 2)) others=
        for ((other = 1; other <= 2 * rings; other++)); do
            [ $(((other + 1) / 2)) -eq $ring ] || others+="${others:+, }$other"
        done
        row=${1//NO/$no}
        row=${row//RING/$ring}
        row=${row//OTHERS/$others}
        row=${row//GREEN/$((3 + 7 * no % 5))}
        row=${row//ODD/$((2 * no - 1))}
        printf '%s%s' "${separator:-}" "${row//EVEN/$((2 * no))}"
        separator=', '
    done
    separator=
}

pairs() {
    local a b
    for ((a = 1; a <= 2 * rings; a++)); do
        for ((b = a + 1; b <= 2 * rings; b++)); do
            [ $(((a + 1) / 2)) -ne $(((b + 1) / 2)) ] || continue
            printf '%s[%d, %d]' "${separator:-}" "$a" "$b"
            separator=', '
        done
    done
    separator=
}

config=$work/config.json
cat >"$config" <<END
{"site": {"id": "bench-01", "name": "bench"},
 "approaches": [{"id": "N", "name": "north", "bearing_deg": 0, "speed_limit_kmh": 40, "share": 1,
   "turns": {"left": 0, "through": 1, "right": 0},
   "lanes": [{"no": 1, "movements": ["through"], "groups": {"through": 1}, "length_m": 100}]}],
 "cabinet": {"modbus": "tcp:127.0.0.1:1",
   "map": {"channels": 16, "vehicles": 16, "pedestrians": 8, "heartbeat": 0, "control": 1, "red": 8, "yellow": 16,
     "green": 24, "status": 100, "inputs": 101, "heartbeat_echo": 102, "lit_red": 108, "lit_yellow": 116,
     "lit_green": 124, "vehicle": 132, "pedestrian": 144},
   "groups": [$(rows '{"no": NO, "name": "lane NO", "kind": "round", "phase": NO, "approach": "N", "movements": ["through"],
     "flash": "yellow"}' $((2 * rings)))],
   "card": {"permissive": [$(pairs)],
     "floors": [{"channels": [$(rows NO $((2 * rings)))], "yellow_ms": 2700, "red_clear_ms": 500}]}},
 "snmp": {"listen": ["udp:127.0.0.1:0"],
   "v2c": [{"community": "public", "from": "127.0.0.0/8", "role": "engineer", "v1": true}]},
 "feed": {"listen": ["tcp:127.0.0.1:0"], "clock": "any",
   "keys": [{"id": "bench", "secret": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}]},
 "asc": {"unitStartUpFlash": 1, "unitStartUpAllRed": 1,
   "phaseTable": [$(rows '{"phaseNumber": NO, "phaseRing": RING, "phaseConcurrency": [OTHERS], "phaseOptions": 65,
     "phaseStartup": 2, "phaseMinimumGreen": GREEN, "phaseMaximum1": 20, "phaseYellowChange": 30,
     "phaseRedClear": 10}' $((2 * rings)))],
   "sequenceTable": [$(rows '{"sequenceNumber": 1, "sequenceRingNumber": NO, "sequenceData": [ODD, EVEN]}' $rings)],
   "channelTable": [$(rows '{"channelNumber": NO, "channelControlSource": NO, "channelControlType": 2,
     "channelFlash": 2}' $((2 * rings)))]}}
END

mkfifo "$work/to-bench"
start bench "$BIN/bench_feed" "$config" "$seconds" "$work/to-bench"
ready bench || finish
start tscd "$BIN/tscd" -c "$config" -s "$work/state" --modbus "$(address bench modbus)"
ready tscd || finish
our_port=$(address tscd snmp udp)
our_port=${our_port##*:}
address tscd feed >"$work/to-bench"
while ! gone bench; do # in pieces, as the load keeps every answer's time
    load "$our_port" 5 "${oids[@]}" >"$work/load" || check "SNMP answers under load" 0 $?
done
stop bench
check "the bench ends well" 0 "$status"
stop tscd
check "tscd ends well" 0 "$status"

grep : "$work/bench.out"
echo "SNMP meanwhile, the last seconds: $(cat "$work/load")"
feed=$(grep '^lamp to decision' "$work/bench.out")
bare=$(grep '^bare send' "$work/bench.out" | figure p999_us)
if [ "${bare:-999999}" -gt $quiet_us ]; then
    skip "lamp to decision" "this machine lets a bare send wait $bare microseconds at the 99.9th percentile"
else
    at_most "lamp to decision, the middle, in microseconds" $middle_us "$(figure p50_us <<<"$feed")"
    at_most "lamp to decision, at the 99.9th percentile" $longest_us "$(figure p999_us <<<"$feed")"
fi
finish
