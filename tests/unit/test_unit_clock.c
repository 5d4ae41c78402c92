/* Jumps of civil time, as the ASC clock objects tell them. */
#include "../../ntcip/device.h"
#include "harness.h"
#include <string.h>

static struct device device;
static struct object_extra extra;
static struct object_latches latches;
static const struct object_view view = {.extra = &extra, .latches = &latches, .device = &device};

enum { START_MS = 5000 };

static void fresh(void)
{
    device_init(&device);
    memset(&extra, 0, sizeof(extra));
    memset(&latches, 0, sizeof(latches));
    device.now_ms = START_MS;
}

static int64_t get(const char *name)
{
    struct object_instance at;
    struct value value;
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    return value.number;
}

static void look(enum unit_clock_state state, int64_t offset_ms, bool by_centre)
{
    unit_clock_look(&device.clock, state, offset_ms, by_centre, device.now_ms);
}

static void sources_come_and_go(void)
{
    fresh();
    CHECK_INT(4, get("unitTimeSourceCurrent")); /* crystal, and still pending */
    CHECK_INT(5, get("unitTimeSourceStatus"));
    look(UNIT_CLOCK_SYNCED, 0, false);
    CHECK_INT(6, get("unitTimeSourceCurrent"));
    CHECK_INT(2, get("unitTimeSourceStatus"));
    look(UNIT_CLOCK_HOLDOVER, 50, false); /* drift is no jump */
    CHECK_INT(6, get("unitTimeSourceCurrent"));
    CHECK_INT(4, get("unitTimeSourceStatus"));
    look(UNIT_CLOCK_ALONE, 99, false);
    CHECK_INT(4, get("unitTimeSourceCurrent"));
    CHECK_INT(1, get("unitTimeSourceStatus"));
    CHECK_INT(1, get("unitTimeNonSequentialSource"));
    CHECK_INT(0, get("unitTimeNonSequentialChange"));
    CHECK_INT(6, get("unitTimeSourceAvailable.1"));
    CHECK_INT(4, get("unitTimeSourceAvailable.2"));
}

static void jumps_are_told_once(void)
{
    fresh();
    look(UNIT_CLOCK_SYNCED, 1000000, false);
    look(UNIT_CLOCK_SYNCED, 1000100, false);
    CHECK_INT(6, get("unitTimeNonSequentialSource")); /* the source itself */
    CHECK_INT((START_MS + 1000100) / 1000, get("unitTimeNonSequentialChange"));
    CHECK_INT(6, get("unitTimeSourceStatus"));
    CHECK_INT(6, get("unitTimeSourceStatus")); /* until the look after the reading */
    object_unlatch(&latches, NULL, &extra);
    CHECK_INT(2, get("unitTimeSourceStatus"));
    object_unlatch(&latches, NULL, &extra);
    look(UNIT_CLOCK_SYNCED, 0, true);
    CHECK_INT(3, get("unitTimeNonSequentialSource")); /* the centre */
    device.now_ms += UNIT_CLOCK_TOLD_MS - 1;
    CHECK_INT(6, get("unitTimeSourceStatus"));
    latches = (struct object_latches){0}; /* nobody has read it */
    device.now_ms++;
    CHECK_INT(2, get("unitTimeSourceStatus"));
    look(UNIT_CLOCK_ALONE, 60000, false);
    CHECK_INT(1, get("unitTimeNonSequentialSource")); /* nobody knows */
    look(UNIT_CLOCK_SYNCED, 0, false);
    CHECK_INT(5, get("unitTimeNonSequentialSource")); /* the source is heard again */
}

static void delta_has_its_sign_everywhere(void)
{
    static const struct {
        int64_t ms;
        uint8_t octet[UNIT_CLOCK_DELTA];
    } known[] = {
        {0, {0, 0, 0, 0, 0}},
        {3723004, {1, 2, 3, 0, 4}},
        {-3723004, {0xFF, 0xFE, 0xFD, 0xFF, 0xFC}},
        {999, {0, 0, 0, 3, 0xE7}},
        {-1000, {0, 0, 0xFF, 0, 0}},
        {86400000, {23, 59, 59, 0, 0}},
        {-86400000, {0xE9, 0xC5, 0xC5, 0, 0}},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        uint8_t octet[UNIT_CLOCK_DELTA];
        unit_clock_delta(known[i].ms, octet);
        harness_at("%lld ms", (long long)known[i].ms);
        CHECK_BYTES(known[i].octet, octet, sizeof(octet));
    }
    struct object_instance at;
    struct value value;
    fresh();
    CHECK_INT(OBJECT_OK, object_parse("unitTimeNonSequentialDelta.0", &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    CHECK_INT(0, value.length);
}

HARNESS_MAIN({"sources come and go", sources_come_and_go}, {"jumps are told once", jumps_are_told_once},
             {"a difference has its sign in every part", delta_has_its_sign_everywhere}, )
