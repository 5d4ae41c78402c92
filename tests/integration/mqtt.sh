#!/bin/bash
# The state over MQTT, with a real broker and real subscribers: changes as they happen, a retained state for who
# comes late, a broker that hangs, dies or refuses us, and what is left behind when the controller ends.
. "$(dirname "$0")/lib.sh"

topic=v2x/v1/signalcontroller/quwo-01/spat/up

said() { grep -q -- "$2" "$work/$1.err" "$work/$1.out"; }

# write_config KEYS: the T-junction with a short start-up and these keys in feed.mqtt.
write_config() {
    sed -e 's/"unitStartUpFlash": 10/"unitStartUpFlash": 2/' -e 's/"unitStartUpAllRed": 5/"unitStartUpAllRed": 1/' \
        -e "s|\"feed\": {|\"feed\": {\"mqtt\": {$1},|" "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
}

begin_tscd() {
    start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
        --modbus "$modbus"
    ready tscd || finish
}

told() { grep -q -- "$1" "$work/tscd.err"; }
heard() { grep -q -- "$1" "$work/sub.out"; }
# retained [PORT]: the message that the broker keeps, if it does.
retained() { mosquitto_sub -p "${1:-$port}" -t "$topic" -C 1 -W 2 --retained-only 2>/dev/null; }
retained_says() { retained "${2:-$port}" | grep -q -- "$1"; }
retained_is() { retained_says "\"kind\":\"$1\"" "${2:-$port}"; }
nothing_retained() { [ -z "$(retained "${1:-$port}")" ]; }

# phases: what was heard, one phase a line.
phases() { sed 's/{"phase_id"/\n&/g' "$work/sub.out" | grep '^{"phase_id"'; }

# center_reads OBJECT VALUE: whether that is what the centre sees.
center_reads() {
    [ "$(snmpget -v2c -c public -r1 -t2 -Ovq "$(address tscd snmp)" "$1.0" | tr -d '"')" = "$2" ]
}

# feed_goes_on: whether the feed tells a subscriber ten alives, none of them sent a second after the one before.
feed_goes_on() {
    local address line sent last=0 count=0 late=0
    address=$(address tscd feed)
    exec 3<>"/dev/tcp/127.0.0.1/${address##*:}"
    while [ $count -lt 10 ] && read -r -t 5 line <&3; do
        [[ $line == *'"kind":"alive"'* ]] || continue
        sent=${line##*\"sent_mono_us\":}
        sent=${sent%%,*}
        if [ "$last" -gt 0 ] && [ $((sent - last)) -ge 1000000 ]; then late=1; fi
        last=$sent
        count=$((count + 1))
    done
    exec 3>&-
    [ $count = 10 ] && [ $late = 0 ]
}

begin_broker broker 0 "allow_anonymous true"
start sub mosquitto_sub -p "$port" -t 'v2x/v1/signalcontroller/+/spat/up'
check "a subscriber is there" 0 "$(wait_for 5 said broker 'SUBACK'; echo $?)"
start sim "$BIN/tscsim" live -c "$ROOT/configs/chengdong-s234.json" --modbus tcp:127.0.0.1:0 --feed tcp:127.0.0.1:9
ready sim || finish
modbus=$(address sim modbus)
write_config "\"broker\": \"tcp:127.0.0.1:$port\", \"region\": 3, \"node\": 700"
begin_tscd

check "the publisher connects" 0 "$(wait_for 5 told "mqtt: tcp:127.0.0.1:$port: connected"; echo $?)"
check "the flash of the start-up comes" 0 "$(wait_for 10 heard '"light_state":8'; echo $?)"
check "then green comes, as a change" 0 "$(wait_for 60 heard '"light_state":5.*"kind":"change"'; echo $?)"
check_match "under the junction's number in the map" '*"intersection_id":{"region":3,"node_id":700}*' \
    "$(tail -n 1 "$work/sub.out")"
check "a late subscriber hears the present at once" 0 "$(wait_for 10 retained_says '"light_state":5.*"valid":true'; echo $?)"
stamp=$(retained | sed 's/.*,"time_stamp":"\([^"]*\)","time_confidence".*/\1/')
age_ms=$(($(date +%s%3N) - $(date -d "$stamp" +%s%3N)))
check "with a stamp that says so" "fresh" "$( ((age_ms > -50 && age_ms < 4000)) && echo fresh || echo "$age_ms ms old")"
check "reds that must not be enforced were heard" 0 "$(phases | grep -q '"color":"red".*"enforceable":false'; echo $?)"
check "and none of them as red" 0 "$(phases | grep '"enforceable":false' | grep -c '"light_state":3')"
check "nor any other colour" 0 "$(phases | grep '"light_state":[23]' | grep -vc '"color":"red"')"

kill -STOP "${pid[broker]}"
check "while the broker hangs the feed goes on" 0 "$(feed_goes_on; echo $?)"
check "and the publisher gives it up" 0 "$(wait_for 20 told "mqtt: .* connection lost"; echo $?)"
kill -CONT "${pid[broker]}"
check "until it answers again" 0 "$(wait_for 20 retained_is full; echo $?)"

: >"$work/tscd.err"
stop broker KILL
check "a killed broker is told" 0 "$(wait_for 5 told "mqtt: .* connection lost"; echo $?)"
here=$port
begin_broker city 0 "allow_anonymous true"
city=$port
begin_broker broker "$here" "allow_anonymous true" "connection city" "address 127.0.0.1:$city" "notifications false" \
    "bridge_protocol_version mqttv50" "topic v2x/v1/signalcontroller/+/spat/up out 0"
check "a new one on its port is found" 0 "$(wait_for 30 told "connected"; echo $?)"
check "and has the whole state at once" 0 "$(wait_for 5 retained_is full; echo $?)"
check "so has one behind a bridge" 0 "$(wait_for 10 retained_is full "$city"; echo $?)"

kill -STOP "${pid[tscd]}"
check "of a controller that hangs the broker keeps no old state" 0 "$(wait_for 10 nothing_retained; echo $?)"
check "nor does the one behind the bridge" 0 "$(wait_for 10 nothing_retained "$city"; echo $?)"
check "and soon they say that nothing is known" 0 "$(wait_for 20 retained_is unknown; echo $?)"
kill -CONT "${pid[tscd]}"
check "until it comes back" 0 "$(wait_for 20 retained_is full; echo $?)"

stop tscd KILL
check "the last will of a killed one: nothing is known" 0 "$(wait_for 5 retained_is unknown; echo $?)"
check "behind the bridge too" 0 "$(wait_for 5 retained_is unknown "$city"; echo $?)"
check_match "and no light is left on" '*"phases":\[{"phase_id":1,"phase_states":\[{"light_state":0}\]}*' "$(retained)"

write_config "\"broker\": \"tcp:127.0.0.1:$port\", \"version\": \"3.1.1\", \"qos\": 1, \"topic\": \"county/{id}/lamps\""
topic=county/quwo-01/lamps
begin_tscd
check "MQTT 3.1.1, QoS 1 and another topic" 0 "$(wait_for 20 retained_is full; echo $?)"
check_match "come from the new start" '*"kind":"full"*' "$(retained)"
stop tscd
check "tscd ends well" 0 "$status"
check_match "and leaves word that nothing is known any more" '*"time_stamp":*"kind":"unknown"*' "$(retained)"
stop broker
stop sim

# From here on without a cabinet: the publisher has only to get in.
modbus=tcp:127.0.0.1:9
by_name || finish
topic=v2x/v1/signalcontroller/quwo-01/spat/up
mosquitto_passwd -b -c "$work/passwords" quwo-01 right
mosquitto_passwd -b "$work/passwords" center sees
printf '%s\n' "pattern write v2x/v1/signalcontroller/%u/spat/up" "user center" "topic read v2x/#" >"$work/acl"
chmod 600 "$work/passwords" "$work/acl"
begin_broker locked 0 "allow_anonymous false" "password_file $work/passwords" "acl_file $work/acl"
write_config "\"broker\": \"tcp:127.0.0.1:$port\", \"user\": \"quwo-01\", \"password\": \"wrong\""
begin_tscd
check "a wrong password is refused and told" 0 "$(wait_for 5 told "mqtt: .* no connection: Not authorized"; echo $?)"
check "the centre sees it" 0 "$(wait_for 5 center_reads feedPublisherState away; echo $?)"
check "and why" 0 "$(wait_for 5 center_reads feedPublisherTrouble "Not authorized"; echo $?)"
check "and the feed goes on" 0 "$(feed_goes_on; echo $?)"
stop tscd
write_config "\"broker\": \"tcp:127.0.0.1:$port\", \"user\": \"quwo-01\", \"password\": \"right\""
begin_tscd
check "the right one lets it in" 0 "$(wait_for 5 told "mqtt: .* connected"; echo $?)"
center_sees() { mosquitto_sub -u center -P sees -p "$port" -t "$topic" -C 1 -W 2 | grep -q '"kind":"unknown"'; }
check "as the centre sees" 0 "$(wait_for 5 center_reads feedPublisherState connected; echo $?)"
check "to a topic of its own" 0 "$(wait_for 5 center_sees; echo $?)"
stop tscd
stop locked

certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -addext "subjectAltName=IP:$2" -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
}
certificate broker 127.0.0.1
certificate stranger 127.0.0.1
begin_broker secure 0 "allow_anonymous true" "certfile $work/broker.pem" "keyfile $work/broker.key"
write_config "\"broker\": \"tcp:127.0.0.1:$port\", \"ca\": \"$work/broker.pem\""
begin_tscd
check "TLS with the broker's certificate" 0 "$(wait_for 5 told "mqtt: .* connected"; echo $?)"
stop tscd
write_config "\"broker\": \"tcp:127.0.0.1:$port\", \"ca\": \"$work/stranger.pem\""
begin_tscd
check "not with a stranger's" 0 "$(wait_for 5 told "mqtt: .* no connection: .*TLS"; echo $?)"
stop tscd
write_config "\"broker\": \"tcp:127.0.0.1:$port\""
begin_tscd
check "nor without any" 0 "$(wait_for 20 told "mqtt: .* no connection"; echo $?)"
stop tscd
write_config "\"broker\": \"tcp:127.0.0.1:$port\", \"ca\": \"$work/nowhere.pem\""
"$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
    --modbus "$modbus" >"$work/none.out" 2>"$work/none.err"
check "a certificate that cannot be read ends the start" 3 $?
check "and is named" 0 "$(grep -q 'feed.mqtt: .*ca, cert and key' "$work/none.err"; echo $?)"
stop secure

write_config "\"broker\": \"tcp:127.0.0.1:$port\""
begin_tscd
check "a broker that is not there delays nothing" 0 "$(wait_for 5 told "mqtt: .* no connection: "; echo $?)"
stop tscd
check "nor the end" 0 "$status"
finish
