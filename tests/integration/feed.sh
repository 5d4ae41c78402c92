#!/bin/bash
# The feed of a running controller as others meet it: 64 subscribers and one more, a destination the system does not
# allow, keys that are changed by SIGHUP; and what the centre is told of all that.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/junction.sh"

old=00112233445566778899aabbccddeeff
new=ffeeddccbbaa99887766554433221100

# configure KEYS: the bundled junction, its feed signed with these. To all of this machine is more than a program may
# send to unless it asks for it, which the feed does not.
configure() {
    sed -e 's|"feed": *{|&"keys": ['"$1"'], "destinations": ["udp:127.255.255.255:9", "udp:127.0.0.1:9"], |' \
        "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
}

configure "{\"id\": \"old\", \"secret\": \"$old\"}"
start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
    --modbus tcp:127.0.0.1:9 --status "$work/status"
ready tscd || finish
snmp=$(address tscd snmp)
port=$(address tscd feed)
port=${port##*:}

# ---- subscribers ----
# None of these reads more than its first line.
subscribers=()
for _ in {1..64}; do
    exec {fd}<>"/dev/tcp/127.0.0.1/$port" && subscribers+=("$fd")
    IFS= read -r -t 10 line <&"$fd"
done
check_match "the 64th is told all at once" '{"feed":1,*"kind":"full",*' "$line"
comes "64 subscribe" 5 reads 64 feedSubscribers.0
exec {fd}<>"/dev/tcp/127.0.0.1/$port"
check "one more is turned away" 0 "$(timeout 10 cat <&"$fd" | wc -c)"
comes "which the centre sees" 5 reads 1 feedRefused.0
check "and nothing else" "64 64 0 0" "$(get feedSubscribers.0 feedJoined.0 feedDropped.0 feedLost.0)"
check_match "and why" '"feed subscriber tcp:127.0.0.1:* refused: there are too many already"' "$(get feedTrouble.0)"
check "as the log does" 1 "$(grep -c 'refused: there are too many already' "$work/tscd.err")"

comes "the line of status says so too" 5 grep -qs '^feed: 64 subscribers; 1 refused, 0 too slow, .* refused: there are too many already$' "$work/status"

# ---- destinations ----
check "both destinations are told" '"udp:127.255.255.255:9" "udp:127.0.0.1:9"' \
    "$(get feedDestinationAddress.1 feedDestinationAddress.2)"
check "nothing leaves for the one that is not allowed" '0 "Permission denied"' \
    "$(get feedDestinationSent.1 feedDestinationError.1)"
check "which is logged once" 1 "$(grep -c 'datagrams to udp:127.255.255.255:9 do not leave: Permission denied' "$work/tscd.err")"
check_match "and counted" '[1-9]* [1-9]*' "$(get feedDestinationFailed.1 feedDatagramsFailed.0)"
check_match "to the other datagrams do leave" '[1-9]* ""' "$(get feedDestinationSent.2 feedDestinationError.2)"

# ---- keys ----
for fd in "${subscribers[@]}"; do exec {fd}>&-; done
comes "all are gone" 15 reads 0 feedSubscribers.0

# signers: the ids that signed the next line.
signers() {
    timeout 10 head -n 1 <"/dev/tcp/127.0.0.1/$port" | tr '\t' '\n' | sed -n 's/^\([a-z]*\):.*/\1/p' | paste -sd ' '
}
signs_with() { [ "$(signers)" = "$1" ]; }
check "the feed signs with its key" old "$(signers)"
configure "{\"id\": \"old\", \"secret\": \"$old\"}, {\"id\": \"new\", \"secret\": \"$new\"}"
kill -HUP "${pid[tscd]}"
comes "then with both" 5 signs_with "old new"
configure "{\"id\": \"new\", \"secret\": \"$new\"}"
kill -HUP "${pid[tscd]}"
comes "then with the new one alone" 5 signs_with new
configure "{\"id\": \"new\", \"secret\": \"12\"}"
kill -HUP "${pid[tscd]}"
comes "a file with a fault changes nothing" 5 grep -q 'its keys stay as they are' "$work/tscd.err"
check "and is told" 1 "$(grep -c 'feed.keys\[0\].secret: 16 to 64 octets in hex are needed' "$work/tscd.err")"
check "the feed signs as before" new "$(signers)"
check "no secret is ever logged" "" "$(grep -il -e "$old" -e "$new" "$work/tscd.err" "$work/tscd.out")"

stop tscd
check "tscd ends well" 0 "$status"
finish
