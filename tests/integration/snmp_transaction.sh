#!/bin/bash
# Database transactions (NTCIP 1201, dbCreateTransaction): who may write what in which state, what is gathered and what
# acts at once, every fault that verifying finds, and the errors of each version of SNMP.
# shellcheck disable=SC2191 # a = among the arguments of snmpset is the type of a value
. "$(dirname "$0")/lib.sh"
by_name || finish

start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --community centre,127.0.0.0/8,engineer,v1 \
    --community other,127.0.0.0/8,engineer,v1 --community hand,127.0.0.0/8,operator --community boss,127.0.0.0/8,admin,v1 \
    --user centre,engineer,SHA-256,AES-128,authentic-1,private-123
ready agent || finish
snmp=$(address agent snmp)

v1() { echo "-v1 -c $1"; }
v2() { echo "-v2c -c $1"; }
v3="-v3 -u centre -l authPriv -a SHA-256 -A authentic-1 -x AES -X private-123"
# shellcheck disable=SC2046,SC2086 # the first argument of these is a list of options
{
    get() { snmpget $(v2 centre) -r0 -t5 -OqvU "$snmp" "$1" 2>&1; }
    set_by() { snmpset $1 -r0 -t5 -OqvUe "$snmp" "${@:2}" 2>&1; }
}
# taken CASE OPTIONS OBJECT TYPE VALUE...: the SET is taken.
taken() {
    check_match "$1" "" "$(set_by "${@:2}" | grep -i 'error\|reason\|fail\|unknown\|timeout')"
}
# refused CASE ERROR CULPRIT OPTIONS OBJECT TYPE VALUE...: it is refused, and this object (a pattern) is
# named; none is where the message is refused as a whole.
refused() {
    local came
    came=$(set_by "${@:4}")
    check_match "$1: $2" "*Reason: *$2*" "$came"
    check_match "$1: at ${3:-the message as a whole}" "${3:-none}*" "$(sed -n 's/^Failed object: \(.*::\)*//p' <<<"$came" | grep . || echo none)"
}
state() { get dbCreateTransaction.0; }
verdict() { echo "$(get dbVerifyStatus.0) $(get dbVerifyError.0)"; }

# ---- the way of a download ----
check "nobody is at it" normal "$(state)"
taken "the centre opens a transaction" "$(v2 centre)" dbCreateTransaction.0 = transaction
check "GET says so" transaction "$(state)"
taken "timing is gathered" "$(v2 centre)" phaseMinimumGreen.1 = 7 phaseMinimumGreen.2 = 8
taken "and structure" "$(v1 centre)" phaseRing.1 = 1 phaseRing.2 = 2 phaseOptions.1 = 1 phaseOptions.2 = 1
taken "and the I/O map, where it stays as it is" "$(v2 centre)" ascIOactiveMap.0 i 1
refused "but no other" inconsistentValue ascIOactiveMap.0 "$(v2 centre)" ascIOactiveMap.0 i 2
taken "and lists" "$(v2 centre)" phaseConcurrency.1 x 02 phaseConcurrency.2 x 01 sequenceData.1.1 x 01 sequenceData.1.2 x 02
check "a GET reads what is stored" "0 0" "$(get phaseMinimumGreen.1) $(get phaseRing.2)"
check "not yet verified" 'notDone ""' "$(verdict)"
taken "it is verified" "$(v2 centre)" dbCreateTransaction.0 = verify
check "and done at once" "done" "$(state)"
check "without fault" 'doneWithNoError "NO VERIFICATION ERROR"' "$(verdict)"
check "a GET still reads what is stored" 0 "$(get phaseMinimumGreen.1)"
id=$(get globalSetIDParameter.0)
taken "it is taken over" "$(v2 centre)" dbCreateTransaction.0 = normal
check "in one step" "normal 7 8 2" "$(state) $(get phaseMinimumGreen.1) $(get phaseMinimumGreen.2) $(get phaseRing.2)"
check "the database has another identifier" 1 $(($(get globalSetIDParameter.0) != id))

# ---- outside of one ----
refused "structure without a transaction" genError "" "$(v2 centre)" phaseMinimumGreen.1 = 9 phaseOptions.1 = 0
refused "structure without a transaction, version 1" genError "" "$(v1 centre)" phaseOptions.1 = 0
refused "structure without a transaction, version 3" genError "" "$v3" phaseOptions.1 = 0
refused "the I/O map without a transaction" genError "" "$(v2 centre)" ascIOactiveMap.0 i 1
check "nothing of it is done" "7 1" "$(get phaseMinimumGreen.1) $(get phaseOptions.1)"
taken "timing needs none" "$(v2 centre)" phaseMinimumGreen.1 = 9
for value in 1 3 6; do
    refused "normal takes no $value" wrongValue dbCreateTransaction.0 "$(v2 centre)" dbCreateTransaction.0 i $value
    refused "normal takes no $value, version 1" badValue dbCreateTransaction.0 "$(v1 centre)" dbCreateTransaction.0 i $value
    refused "normal takes no $value, version 3" wrongValue dbCreateTransaction.0 "$v3" dbCreateTransaction.0 i $value
done
for value in 0 4 5 7 -1; do
    refused "$value is no state" wrongValue dbCreateTransaction.0 "$(v2 centre)" dbCreateTransaction.0 i $value
done
MIBS="" refused "a text is no state" wrongType iso.3.6.1.4.1.1206.4.2.6.2.1.0 "$(v2 centre)" iso.3.6.1.4.1.1206.4.2.6.2.1.0 s normal
refused "an operator opens none" noAccess dbCreateTransaction.0 "$(v2 hand)" dbCreateTransaction.0 = transaction
refused "a parameter beside dbCreateTransaction" genError "" "$(v2 centre)" \
    dbCreateTransaction.0 = transaction phaseMinimumGreen.1 = 5
check "no transaction is open" normal "$(state)"

# The same faults in the words of each version.
for by in "$(v2 centre)" "$v3"; do
    refused "read only" notWritable maxPhases.0 "$by" maxPhases.0 i 8
    refused "no such object" notWritable "*.*" "$by" .1.3.6.1.4.1.1206.4.2.1.99.1.0 i 8
    refused "a row beside a column to read only" notWritable "*.*" "$by" .1.3.6.1.4.1.1206.4.2.1.1.2.1.1.41 i 8
    refused "twice the same" inconsistentValue phaseWalk.1 "$by" phaseWalk.1 = 5 phaseWalk.1 = 6
done
by=$(v1 centre)
refused "read only" noSuchName maxPhases.0 "$by" maxPhases.0 i 8
refused "no such object" noSuchName "*.*" "$by" .1.3.6.1.4.1.1206.4.2.1.99.1.0 i 8
refused "no such row" noSuchName "*.*" "$by" .1.3.6.1.4.1.1206.4.2.1.1.2.1.4.41 i 8
refused "twice the same" badValue phaseWalk.1 "$by" phaseWalk.1 = 5 phaseWalk.1 = 6

# ---- whose it is ----
taken "a user of version 3 opens one" "$v3" dbCreateTransaction.0 = transaction
for who in "$(v1 centre)" "$(v2 centre)" "$(v2 other)" "$(v2 boss)"; do
    refused "$who adds nothing" genError "" "$who" phaseMinimumGreen.1 = 5
    refused "$who adds nothing behind control" genError "" "$who" phaseControlGroupHold.1 = 1 phaseMinimumGreen.1 = 5
done
check "nor does the control before it act" 0 "$(get phaseControlGroupHold.1)"
for value in normal transaction verify "done"; do
    refused "another community writes no $value" genError "" "$(v2 other)" dbCreateTransaction.0 = $value
    refused "another community writes no $value, version 1" genError "" "$(v1 other)" dbCreateTransaction.0 = $value
done
taken "control acts at once, whoever sends it" "$(v2 hand)" phaseControlGroupHold.1 = 1
check "and is read back" 1 "$(get phaseControlGroupHold.1)"
taken "the owner mixes both" "$v3" phaseControlGroupHold.1 = 2 phaseMinimumGreen.1 = 5
check "control has acted, timing waits" "2 9" "$(get phaseControlGroupHold.1) $(get phaseMinimumGreen.1)"
# The tools themselves send nothing that a MIB module rules out: these go by number.
green=iso.3.6.1.4.1.1206.4.2.1.1.2.1.4
concurrency=iso.3.6.1.4.1.1206.4.2.1.1.2.1.23
MIBS="" refused "what is wrong by itself is so at once" wrongValue $green.2 "$v3" $green.1 i 6 $green.2 i 256
MIBS="" refused "so is the type" wrongType $green.1 "$v3" $green.1 s 6
MIBS="" refused "so is the length" wrongLength $concurrency.1 "$v3" $concurrency.1 x "$(printf '01%.0s' $(seq 41))"
MIBS="" refused "so is the row" noCreation $green.41 "$v3" $green.41 i 1
refused "open takes no transaction" wrongValue dbCreateTransaction.0 "$v3" dbCreateTransaction.0 = transaction
refused "open takes no done" wrongValue dbCreateTransaction.0 "$v3" dbCreateTransaction.0 = "done"
taken "an administrator has it verified" "$(v2 boss)" dbCreateTransaction.0 = verify
refused "done takes no verify" wrongValue dbCreateTransaction.0 "$v3" dbCreateTransaction.0 = verify
refused "done takes no done" wrongValue dbCreateTransaction.0 "$v3" dbCreateTransaction.0 = "done"
refused "done takes no parameter" genError "" "$v3" phaseMinimumGreen.1 = 4
refused "nor from others" genError "" "$(v2 other)" phaseMinimumGreen.1 = 4
refused "another community cannot drop it" genError "" "$(v2 other)" dbCreateTransaction.0 = normal
taken "the owner goes on with it" "$v3" dbCreateTransaction.0 = transaction
check "there is no verdict any more" 'notDone ""' "$(verdict)"
taken "it is still the owner's" "$v3" phaseMinimumGreen.2 = 6
taken "an administrator drops it" "$(v1 boss)" dbCreateTransaction.0 = normal
check "nothing of it is left" "normal 9 8" "$(state) $(get phaseMinimumGreen.1) $(get phaseMinimumGreen.2)"
taken "and others may write again" "$(v2 other)" phaseMinimumGreen.1 = 7

# ---- what verifying finds ----
# Eight phases in two rings, a sequence, an overlap and a preempt, all sound.
sound=(phaseRing.1 = 1 phaseRing.2 = 1 phaseRing.3 = 1 phaseRing.4 = 1 phaseRing.5 = 2 phaseRing.6 = 2 phaseRing.7 = 2
    phaseRing.8 = 2 sequenceData.1.1 x 01020304 sequenceData.1.2 x 05060708 overlapIncludedPhases.1 x 0102
    overlapModifierPhases.1 x 03 preemptTrackPhase.1 x 0206 preemptDwellPhase.1 x 0408 preemptExitPhase.1 x 0408 overlapType.1 = 3 preemptControl.1 i 16)
for no in 1 2 3 4 5 6 7 8; do
    sound+=("phaseOptions.$no" = 1 "phaseStartup.$no" = phaseNotOn "phaseYellowChange.$no" = 30 "phaseRedClear.$no" = 10)
    case $no in
    1 | 2) sound+=("phaseConcurrency.$no" x 0506) ;;
    3 | 4) sound+=("phaseConcurrency.$no" x 0708) ;;
    5 | 6) sound+=("phaseConcurrency.$no" x 0102) ;;
    7 | 8) sound+=("phaseConcurrency.$no" x 0304) ;;
    esac
done
by=$(v2 centre)
taken "a transaction" "$by" dbCreateTransaction.0 = transaction
taken "a whole junction in one message" "$by" "${sound[@]}"
taken "is verified" "$by" dbCreateTransaction.0 = verify
check "and sound" 'doneWithNoError "NO VERIFICATION ERROR"' "$(verdict)"
taken "and taken over" "$by" dbCreateTransaction.0 = normal
id=$(get globalSetIDParameter.0)

# fault TEXT OBJECT TYPE VALUE...: verifying this finds that.
fault() {
    set_by "$by" dbCreateTransaction.0 = transaction >/dev/null
    set_by "$by" "${@:2}" >/dev/null
    set_by "$by" dbCreateTransaction.0 = verify >/dev/null
    check_match "$1" "doneWithError \"$1*\"" "$(verdict)"
    set_by "$by" dbCreateTransaction.0 = normal >/dev/null
}
fault "PHASE 01 CONCURRENCY FAULT: phase 1 lists itself" phaseConcurrency.1 x 010506
fault "PHASE 01 CONCURRENCY FAULT: phase 1 lists phase 2" phaseConcurrency.1 x 020506
fault "PHASE 01 MUTUAL FAULT: phase 1 lists phase 7" phaseConcurrency.1 x 050607
fault "PHASE 03 RING FAULT" phaseRing.3 = 9
fault "PHASE 02 PED CLEAR FAULT" phasePedestrianClear.2 = 9 \
    phaseYellowandRedChangeTimeBeforeEndPedClear.2 = 11
fault "SEQ 01 SAME PHASE FAULT" sequenceData.1.1 x 0102030401
fault "SEQ 01 RING 1 FAULT" sequenceData.1.1 x 0102030405
fault "SEQ 01 RING 2 PHS OMITTED" sequenceData.1.2 x 050607
fault "SEQ 01 CG SEQ FAULT" sequenceData.1.1 x 01030204
fault "START PHASE CG FAULT" phaseStartup.2 = greenWalk phaseStartup.8 = greenNoWalk
fault "FLASH ENTRY CG FAULT" phaseOptions.2 = 3 phaseOptions.8 = 3
fault "FLASH EXIT CG FAULT" phaseOptions.2 = 5 phaseOptions.8 = 5
fault "OVLP 01 INC PHASE MULTI FAULT" overlapIncludedPhases.1 x 020102
fault "OVLP 01 MODIFIER FAULT" overlapModifierPhases.1 x 02
fault "PE 01 TRACK PHASE FAULT" preemptTrackPhase.1 x 0208 preemptTrackGreen.1 = 5
fault "PE 01 DWELL PHASE FAULT" preemptDwellPhase.1 x 0406
fault "PE 01 EXIT PHASE FAULT" preemptExitPhase.1 x 0208
check "none of them was taken over" "$id" "$(get globalSetIDParameter.0)"

taken "a faulty one" "$by" dbCreateTransaction.0 = transaction
taken "is gathered" "$by" phaseConcurrency.1 x 050607
taken "and verified" "$by" dbCreateTransaction.0 = verify
taken "it is put right" "$by" dbCreateTransaction.0 = transaction
taken "from both sides" "$by" phaseConcurrency.1 x 0506
taken "verified again" "$by" dbCreateTransaction.0 = verify
check "and sound" 'doneWithNoError "NO VERIFICATION ERROR"' "$(verdict)"
taken "and taken over without a change" "$by" dbCreateTransaction.0 = normal
check "which is none" "$id" "$(get globalSetIDParameter.0)"

stop agent
check "the agent ends well" 0 "$status"

# ---- what a centre may have that sets recalls directly, and a disk that takes nothing ----
start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --community centre,127.0.0.0/8,engineer,v1 --structure-at-once
ready agent || finish
snmp=$(address agent snmp)
taken "structure at once, where it is allowed" "$by" phaseOptions.1 = 65
check "is there at once" 65 "$(get phaseOptions.1)"
refused "and judged as a whole" inconsistentValue phaseRing.1 "$by" phaseRing.1 = 9
stop agent

start agent "$BIN/agent_host" --listen udp:127.0.0.1:0 --community centre,127.0.0.0/8,engineer,v1 --refuse
ready agent || finish
snmp=$(address agent snmp)
taken "a transaction needs no disk" "$by" dbCreateTransaction.0 = transaction
taken "until" "$by" phaseMinimumGreen.1 = 5
taken "it is" "$by" dbCreateTransaction.0 = verify
refused "taken over" resourceUnavailable "" "$by" dbCreateTransaction.0 = normal
refused "by version 1" genError "" "$(v1 centre)" dbCreateTransaction.0 = normal
check "nothing is lost and nothing done" "done 0" "$(state) $(get phaseMinimumGreen.1)"
stop agent
finish
