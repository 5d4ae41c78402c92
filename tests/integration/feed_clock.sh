#!/bin/bash
# What the feed says of the clock is what chronyd says of it: synchronised while a chronyd follows a server, not when
# it follows none, and the kernel's word when there is no chronyd at all. Two of them run here, without privileges
# and without touching the clock: a server that calls its own time right, and the one that follows it.
. "$(dirname "$0")/lib.sh"

chronyd=$(PATH=$PATH:/usr/sbin command -v chronyd)
check "chronyd is there" 1 "${chronyd:+1}"
[ -n "$chronyd" ] || finish

# start_chronyd NAME LINE...: with these lines as its configuration.
start_chronyd() {
    local name=$1
    shift
    printf '%s\n' "$@" "pidfile $work/$name.pid" "bindcmdaddress /" >"$work/$name.conf"
    start "$name" "$chronyd" -U -x -d -u "$(id -un)" -f "$work/$name.conf"
}

# A port nobody uses just now; chronyd takes no "any free one".
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        grep -qs ":$(printf %04X "$port") " /proc/net/{udp,udp6} || break
    done
    echo "$port"
}

# shellcheck disable=SC2317 # wait_for calls these
follows() {
    grep -q 'Selected source' "$work/follower.out" "$work/follower.err"
}
says() {
    tail -n +"$told" "$work/tscd.err" | grep -q "$1"
}
clock_is() {
    timeout 5 sed -n "/\"clock\":{\"state\":\"$1\"/q;\$q1" <"/dev/tcp/127.0.0.1/$feed_port"
}

server_port=$(free_port)
start_chronyd server "local stratum 8" "port $server_port" "cmdport 0" "bindaddress 127.0.0.1" "allow 127.0.0.1"
command_port=$(free_port)
follow=("server 127.0.0.1 port $server_port iburst minpoll -4 maxpoll -4" "port 0" "cmdport $command_port"
    "bindcmdaddress 127.0.0.1")
start_chronyd follower "${follow[@]}"
check "a chronyd follows the other" 0 "$(wait_for 30 follows; echo $?)"

sed -e 's|"site": *{|&"chrony": "udp:127.0.0.1:'"$command_port"'", |' \
    -e 's|"clock": *"any"|"clock": "synced"|' "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
    --modbus tcp:127.0.0.1:9
ready tscd || finish
feed_port=$(address tscd feed)
feed_port=${feed_port##*:}

told=1
check "chronyd's word is taken" 0 "$(wait_for 10 says 'clock: synchronised, chronyd says'; echo $?)"
check "the feed says so" 0 "$(wait_for 5 clock_is synced; echo $?)"

# One that has nobody to follow any more, and begins anew: it does not know.
told=$(($(wc -l <"$work/tscd.err") + 1))
stop follower
start_chronyd follower "port 0" "cmdport $command_port" "bindcmdaddress 127.0.0.1"
check "a chronyd that follows nobody keeps no clock" 0 \
    "$(wait_for 20 says 'clock: nobody knows it to 200 ms, chronyd says'; echo $?)"
check "the feed says so" 0 "$(wait_for 5 clock_is holdover; echo $?)"

told=$(($(wc -l <"$work/tscd.err") + 1))
stop follower
check "without chronyd the kernel's word is taken" 0 "$(wait_for 20 says 'clock: .*, the kernel says'; echo $?)"

stop tscd
check "tscd ends well" 0 "$status"
finish
