#!/bin/bash
# A centre edits the schedule, and the pattern changes at its minute; what was edited survives a power cut; a pattern's
# timing may be edited under way; a schedule that makes no sense is refused.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/junction.sh"

# shellcheck disable=SC2119
junction_config
junction_start
utc() { TZ=UTC date -d "$1" +%s; }
# action day plan row pattern: what the schedule has brought about.
now() { get timebaseAscActionStatus.0 dayPlanStatus.0 timeBaseScheduleTableStatus.0 coordRequestedPattern.0 unitControlStatus.0; }
is() { [ "$(now)" = "$1" ]; }
event=TSC-NTCIP1202-MIB::timebaseAscActionNumber

# The junction's own day plans, eight hours ahead of UTC: Monday 05:40 action 4, free; its rows are given to them here.
check "civil time is set" "" "$(put globalTime.0 i "$(utc '2026-11-29 21:40:30')")"
check "without a schedule there is no action" "0 0 0 254 3" "$(now)"
check "day plans for workdays and weekends" "" "$(put timeBaseScheduleDayPlan.1 = 1 timeBaseScheduleDayPlan.2 = 2)"
comes "the event that was due last is in force" 3 is "4 1 1 254 6"
check "local time follows" 1 $(($(get controllerLocalTime.0) - $(utc '2026-11-30 05:40:30') < 20))

# Row 3 fits one day of one month alone, so it is chosen before the two others: December 24, day plan 7.
# At 07:59 free, at 08:00 pattern 1 by an action of its own.
check "a day plan, an action, a row of the schedule" "" "$(put dayPlanHour.7.1 = 7 dayPlanMinute.7.1 = 59 dayPlanActionNumberOID.7.1 o $event.4 \
    dayPlanHour.7.2 = 8 dayPlanMinute.7.2 = 0 dayPlanActionNumberOID.7.2 o $event.9 timebaseAscPattern.9 = 1 \
    timeBaseScheduleMonth.3 = $((1 << 12)) timeBaseScheduleDay.3 = 254 timeBaseScheduleDate.3 i $((1 << 24)) timeBaseScheduleDayPlan.3 = 7)"
check "which changes nothing today" "4 1 1 254 6" "$(now)"
check "the day comes, just before the minute" "" "$(put globalTime.0 i "$(utc '2026-12-23 23:59:57')")"
comes "the event of the minute before is in force" 3 is "4 7 3 254 6"
check "and the junction free" 254 "$(get coordPatternStatus.0)"
comes "and at the minute the next one" 6 is "9 7 3 1 6"
second=$(($(get controllerLocalTime.0) - $(utc '2026-12-24 08:00:00')))
check "to the second ($second)" 1 $((second >= -1 && second <= 3)) # a tick may begin its minute 0.1 s early
comes "its pattern runs" 15 reads 1 coordPatternStatus.0

stop tscd KILL
controller_open # at night the stored schedule has it flash until the time is set
check "civil time is set after the power cut" "" "$(put globalTime.0 i "$(utc '2026-12-24 00:00:30')")"
comes "what was edited stands, and the event due is found again" 3 is "9 7 3 1 6"

check "the action is given another pattern" "" "$(put timebaseAscPattern.9 = 2)"
comes "which is asked for at once" 3 is "9 7 3 2 6"
check "the event another action" "" "$(put dayPlanActionNumberOID.7.2 o $event.1)"
comes "and that at once too" 3 is "1 7 3 1 6"
check "the event is moved to later" "" "$(put dayPlanHour.7.2 = 9)"
comes "so the one before it is due" 3 is "4 7 3 254 6"
check "the row is disabled" "" "$(put timeBaseScheduleDayPlan.3 = 0)"
comes "so another row holds the day: Thursday 07:00, pattern 1" 3 is "1 1 1 1 6"

refused() { check_match "$1" "$2*" "$(put "${@:3}")"; }
refused "an event that points to another kind of object" wrongValue dayPlanActionNumberOID.7.1 o TSC-NTCIP1202-MIB::phaseMinimumGreen.1
MIBS="" refused "to an action that is none" wrongValue .1.3.6.1.4.1.1206.4.2.6.3.3.5.1.5.7.1 o .1.3.6.1.4.1.1206.4.2.1.5.3.1.1.256
refused "to a whole column" wrongValue dayPlanActionNumberOID.7.1 o $event
check_match "none of which changed it" "*timebaseAscActionNumber.4" "$(get dayPlanActionNumberOID.7.1)"
check "an event to nothing does nothing" "" "$(put dayPlanActionNumberOID.7.1 o .0.0)"

stop tscd
check "the controller ends well" 0 "$status"
stop sim
finish
