/* The blocks of data type 0 and their elements: the parameters that version 2 of the standard has in each
 * table, in the order of their columns. */
#include "block.h"

static const char *const phase[] = {
    "phaseWalk",
    "phasePedestrianClear",
    "phaseMinimumGreen",
    "phasePassage",
    "phaseMaximum1",
    "phaseMaximum2",
    "phaseYellowChange",
    "phaseRedClear",
    "phaseRedRevert",
    "phaseAddedInitial",
    "phaseMaximumInitial",
    "phaseTimeBeforeReduction",
    "phaseCarsBeforeReduction",
    "phaseTimeToReduce",
    "phaseReduceBy",
    "phaseMinimumGap",
    "phaseDynamicMaxLimit",
    "phaseDynamicMaxStep",
    "phaseStartup",
    "phaseOptions",
    "phaseRing",
    "phaseConcurrency",
    NULL,
};

static const char *const vehicle_detector[] = {
    "vehicleDetectorOptions",
    "vehicleDetectorCallPhase",
    "vehicleDetectorSwitchPhase",
    "vehicleDetectorDelay",
    "vehicleDetectorExtend",
    "vehicleDetectorQueueLimit",
    "vehicleDetectorNoActivity",
    "vehicleDetectorMaxPresence",
    "vehicleDetectorErraticCounts",
    "vehicleDetectorFailTime",
    NULL,
};

static const char *const pedestrian_detector[] = {
    "pedestrianDetectorCallPhase",
    "pedestrianDetectorNoActivity",
    "pedestrianDetectorMaxPresence",
    "pedestrianDetectorErraticCounts",
    NULL,
};

static const char *const pattern[] = {
    "patternCycleTime", "patternOffsetTime", "patternSplitNumber", "patternSequenceNumber", NULL,
};

static const char *const split[] = {"splitTime", "splitMode", "splitCoordPhase", NULL};

static const char *const time_base[] = {
    "timebaseAscPattern",
    "timebaseAscAuxiliaryFunction",
    "timebaseAscSpecialFunction",
    NULL,
};

static const char *const preempt[] = {
    "preemptControl",        "preemptLink",
    "preemptDelay",          "preemptMinimumDuration",
    "preemptMinimumGreen",   "preemptMinimumWalk",
    "preemptEnterPedClear",  "preemptTrackGreen",
    "preemptDwellGreen",     "preemptMaximumPresence",
    "preemptTrackPhase",     "preemptDwellPhase",
    "preemptDwellPed",       "preemptExitPhase",
    "preemptTrackOverlap",   "preemptDwellOverlap",
    "preemptCyclingPhase",   "preemptCyclingPed",
    "preemptCyclingOverlap", "preemptEnterYellowChange",
    "preemptEnterRedClear",  "preemptTrackYellowChange",
    "preemptTrackRedClear",  NULL,
};

static const char *const sequence[] = {"sequenceData", NULL};

static const char *const channel[] = {
    "channelControlSource", "channelControlType", "channelFlash", "channelDim", NULL,
};

static const char *const overlap[] = {
    "overlapType",
    "overlapIncludedPhases",
    "overlapModifierPhases",
    "overlapTrailGreen",
    "overlapTrailYellow",
    "overlapTrailRed",
    NULL,
};

static const char *const port_1[] = {"port1DevicePresent", "port1Frame40Enable", NULL};

static const char *const schedule[] = {
    "timeBaseScheduleMonth", "timeBaseScheduleDay", "timeBaseScheduleDate", "timeBaseScheduleDayPlan", NULL,
};

static const char *const day_plan[] = {"dayPlanHour", "dayPlanMinute", "dayPlanActionNumberOID", NULL};

static const char *const event_configuration[] = {
    "eventConfigClass",      "eventConfigMode",   "eventConfigCompareValue", "eventConfigCompareValue2",
    "eventConfigCompareOID", "eventConfigLogOID", "eventConfigAction",       NULL,
};

static const char *const event_class[] = {
    "eventClassLimit",
    "eventClassClearTime",
    "eventClassDescription",
    NULL,
};

static const char *const dynamic_definition[] = {"dynObjVariable", NULL};

static const char *const dynamic_owner[] = {"dynObjConfigOwner", NULL};

static const char *const dynamic_status[] = {"dynObjConfigStatus", NULL};

static const char *const miscellaneous[] = {
    "volumeOccupancyPeriod",
    "unitStartUpFlash",
    "unitAutoPedestrianClear",
    "unitBackupTime",
    "unitRedRevert",
    "coordOperationalMode",
    "coordCorrectionMode",
    "coordMaximumMode",
    "coordForceMode",
    "timebaseAscPatternSync",
    "globalDaylightSaving",
    "controllerStandardTimeZone",
    NULL,
};

const struct block block_all[] = {
    {0x00, "phase", phase},
    {0x01, "vehicle detector", vehicle_detector},
    {0x02, "pedestrian detector", pedestrian_detector},
    {0x03, "pattern", pattern},
    {0x04, "split", split},
    {0x05, "time base", time_base},
    {0x06, "preempt", preempt},
    {0x07, "sequence", sequence},
    {0x08, "channel", channel},
    {0x09, "overlap", overlap},
    {0x0A, "port 1", port_1},
    {0x0B, "schedule", schedule},
    {0x0C, "day plan", day_plan},
    {0x0D, "event configuration", event_configuration},
    {0x0E, "event class", event_class},
    {BLOCK_DYNAMIC_DEFINITION, "dynamic object definition", dynamic_definition},
    {BLOCK_DYNAMIC_OWNER, "dynamic object owner", dynamic_owner},
    {BLOCK_DYNAMIC_STATUS, "dynamic object status", dynamic_status},
    {0x12, "miscellaneous", miscellaneous},
};
const size_t block_count = sizeof block_all / sizeof block_all[0];
