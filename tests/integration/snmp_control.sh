#!/bin/bash
# What a centre commands is seen in the phases: calls, omits, holds, force-offs, patterns, the system's clock, remote manual
# control; in one GET it sees why a pattern does not run; and silence ends it all.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/junction.sh"

# Quick pedestrians.
junction_config 's/"phasePedestrianClear": [0-9]*/"phasePedestrianClear": 3/'
junction_start
check "timing for patterns that cannot run" "" "$(put \
    patternCycleTime.4 = 20 patternSplitNumber.4 = 1 patternCycleTime.5 = 100 patternSplitNumber.5 = 4 \
    splitTime.4.1 = 30 splitTime.4.2 = 30 splitTime.4.3 = 30 splitTime.4.4 = 30 splitCoordPhase.4.2 = 1 patternCycleTime.6 = 100 patternSplitNumber.6 = 1 patternOffsetTime.6 = 100)"

# ---- phases ----
check "a call" "" "$(put phaseControlGroupVehCall.1 i 8 phaseControlGroupPhaseOmit.1 i 8)"
comes "is seen" 2 shows VehCalls 4
stays "and not served while the phase is omitted" 5 shows Greens 2 6
check "the omit goes" "" "$(put phaseControlGroupPhaseOmit.1 i 0)"
comes "then the phase is next" 5 shows PhaseNexts 4 8
check "the call goes, its service is committed; a hold" "" "$(put phaseControlGroupVehCall.1 i 0 phaseControlGroupHold.1 i 8)"
comes "and it is green, with its fellow of the other ring" 10 shows Greens 4 8
stays "it is held beyond its minimum, against the recall of 2 and 6" 5 is_green 4
check "a force-off does not get past the hold" "" "$(put phaseControlGroupForceOff.1 i 8)"
stays "so far" 2 is_green 4
check "the hold goes" "" "$(put phaseControlGroupHold.1 i 0)"
comes "and it ends" 3 shows Yellows 4 8
comes "the force-off has cleared itself" 2 reads 0 phaseControlGroupForceOff.1
check "a pedestrian's call" "" "$(put phaseControlGroupPedCall.1 i 2)"
comes "and the junction is back at 2 and 6, with Walk" 10 shows Walks 2
check "walk is one of the greens" 0 "$(shows Greens 2 6; echo $?)"
check "the call goes" "" "$(put phaseControlGroupPedCall.1 i 0)"

# ---- patterns ----
why() { get coordRequestedPattern.0 coordPatternStatus.0 localFreeStatus.0 unitControlStatus.0; }
says() { [ "$(why)" = "$1" ]; }
# 254 free; commandFree(3); systemStandby(3)
check "nobody asks for a pattern: free, commanded so" "254 254 3 3" "$(why)"
check "a cycle too short for its phases" "" "$(put systemPatternControl.0 = 4)"
comes "is asked for by the centre, and runs free: badCycleTime" 5 says "4 254 8 2"
check "splits longer than the cycle" "" "$(put systemPatternControl.0 = 5)"
comes "splitOverrun" 5 says "5 254 9 2"
check "an offset as long as the cycle" "" "$(put systemPatternControl.0 = 6)"
comes "invalidOffset" 5 says "6 254 10 2"
check_match "and an alarm says it is the coordinator's fault" "1" "$(($(get shortAlarmStatus.0) >> 3 & 1))"
check "a pattern that can run" "" "$(put systemPatternControl.0 = 1)"
comes "runs" 5 says "1 1 2 2"

# ---- the system's clock, to a tenth of a second ----
micros() { echo "${EPOCHREALTIME/[.,]/}"; }
sent=$(micros)
check "where the system is in its cycle" "" "$(put systemSyncControl.0 = 20)"
answered=$(micros)
comes "is taken" 2 reads 20 coordSyncStatus.0
# The second second begins between the last reading of 21 and the first of 22; that is 2 s after the SET was received.
while before=$(micros); seen=$(get coordSyncStatus.0); [ "$seen" = 20 ] || [ "$seen" = 21 ]; do earliest=$before; done
latest=$(micros)
late_us=$((earliest - answered - 2000000))
early_us=$((sent + 2000000 - latest))
check "it runs on from there" 22 "$seen"
echo "    the second begins at least $late_us us, at most $((-early_us)) us after its time"
check "not more than 0.1 s late, as much again for a busy machine" 1 $((late_us < 200000))
check "nor early" 1 $((early_us < 100000))

# ---- the schedule's action by hand ----
check "an action in the place of the schedule's" "" "$(put systemPatternControl.0 = 0 actionPlanControl.0 = 2)"
action() { [ "$(get timebaseAscActionStatus.0 coordRequestedPattern.0 unitControlStatus.0)" = "$1" ]; }
comes "is in force, with its pattern, by the time base" 3 action "2 2 6"
check "an action that asks for a flash" "" "$(put actionPlanControl.0 = 4)"
comes "or free" 3 action "4 254 6"
check "no action any more" "" "$(put actionPlanControl.0 = 0)"
comes "leaves it to the junction" 3 action "0 254 3"

# ---- remote manual control ----
comes "the pedestrians are over the road" 20 shows DontWalks 1 2 3 4 5 6 7 8
check "no interval is ended from outside without it" "wrongValue (The set value is illegal or unsupported in some way)" \
    "$(put unitMCEIntAdv.0 = 1)"
check "remote manual control" "" "$(put unitMCETimeout.0 = 20)"
comes "has the junction" 2 reads 9 unitControlStatus.0
stays "which stands still" 5 shows Greens 2 6
check "an interval is ended" "" "$(put unitMCEIntAdv.0 = 1)"
comes "and the green with it" 3 shows Greens
comes "once" 2 reads 0 unitMCEIntAdv.0
check "remote manual control is given back" "" "$(put unitMCETimeout.0 = 0)"
comes "at once" 2 reads 3 unitControlStatus.0
check "for two seconds only" "" "$(put unitMCETimeout.0 = 2)"
comes "it ends by itself" 5 reads 3 unitControlStatus.0

# ---- silence ----
comes "at rest again" 30 shows Greens 2 6
check "a backup time" "" "$(put unitBackupTime.0 = 4)"
check "all kinds of commands" "" "$(put phaseControlGroupHold.1 i 34 systemPatternControl.0 = 1 specialFunctionOutputControl.1 = 1 actionPlanControl.0 = 1)"
commands() { get phaseControlGroupHold.1 systemPatternControl.0 specialFunctionOutputControl.1 actionPlanControl.0 unitControlStatus.0; }
commanded() { [ "$(commands)" = "$1" ]; }
comes "are in force" 3 commanded "34 1 1 1 2"
stays "reading does not end them" 1 commanded "34 1 1 1 2"
check "a SET of one keeps them all" "" "$(put phaseControlGroupHold.1 i 34)"
stays "for its time" 2 commanded "34 1 1 1 2"
comes "then all of them end, and the unit is in backup" 4 commanded "0 0 0 0 4"
check "timing is no command" "" "$(put phaseMinimumGreen.1 = 4)"
check "and does not end the backup" 4 "$(get unitControlStatus.0)"
check "the next command does" "" "$(put phaseControlGroupHold.1 i 0)"
comes "and the junction is by itself again" 2 reads 3 unitControlStatus.0

stop tscd
check "the controller ends well" 0 "$status"
stop sim
finish
