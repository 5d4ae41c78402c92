#!/bin/bash
# Evidence of a live junction: an edge that a subscriber of the feed saw is found in the journal, over HTTP and in the
# file, and its signature is checked by openssl itself.
. "$(dirname "$0")/lib.sh"

tscctl=$BIN/tscctl
state=$work/state

# Every phase is served in turn, and shortly.
sed -e 's/"unitStartUpFlash": 10/"unitStartUpFlash": 1/' -e 's/"unitStartUpAllRed": 5/"unitStartUpAllRed": 1/' \
    -e 's/"phaseOptions": 33/"phaseOptions": 97/' -e 's/"phaseMinimumGreen": [0-9]*/"phaseMinimumGreen": 3/' \
    -e 's/"phaseMaximum1": [0-9]*/"phaseMaximum1": 4/' "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
start sim "$BIN/tscsim" live -c "$work/config.json" --modbus tcp:127.0.0.1:0 --feed tcp:127.0.0.1:9
ready sim || finish
modbus=$(address sim modbus)
start tscd "$BIN/tscd" -c "$work/config.json" -s "$state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
    --http tcp:127.0.0.1:0 --modbus "$modbus"
ready tscd || finish
http=http://$(address tscd http | cut -d: -f2-)
feed=$(address tscd feed)
# shellcheck disable=SC2016 # the inner bash expands it
start camera bash -c 'exec cat <"/dev/tcp/127.0.0.1/$1"' camera "${feed##*:}"

# The first red that the feed calls enforceable, in the words of the feed.
red() {
    grep -o '{"no":[^{}]*"color":"red"[^{}]*"enforceable":true[^{}]*}' "$work/camera.out" | head -n 1 | grep .
}
check "the feed shows a red that is enforceable" 0 "$(wait_for 60 red >/dev/null; echo $?)"
group=$(red | sed 's/{"no":\([0-9]*\).*/\1/')
since=$(red | sed 's/.*"since":"\([^"]*\)".*/\1/')
error=$(red | sed 's/.*"since_error_ms":\([0-9.]*\).*/\1/')

# from_edge SECONDS: that far from the edge.
from_edge() { date -u -d "$since $1 seconds" +%Y-%m-%dT%H:%M:%S.%6NZ; }
# ask NAME CONTROLLER GROUP UTC: the answer in $work/NAME, what went wrong in $work/NAME.err, the status in $came.
ask() {
    "$tscctl" evidence "${@:2}" >"$work/$1" 2>"$work/$1.err"
    came=$?
}
# says NAME KEY: the value of a fact.
says() { sed -n "s/^$2: //p" "$work/$1"; }
is_settled() { ask settled "$http" "$group" "$(from_edge +1)" && [ "$(says settled enforceable)" = yes ]; }

check "a second after the edge it is enforceable, two seconds later" 0 "$(wait_for 10 is_settled; echo $?)"
ask after "$http" "$group" "$(from_edge +1)"
check "the controller is asked over HTTP" 0 $came
check "the group was red" red "$(says after state)"
check "since the instant that the feed told" "$since" "$(says after since)"
check "as well known as the feed told" "$error" "$(says after since-error-ms)"
check "for a second" 1000.000 "$(says after age-ms)"
check_match "before it was yellow" "* yellow since=*" "$(says after before | tail -n 1)"
check_match "and before that green" "* green*" "$(says after before | tail -n 2 | head -n 1)"
ask before "$http" "$group" "$(from_edge -1)"
check "a second before the edge it was yellow" yellow "$(says before state)"
check "and not to be held against anyone" "no: not-red" "$(says before enforceable): $(says before why-not)"
ask edge "$http" "$group" "$since"
check "on the edge itself it was red" red "$(says edge state)"
check "and that is in doubt" edge "$(says edge why-not)"

# The same from the files, beside the running controller.
ask file "$state" "$group" "$(from_edge +1)"
check "the state directory answers too" 0 $came
# Everything but how far the journal reaches by then.
facts() { grep -v -e '^journal-' -e '^unbroken-to' -e '^after' -e '^signature' "$work/$1"; }
check "with the same facts" "$(facts after)" "$(facts file)"

# The signature, by tscctl and by openssl.
"$tscctl" key show "$state" >"$work/pub.pem"
check_match "the key's id stands in the evidence" "$(says after key)" "$(head -n 1 "$work/pub.pem")"
by_openssl() {
    sed '$d' "$1" >"$work/text"
    sed -n 's/^signature: //p' "$1" | base64 -d >"$work/signature" 2>"$work/base64.err"
    openssl pkeyutl -verify -pubin -inkey "$work/pub.pem" -rawin -in "$work/text" -sigfile "$work/signature" 2>&1
}
check_match "tscctl finds the signature true" "the signature is true*state: red*enforceable: yes*" \
    "$("$tscctl" verify "$work/after" --key "$work/pub.pem")"
check "so does openssl" "Signature Verified Successfully" "$(by_openssl "$work/after")"
sed 's/^state: red/state: rdd/' "$work/after" >"$work/forged"
"$tscctl" verify "$work/forged" --key "$work/pub.pem" 2>"$work/forged.err"
check "two flipped bits are found" 1 $?
check_match "and told" "*the signature is false*" "$(cat "$work/forged.err")"
check_match "by openssl as well" "*Verification Failure*" "$(by_openssl "$work/forged")"
"$tscctl" verify "$work/after" --key "$ROOT/README.md" 2>/dev/null
check "a key that is none is 2" 2 $?
"$tscctl" verify - --key "$work/pub.pem" <"$work/after" >/dev/null
check "standard input will do" 0 $?
mkdir "$work/other"
"$tscctl" key new "$work/other" >"$work/other.pem"
"$tscctl" verify "$work/after" --key "$work/other.pem" 2>"$work/forged.err"
check "another controller's key is 1" 1 $?
"$tscctl" key new "$work/other" 2>/dev/null
check "a key is never overwritten" 2 $?

# refused CASE STATUS PATTERN ARGUMENT...: nothing is printed but the reason.
refused() {
    ask refused "${@:4}"
    check "$1 is $2" "$2" $came
    check_match "and says why" "$3" "$(cat "$work/refused.err")"
    check "and nothing else" "" "$(cat "$work/refused")"
}
refused "an unknown group" 2 "*there was no group 77*" "$http" 77 "$since"
refused "an unknown group, in the file," 2 "*there was no group 77*" "$state" 77 "$since"
refused "a group that is no number" 2 "*not the number of a lamp group*" "$http" two "$since"
refused "an instant before the journal" 1 "*the journal reaches from*" "$http" "$group" 2020-01-01T00:00:00Z
refused "an instant in the future" 1 "*the journal reaches from*" "$state" "$group" 2999-01-01T00:00:00Z
refused "malformed UTC" 2 "*is not UTC such as*" "$http" "$group" "2026-11-22 08:00"
refused "a local time" 2 "*is not UTC such as*" "$http" "$group" 2026-11-22T08:00:00+08:00
refused "a file that is not there" 2 "*No such file or directory*" "$work/nowhere" "$group" "$since"
refused "a file that is no journal" 2 "*not a database*" "$ROOT/README.md" "$group" "$since"
refused "a controller that is not there" 3 "*no connection*" http://127.0.0.1:9 "$group" "$since"
refused "an address that is none" 2 "*not of the form http://HOST:PORT*" http://127.0.0.1:9/page "$group" "$since"
refused "too few words" 2 "*needs CONTROLLER, GROUP and UTC*" "$http" "$group"

# The port itself, as anybody's program may use it.
get() {
    exec 3<>"/dev/tcp/127.0.0.1/${http##*:}"
    printf '%s\r\n' "$@" "Host: x" "" >&3
    cat <&3
    exec 3>&-
}
check_match "any other page is 404" "HTTP/1.? 404 *there is no such page*" "$(get "GET / HTTP/1.1")"
check_match "half a question is 400" "HTTP/1.? 400 *at=UTC is needed*" "$(get "GET /evidence?group=2 HTTP/1.1")"
check_match "no number is 400" "HTTP/1.? 400 *group=NUMBER is needed*" "$(get "GET /evidence?group=-2&at=$since HTTP/1.1")"
check_match "nothing is written there" "HTTP/1.? 501 *" "$(get "DELETE /evidence HTTP/1.1")"
# Fifty who connect and say nothing take a bounded share of the controller's descriptors, and only while they stay.
open_files() { find "/proc/${pid[tscd]}/fd" -type l 2>/dev/null | wc -l; }
before=$(open_files)
idle=()
for _ in {1..50}; do
    exec {fd}<>"/dev/tcp/127.0.0.1/${http##*:}"
    idle+=("$fd")
done
is_crowded() { [ "$(open_files)" -ge $((before + 25)) ]; }
check "a crowd is let in" 0 "$(wait_for 5 is_crowded; echo $?)"
check "but not all of it" 1 $(($(open_files) <= before + 32))
for fd in "${idle[@]}"; do exec {fd}>&-; done
check_match "when it has gone others are answered" "HTTP/1.? 404 *" "$(get "GET / HTTP/1.1")"

start second "$BIN/tscd" -c "$work/config.json" -s "$work/second" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
    --http "$(address tscd http)" --modbus "$modbus"
wait_for 10 gone second
stop second
check "an occupied port ends the start with 3" 3 $status
check "and leaves no key behind" 1 "$(test -e "$work/second/evidence.key"; echo $?)"

check "every seal holds" 0 "$("$tscctl" journal check "$state" >/dev/null; echo $?)"
stop tscd
check "tscd ends well" 0 $status
cp "$state/journal.db" "$work/copy.db"
ask copy "$work/copy.db" "$group" "$(from_edge +1)"
check "a copy answers without the controller" "0 red" "$came $(says copy state)"
check_match "and says that it is not signed" "*not signed*" "$(cat "$work/copy.err")"
ask copy "$work/copy.db" "$group" "$(from_edge +1)" --key "$state/evidence.key"
check "unless the key is there" "Signature Verified Successfully" "$(by_openssl "$work/copy")"
finish
