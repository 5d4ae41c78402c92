#!/bin/bash
# A centre moves everything one controller was told to another in a transaction: every parameter that the table says can
# be written. The power fails before and after the takeover; what an abandoned one leaves behind.
. "$(dirname "$0")/lib.sh"
by_name || finish

# A stored junction, and one on the same card that has been timed anew.
sed 's/"listen": \["udp/"transaction_idle_s": 10, &/' "$ROOT/configs/four-leg.json" >"$work/here.json"
sed -e 's/"phaseMinimumGreen": 6/"phaseMinimumGreen": 7/' -e 's/"phaseYellowChange": 35/"phaseYellowChange": 40/' \
    -e 's/"sequenceData": \[1, 2, 3, 4\]/"sequenceData": [2, 1, 3, 4]/' -e 's/"splitTime": 20/"splitTime": 21/' \
    -e 's/"patternCycleTime": 100/"patternCycleTime": 110/' -e 's/"dayPlanMinute": 30/"dayPlanMinute": 45/' \
    -e 's/"preemptDwellGreen": 10/"preemptDwellGreen": 12/' -e 's/"phaseOptions": 33/"phaseOptions": 97/' \
    "$ROOT/configs/four-leg.json" >"$work/there.json"

begin() {
    start "$1" "$BIN/tscd" -c "$work/$1.json" -s "$work/state-$1" --snmp udp:127.0.0.1:0 --feed tcp:127.0.0.1:0 \
        --modbus tcp:127.0.0.1:9
    ready "$1" || finish
}
at() { address "$1" snmp udp; }
get() { snmpget -v2c -c public -r1 -t5 -OqvU "$(at here)" "$1" 2>&1; }
to_here() { snmpset -v2c -c public -r0 -t5 -OqvUe "$(at here)" "$@" 2>&1; }
id_of() { snmpget -v2c -c public -r1 -t5 -Oqv "$(at "$1")" globalSetIDParameter.0; }
told() { grep -q "$1" "$work/here.err"; }

# parameters NAME: all that this controller was told, one line each as snmpset takes it: OBJECT TYPE "VALUE".
parameters() {
    snmpbulkwalk -v2c -c public -r1 -t5 -Cr60 -OsUexb "$(at "$1")" .1.3.6.1.4.1 | awk -v keep="$work/writable" '
        BEGIN { while ((getline name < keep) > 0) wanted[name] = 1 }
        / = / { put(); name = $1; kind = $3; $1 = $2 = $3 = ""; value = $0; next }
        { value = value " " $0 } # an octet string goes on
        END { put() }
        function put() {
            if (!wanted[substr(name, 1, index(name, ".") - 1)])
                return
            gsub(/[ "]/, "", value)
            if (kind ~ /^INTEGER|^Gauge|^Counter/) type = "i"
            else if (kind ~ /^OID/) type = "o"
            else type = "x"
            print name, type, "\"" value "\""
        }'
}
# The objects that are parameters, by the table itself.
sed -n 's/^OBJECT(\([A-Za-z0-9-]*\),.* RW, P2\{0,1\}, .*/\1/p' "$ROOT/ntcip/objects.def" |
    grep -v '^dbCreateTransaction$' >"$work/writable"

# download FILE: sends it all, as many in a message as snmpset takes; prints what was refused.
download() {
    xargs -n $((3 * 128)) snmpset -v2c -c public -r0 -t5 -OqvUe "$(at here)" <"$1" 2>&1 >/dev/null | grep -A3 Error
}

begin there
begin here
parameters there >"$work/wanted"
parameters here >"$work/before"
diff "$work/before" "$work/wanted" | sed -n 's/^> //p' >"$work/changed"
check_match "the other one holds thousands of parameters" "[1-9][0-9][0-9][0-9]*" "$(wc -l <"$work/wanted")"
check_match "and differs in dozens" "[1-9][0-9]" "$(wc -l <"$work/changed")"
old=$(id_of here)
new=$(id_of there)
check "they do not have the same database" 1 $((old != new))

to_here dbCreateTransaction.0 = transaction >/dev/null
check "the differences are gathered" "" "$(download "$work/changed")"
parameters here >"$work/during"
check "and nothing of it is read" "" "$(diff "$work/before" "$work/during" | head -3)"
check "nor counted in" "$old" "$(id_of here)"
to_here dbCreateTransaction.0 = verify >/dev/null
check "it can be run" 'done doneWithNoError "NO VERIFICATION ERROR"' \
    "$(get dbCreateTransaction.0) $(get dbVerifyStatus.0) $(get dbVerifyError.0)"

stop here KILL
begin here
check "the power fails before the takeover: the old one stands" "normal $old" "$(get dbCreateTransaction.0) $(id_of here)"

to_here dbCreateTransaction.0 = transaction >/dev/null
check "everything is gathered" "" "$(download "$work/wanted")"
to_here dbCreateTransaction.0 = verify >/dev/null
check "and sound" doneWithNoError "$(get dbVerifyStatus.0)"
check "it is taken over" 1 "$(to_here dbCreateTransaction.0 = normal)"
stop here KILL
begin here
check "the power fails after it: the new one stands" "normal $new" "$(get dbCreateTransaction.0) $(id_of here)"
parameters here >"$work/after"
check "in every parameter" "" "$(diff "$work/wanted" "$work/after" | head -3)"

# The cabinet's card has its say when all is verified, like the rules between objects.
to_here dbCreateTransaction.0 = transaction >/dev/null
check "a yellow below the card's floor is gathered" 10 "$(to_here phaseYellowChange.2 = 10)"
to_here dbCreateTransaction.0 = verify >/dev/null
check_match "and found" 'doneWithError "*floor*"' "$(get dbVerifyStatus.0) $(get dbVerifyError.0)"
check "it is given up" 1 "$(to_here dbCreateTransaction.0 = normal)"
check "and not taken over" "$new" "$(id_of here)"

# A manager that opens one, writes, and is never heard of again.
to_here dbCreateTransaction.0 = transaction >/dev/null
to_here phaseMinimumGreen.1 = 9 >/dev/null
check "an abandoned one is dropped by itself" 0 "$(wait_for 15 told "transaction was left alone"; echo $?)"
check "and leaves nothing" "normal 7 $new" "$(get dbCreateTransaction.0) $(get phaseMinimumGreen.1) $(id_of here)"
check "so that others may go on" 8 "$(to_here phaseMinimumGreen.1 = 8)"
stop here
check "the controller ends well" 0 "$status"
stop there
finish
