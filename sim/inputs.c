#include "inputs.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t bit;
} switches[] = {
    {"stopTime", CABINET_STOP_TIME},
    {"manualControl", CABINET_MANUAL_CONTROL},
    {"intervalAdvance", CABINET_INTERVAL_ADVANCE},
    {"door", CABINET_DOOR},
    {"externalMinRecall", CABINET_EXTERNAL_MIN_RECALL},
    {"nonActuated1", CABINET_NON_ACTUATED_1},
    {"nonActuated2", CABINET_NON_ACTUATED_2},
    {"walkRest", CABINET_WALK_REST},
    {"flash", CABINET_AUTOMATIC_FLASH},
    {"free", CABINET_FREE},
    {"dimming", CABINET_DIMMING},
};

/* The number in "WORD.NUMBER", 0 if `name` is not that or the number is beyond `max`. */
static int numbered(const char *name, const char *word, int max)
{
    size_t length = strlen(word);
    if (strncmp(name, word, length) != 0 || name[length] != '.')
        return 0;
    const char *digits = name + length + 1;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > 3 || digits[count] != '\0' || digits[0] == '0')
        return 0;
    int no = atoi(digits);
    return no <= max ? no : 0;
}

static unsigned with_bit(unsigned mask, int no, bool on)
{
    unsigned bit = 1U << (no - 1);
    return on ? mask | bit : mask & ~bit;
}

static int switch_numbered(struct cabinet_image *image, const char *name, bool on)
{
    int no;
    if ((no = numbered(name, "preempt", PREEMPTS_MAX)) != 0)
        image->preempt = (uint16_t)with_bit(image->preempt, no, on);
    else if ((no = numbered(name, "priority", PRIORITIES_MAX)) != 0)
        image->priority = (uint16_t)with_bit(image->priority, no, on);
    else if ((no = numbered(name, "alarm", ALARM_INPUTS)) != 0)
        image->alarms = (uint8_t)with_bit(image->alarms, no, on);
    else if ((no = numbered(name, "interconnect", PATTERN_FLASH)) != 0)
        image->interconnect_pattern_no = (uint8_t)(on ? no : 0);
    else if ((no = numbered(name, "vehicleFault", VEHICLE_DETECTORS_MAX)) != 0)
        detector_put(&image->vehicle_fault, no, on);
    else
        return -1;
    return 0;
}

int inputs_switch(struct cabinet_image *image, const char *name, bool on)
{
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        if (strcmp(switches[i].name, name) == 0) {
            image->inputs = on ? image->inputs | switches[i].bit : image->inputs & ~switches[i].bit;
            return 0;
        }
    }
    return switch_numbered(image, name, on);
}
