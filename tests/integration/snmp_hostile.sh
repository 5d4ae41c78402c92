#!/bin/bash
# What nobody should send, to the controller itself, by all three versions: the right error at the right varbind,
# or silence, and nothing changed.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
green=$asc.1.2.1.4                      # phaseMinimumGreen
set_id=1.3.6.1.4.1.1206.4.2.6.1.1.0     # globalSetIDParameter: differs when the database does
transaction=1.3.6.1.4.1.1206.4.2.6.2.1.0 # dbCreateTransaction
quick="-r0 -t8 -OnQ"
# shellcheck disable=SC2034 # refused() picks one by its name
v1="-v1 -c public $quick"
v2="-v2c -c public $quick"
v3="-v3 -u center -l authPriv -a SHA-256 -A for-trying-out-only -x AES -X for-trying-out-only $quick"

sed 's/"v2c": \[/&{"community": "other", "from": "127.0.0.0\/8", "role": "engineer", "v1": true}, /' \
    "$ROOT/configs/chengdong-s234.json" >"$work/config.json"
start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
    --modbus tcp:127.0.0.1:9
ready tscd || finish
udp=$(address tscd snmp)
udp=${udp#udp:}
get() { snmpget -v2c -c public -r0 -t8 -Oqv "$udp" "$1"; }
before=$(get $set_id)
unchanged() { check "$1: nothing changed" "$before" "$(get $set_id)"; }

# refused CASE VERSION ERROR OBJECT TYPE VALUE...: with this error, as snmpset words it, at the last of the objects.
refused() {
    local name="$1, version $2" version=v$2 error=$3 came
    shift 3
    # shellcheck disable=SC2086
    came=$(snmpset ${!version} "$udp" "$@" 2>&1)
    check_match "$name: $error" "*$error*Failed object: .${*: -3:1}*" "$came"
    unchanged "$name"
}

# The last of a hundred is wrong, in each way it may be.
hundred=()
for row in $(seq 33); do
    for column in 4 6 7; do hundred+=("$asc.1.2.1.$column.$row" i 21); done
done
for version in 1 2 3; do
    value=wrongValue type=wrongType length=wrongLength row=noCreation object=notWritable twice=inconsistentValue
    if [ $version = 1 ]; then
        value=badValue type=badValue length=badValue row=noSuchName object=noSuchName twice=badValue
    fi
    # What a client says of noCreation and notWritable is its own wording: "No creation is ...".
    refused "a hundred, the last beyond its range" $version "$value" "${hundred[@]}" $green.40 i 256
    refused "a hundred, the last of another type" $version "$type" "${hundred[@]}" $green.40 s text
    refused "a hundred, the last NULL" $version "$type" "${hundred[@]}" $green.40 n x
    refused "a hundred, the last an address" $version "$type" "${hundred[@]}" $green.40 a 192.0.2.1
    refused "a hundred, the last too long" $version "$length" "${hundred[@]}" $asc.1.2.1.23.40 x \
        "$(printf '01%.0s' $(seq 41))"
    refused "a hundred, the last in a row that is not" $version "$row" "${hundred[@]}" $green.41 i 20
    refused "a hundred, the last in row 0" $version "$row" "${hundred[@]}" $green.0 i 20
    refused "a hundred, the last in a row beyond all numbers" $version "$row" "${hundred[@]}" $green.4294967295 i 20
    refused "a hundred, the last with a row too many" $version "$row" "${hundred[@]}" $green.40.1 i 20
    refused "a hundred, the last to be read only" $version "$object" "${hundred[@]}" $asc.1.1.0 i 20
    refused "a hundred, the last no object" $version "$object" "${hundred[@]}" 1.3.6.1.4.1.1206.4.2.99.1.0 i 20
    refused "a hundred, the last as the first" $version "$twice" "${hundred[@]}" $asc.1.2.1.4.1 i 20
    refused "a yellow below the floor of the card" $version "$twice" $green.2 i 21 $asc.1.2.1.8.2 i 29
done

# In a transaction of somebody else.
# shellcheck disable=SC2086
{
    check "somebody opens a transaction" ".$transaction = 2" "$(snmpset $v2 "$udp" $transaction i 2)"
    for version in "-v1 -c other" "-v2c -c other" "$v3"; do
        came=$(snmpset $version $quick "$udp" $green.1 i 21 2>&1)
        check_match "another's parameter in it, ${version:0:4}: genErr" "*genErr*" "$came"
        check "and at no varbind" 0 "$(grep -c 'Failed object' <<<"$came")"
        came=$(snmpset $version $quick "$udp" $transaction i 1 2>&1)
        check_match "another ends it, ${version:0:4}: genErr" "*genErr*" "$came"
    done
    check "it is still open" 2 "$(get $transaction)"
    check "its owner discards it" ".$transaction = 1" "$(snmpset $v2 "$udp" $transaction i 1)"
}
unchanged "another in a transaction"

# Reading without measure.
# shellcheck disable=SC2086
{
    check "repetitions beyond all measure bring what fits" 128 \
        "$(snmpbulkget $v2 -Cr2147483647 "$udp" 1.3.6.1 | wc -l)"
    check "of forty columns too" 128 \
        "$(snmpbulkget $v2 -Cr2147483647 "$udp" $(seq -f "$asc.1.2.1.%g" 1 40) | wc -l)"
    check "by version 3 no less" 128 "$(snmpbulkget $v3 -Cr2147483647 "$udp" 1.3.6.1 | wc -l)"
    long=$asc$(printf '.4294967295%.0s' $(seq 108))
    check_match "a name of 128 arcs, all of the largest" "*No Such Object*" "$(snmpget $v2 "$udp" "$long" 2>&1)"
    check "what follows it" ".$asc.1.1.0" "$(snmpgetnext $v2 "$udp" $asc.0.4294967295 | sed 's/ =.*//')"
}

# What a proper client cannot be brought to send. Versions 1 and 2c are 020100 and 020101, `public` is 7075626c6963.
# raw CASE EXPECTED HEX
raw() {
    check "$1" "$2" "$("$BIN/snmp_raw" "${udp##*:}" public <<<"$3")"
}
raw "an empty datagram" silence ""
raw "one octet" silence "30"
raw "a length that lies" silence "30 7f 020101 0406 7075626c6963"
raw "a length of lengths beyond all measure" silence "30 ff ff ff ff ff ff ff ff"
raw "no length at all" silence "30 80 020101 0406 7075626c6963 a000 0000"
raw "a version there is not" silence "30 1e 020107 0406 7075626c6963 a011 020101 020100 020100 3006 3004 0600 0500"
raw "a PDU there is not" silence "30 1c 020101 0406 7075626c6963 af0f 020101 020100 020100 3004 3002 0600"
raw "an answer nobody asked for" silence \
    "30 26 020101 0406 7075626c6963 a219 020101 020100 020100 300e 300c 06082b06010201010300 0500"
raw "a trap to an agent" silence \
    "30 26 020101 0406 7075626c6963 a719 020101 020100 020100 300e 300c 06082b06010201010300 0500"
raw "GETBULK by version 1" silence \
    "30 26 020100 0406 7075626c6963 a519 020101 020100 020105 300e 300c 06082b06010201010300 0500"
raw "a community of another length than it says" silence \
    "30 26 020101 0416 7075626c6963 a019 020101 020100 020100 300e 300c 06082b06010201010300 0500"
raw "an integer of nine octets" silence \
    "30 2e 020101 0406 7075626c6963 a021 0209010203040506070809 020100 020100 300e 300c 06082b06010201010300 0500"
raw "a SET of nothing" "error 0 index 0 varbinds 0" \
    "30 18 020101 0406 7075626c6963 a30b 020101 020100 020100 3000"
raw "a GET of nothing" "error 0 index 0 varbinds 0" \
    "30 18 020101 0406 7075626c6963 a00b 020101 020100 020100 3000"
raw "a GETBULK with less than no repetitions" "error 0 index 0 varbinds 0" \
    "30 26 020101 0406 7075626c6963 a519 020101 020100 0201ff 300e 300c 06082b06010201010300 0500"
raw "a GETBULK with less than no non-repeaters" "error 0 index 0 varbinds 3" \
    "30 26 020101 0406 7075626c6963 a519 020101 0201ff 020103 300e 300c 06082b06010201010300 0500"
raw "non-repeaters and repetitions beyond all measure" "error 0 index 0 varbinds 1" \
    "30 2c 020101 0406 7075626c6963 a51f 020101 02047fffffff 02047fffffff 300e 300c 06082b06010201010300 0500"
raw "a name that is cut off within an arc" silence \
    "30 26 020101 0406 7075626c6963 a019 020101 020100 020100 300e 300c 06082b06010201010383 0500"
raw "an arc beyond 32 bits" silence \
    "30 2b 020101 0406 7075626c6963 a01e 020101 020100 020100 3013 3011 060d2b060102010103 ffffffffff7f 0500"
raw "a name of two hundred arcs" silence \
    "3081f1 020101 0406 7075626c6963 a081e3 020101 020100 020100 3081d7 3081d4 0681cf2b06 $(printf '01%.0s' $(seq 205)) 0500"
# shellcheck disable=SC2086
snmpset $v2 "$udp" $asc.11.1.0 x 000401200128 >"$work/out" # the splits of 32 patterns
raw "three thousand blocks at once" "error 1 index 0 varbinds 0" \
    "3082dec4 020101 0406 7075626c6963 a082deb5 020101 020100 020100 3082dea8 $(
        printf '3011060d2b06010401893604020%.0s10b02000500' $(seq 3000)
    )"
raw "a value that says it is none, in a SET" "error 7 index 1 varbinds 1" \
    "30 2d 020101 0406 7075626c6963 a320 020101 020100 020100 3015 3013 060f2b0601040189360402010102010401 8000"
unchanged "raw octets"

check "no SET was taken but the two of the transaction, that of nothing and that of the block" 4 "$(grep -c ': taken' "$work/tscd.err")"
stop tscd
check "tscd ends well" 0 "$status"
finish
