#!/bin/bash
# Cameras that know red-lamp detectors only: over TCP, over serial lines (pairs of pseudo-terminals), asked and
# unasked, while the junction works, while its controller is stopped, killed and started again, while a line goes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/junction.sh"

# line NAME: a serial line with two ends, NAME.a for the controller, NAME.b for the camera.
line() {
    start "$1" socat "pty,raw,echo=0,link=$work/$1.a" "pty,raw,echo=0,link=$work/$1.b"
    wait_for 10 test -e "$work/$1.a" && wait_for 10 test -e "$work/$1.b"
}
line_up() { line "$1" || { check "the line $1 is there" 0 1; finish; }; }
for name in rtu poll hear; do line_up $name; done

# Channels 1 to 8 are the reds of groups 1 to 8, on the polled lines 15 is the green of 2 and 16 its yellow.
channels='"channels": ['
for group in 1 2 3 4 5 6 7 8; do channels+="{\"channel\": $group, \"group\": $group},"; done
channels+='{"channel": 15, "group": 2, "color": "green"}, {"channel": 16, "group": 2, "color": "yellow"}]'
detectors="{\"form\": \"modbus\", \"listen\": \"tcp:127.0.0.1:0\"},
    {\"form\": \"modbus\", \"serial\": \"$work/rtu.a\"},
    {\"form\": \"poll\", \"serial\": \"$work/poll.a\", $channels},
    {\"form\": \"upload\", \"serial\": \"$work/hear.a\", $channels}"
junction_config "s|\"listen\": \\[\"tcp:127.0.0.1:7070\"\\]|\"listen\": [\"tcp:127.0.0.1:7070\"], \"detectors\": [${detectors//$'\n'/}]|"

junction_start
port=$(address tscd lamps tcp)
check_match "the ready line names the detectors" "*lamps=tcp:127.0.0.1:*,$work/rtu.a,$work/poll.a,$work/hear.a" \
    "$(grep ready "$work/tscd.out")"
start camera-tcp "$BIN/lamp_client" tcp "$port"
for form in rtu poll hear; do start camera-$form "$BIN/lamp_client" $form "$work/$form.b"; done

# last CAMERA: what it says now; on CAMERA CHANNEL: whether it holds that channel for lit.
last() { tail -n 1 "$work/camera-$1.out"; }
on() {
    local word
    read -r word _ < <(last "$1")
    [[ $word =~ ^[0-9a-f]+$ ]] && [ $((0x$word >> ($2 - 1) & 1)) = 1 ]
}
all_on() {
    local camera
    for camera in tcp rtu poll hear; do on "$camera" "$1" || return 1; done
}
none_on() {
    local camera
    for camera in tcp rtu poll hear; do
        if on "$camera" "$1" || [ -z "$(last "$camera")" ]; then return 1; fi
    done
}
green_2() { on poll 15 && on hear 15 && [[ $(last tcp) == *" 1 1 "*" 20 "* ]]; }

# Red after start-up is red, but nobody has seen it come: it reads as not red. Then a whole green of 2, and 4 is called.
comes "the green of 2 is seen" 10 green_2
check "a red that may not be enforced is off" 0 "$(none_on 2 && none_on 4; echo $?)"
check "4 is called" "" "$(put phaseControlGroupVehCall.1 i 8)"
comes "red of 2 on all four" 25 all_on 2
check "its yellow came before" 0 "$(grep -q '^8...$' "$work/camera-poll.out" && grep -q '^8...$' "$work/camera-hear.out"; echo $?)"
check "its colour code is that of red" 10 "$(last tcp | cut -d ' ' -f 5)"
check "2 is called" "" "$(put phaseControlGroupVehCall.1 i 2)"
comes "red of 4 on all four" 25 all_on 4
comes "red of 2 off on all four" 15 none_on 2

# Read only, whoever asks; what is no request disturbs nobody.
illegal=$'Illegal function\nIllegal function\nIllegal function\nIllegal function\nIllegal function\nIllegal function\nIllegal data address'
check "writing over TCP is an illegal function" "$illegal" "$("$BIN/lamp_client" write tcp "$port")"
exec 3<>"/dev/tcp/127.0.0.1/${port##*:}" 4<>"/dev/tcp/127.0.0.1/${port##*:}"
printf 'GET / HTTP/1.0\r\n\r\n' >&3
check "who does not speak Modbus is shown the door" "" "$(timeout 5 cat <&3)"
printf '\0\1\0\0\0\6\1' >&4 # and half a request, for ever
stop camera-rtu
check "writing over the line is an illegal function" "$illegal" "$("$BIN/lamp_client" write rtu "$work/rtu.b")"
"$BIN/lamp_client" rubbish "$work/rtu.b"
"$BIN/lamp_client" rubbish "$work/poll.b"
start camera-rtu "$BIN/lamp_client" rtu "$work/rtu.b"
comes "after rubbish the line answers" 5 all_on 4

# Somebody's hand on the phases: red is lit, and says nothing.
check "the centre holds 2" "" "$(put phaseControlGroupHold.1 i 2)"
comes "no red on any" 3 none_on 4
check "and lets go" "" "$(put phaseControlGroupHold.1 i 0)"
comes "red of 4 again" 5 all_on 4

# A line goes and comes back; the others feel nothing.
told() { grep -q "$1" "$work/tscd.err"; }
stop camera-poll
stop poll
comes "a line that has gone is told" 5 told "lamp detector $work/poll.a lost"
check "the others go on" 0 "$(on tcp 4 && on rtu 4 && on hear 4; echo $?)"
line_up poll
start camera-poll "$BIN/lamp_client" poll "$work/poll.b"
comes "and found again" 10 told "lamp detector $work/poll.a found again"
comes "it answers as before" 5 all_on 4

# The controller ends, comes back, and is killed.
silent() { for camera in tcp rtu poll hear; do [ "$(last "$camera")" = silent ] || return 1; done; }
stop tscd
check "the controller ends well" 0 "$status"
comes "then nobody hears anything" 3 silent
check "the last that was sent unasked was that nothing is lit" 0 "$(tail -n 2 "$work/camera-hear.out" | head -n 1)"
sed -i "s|tcp:127.0.0.1:0\"}|$port\"}|" "$work/config.json"
controller_start
comes "after a restart the state is known again" 5 green_2
check "and red has to be earned anew" 0 "$(none_on 2 && none_on 4; echo $?)"
check "4 is called again" "" "$(put phaseControlGroupVehCall.1 i 8)"
comes "red of 2 on all four again" 25 all_on 2
stop tscd KILL
comes "of a killed controller no red is left" 3 none_on 2
check "inputs and registers never differed" 0 "$(cat "$work"/camera-*.out | grep -c BROKEN)"
finish
