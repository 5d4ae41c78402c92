/* The objects of signal phase and timing and of requests for priority, as a centre and a roadside unit use
 * them. */
#include "../../ntcip/device.h"
#include "../../ntcip/object_arcs.h"
#include "../../ntcip/set.h"
#include "harness.h"
#include <stdio.h>
#include <string.h>

static struct database db;
static struct control control;
static struct engine_status status;
static struct object_extra extra;
static struct device device;
static struct set_stage stage;
static struct set_result result;
static const struct object_view view = {
    .db = &db, .control = &control, .status = &status, .extra = &extra, .device = &device, .aliases = true};

static void fresh(void)
{
    object_defaults(&db);
    memset(&control, 0, sizeof control);
    memset(&status, 0, sizeof status);
    memset(&extra, 0, sizeof extra);
    device_init(&device);
    status.unit = UNIT_RUNNING;
    db.priority.request[1] = (struct priority_row){.enabled = 1, .phase = {.count = 1, .number = {2}}};
}

static struct value get(const char *name)
{
    struct object_instance at;
    struct value value = {.type = VALUE_OTHER};
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    return value;
}

static enum set_error set_from(const char *name, struct value value, const char *source)
{
    struct object_instance at;
    struct set_item item = {.value = value};
    const struct set_sender sender = {.who = "roadside", .source = source};
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    object_instance_id(&at, &item.id);
    enum set_error error = set_stage(&item, 1, &view, &sender, NULL, NULL, &stage, &result);
    if (error == SET_OK) {
        if (stage.db_changed)
            db = stage.db;
        set_call_device(&stage, &device);
    }
    return error;
}

static enum set_error set(const char *name, struct value value)
{
    return set_from(name, value, "udp:192.0.2.7:40001");
}

static struct value number(int64_t n)
{
    return (struct value){.type = VALUE_INTEGER, .number = n};
}

static struct value octets(const void *text, size_t length)
{
    struct value value = {.type = VALUE_OCTETS, .length = (uint16_t)length};
    memcpy(value.octet, text, length);
    return value;
}

/* ---- the tick ---- */

static void ticks_of_the_hour(void)
{
    fresh();
    status.now_ds = 36123;
    CHECK_INT(123, get("ascCurrentTick.0").number);
    CHECK_INT(0, get("spatTimestamp.0").length);
    status.utc_ds = INT64_C(17954135999); /* 2026-11-23 05:59:59.9 UTC */
    CHECK_INT(35999, get("ascCurrentTick.0").number);
    CHECK_BYTES("\x05\x3B\x3B\x03\x84", get("spatTimestamp.0").octet, 5);
    status.utc_ds++;
    CHECK_INT(0, get("ascCurrentTick.0").number);
    CHECK_BYTES("\x06\x00\x00\x00\x00", get("spatTimestamp.0").octet, 5);
    extra.tick_age_ms = 42;
    CHECK_INT(42, get("ascCurrentTickMsOffset.0").number);
}

/* ---- who has asked ---- */

static const struct spat_requester *requester(int ix)
{
    return &device.spat.requester[ix];
}

static void the_switch(void)
{
    fresh();
    CHECK_INT(0, get("tscbmEnable.0").number);
    CHECK_INT(SET_OK, set("tscbmEnable.0", number(6)));
    CHECK_INT(6, get("tscbmEnable.0").number);
    CHECK_STR("udp:192.0.2.7:40001", requester(0)->source);
    CHECK_INT(6, requester(0)->form);
    CHECK_INT(SET_OK, set_from("tscbmEnable.0", number(2), "udp:192.0.2.7:50000"));
    CHECK_STR("udp:192.0.2.7:50000", requester(0)->source); /* the same host, another port */
    CHECK_INT(2, requester(0)->asked_no);
    CHECK_STR("", requester(1)->source);
    CHECK_INT(SET_OK, set_from("tscbmEnable.0", number(2), "udp6:[2001:db8::7]:50000"));
    CHECK_STR("udp6:[2001:db8::7]:50000", requester(1)->source);
    CHECK_INT(SET_OK, set("tscbmEnable.0", number(1))); /* another message's bit */
    CHECK_STR("", requester(0)->source);
    CHECK_STR("", requester(1)->source);
    CHECK_INT(SET_WRONG_VALUE, set("tscbmEnable.0", number(256)));
    CHECK_INT(SET_WRONG_TYPE, set("tscbmEnable.0", octets("\2", 1)));
    CHECK_INT(1, get("tscbmEnable.0").number);
}

static void five_ask(void)
{
    fresh();
    for (int i = 1; i <= SPAT_REQUESTERS_MAX + 1; i++) {
        char source[64];
        snprintf(source, sizeof source, "udp:192.0.2.%d:40001", i);
        device.now_ms = i * 1000;
        CHECK_INT(SET_OK, set_from("tscbmEnable.0", number(2), source));
    }
    CHECK_STR("udp:192.0.2.5:40001", requester(0)->source);
    CHECK_STR("udp:192.0.2.2:40001", requester(1)->source);
    spat_expire(&device.spat, 0, INT64_C(1) << 40);
    CHECK_STR("udp:192.0.2.2:40001", requester(1)->source);
    spat_expire(&device.spat, 60, 63000);
    CHECK_STR("", requester(1)->source);
    CHECK_STR("udp:192.0.2.3:40001", requester(2)->source);
}

static void old_names(void)
{
    struct object_instance at;
    struct object_id bare = OID(TSCBM, 1), one = OID(TSCBM, 1, 1), two = OID(TSCBM, 1, 2);
    CHECK_INT(OBJECT_OK, object_find(&bare, &at));
    CHECK_STR("tscbmEnable", at.object->name);
    CHECK_INT(OBJECT_OK, object_find(&one, &at));
    CHECK_INT(OBJECT_NO_INSTANCE, object_find(&two, &at));
}

/* ---- ports ---- */

static void what_a_port_says(void)
{
    fresh();
    CHECK_INT(SPAT_PORT_DISABLED, get("spatPortStatus.1").number);
    CHECK_INT(SET_OK, set("rsuCommPort.0", number(1)));
    CHECK_INT(SET_OK, set("spatOptions.0", number(1)));
    CHECK_INT(SET_OK, set("spatPortOptions.2", number(1)));
    CHECK_INT(SPAT_PORT_DISABLED, get("spatPortStatus.2").number);
    CHECK_INT(SET_OK, set("rsuPortNumber.2", number(6053)));
    CHECK_INT(SPAT_PORT_OTHER, get("spatPortStatus.2").number);
    CHECK_INT(SET_OK, set("rsuPortName.2", octets("192.0.2.33", 10)));
    CHECK_INT(SPAT_PORT_NORMAL, get("spatPortStatus.2").number);
    CHECK_INT(SPAT_PORT_DISABLED, get("spatPortStatus.1").number);
    CHECK_INT(SET_OK, set("spatEnabledLanesCommand.0", octets("\3\4", 2)));
    CHECK_INT(SPAT_PORT_LANES_ERROR, get("spatPortStatus.2").number);
    CHECK_INT(SPAT_PORT_DISABLED, get("spatPortStatus.1").number);
    CHECK_INT(SET_OK, set("spatEnabledLanesCommand.0", octets("\xFF", 1)));
    CHECK_INT(SPAT_PORT_NORMAL, get("spatPortStatus.2").number);
    CHECK_INT(SET_WRONG_VALUE, set("spatOptions.0", number(2)));
    CHECK_INT(SET_WRONG_LENGTH, set("patternSpatEnabledLanes.1", octets("\3", 1)));
}

static void addresses(void)
{
    static const char *const wrong[] = {"",          "north",      "1.2.3",        "1.2.3.4.5",
                                        "1.2.3.256", "1.2.3.4 ",   "1..3.4",       ".1.2.3.4",
                                        "1.2.3.4.",  "0001.2.3.4", "192.0.2.33:6", "-1.2.3.4"};
    uint8_t ip[4] = {9, 9, 9, 9};
    fresh();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        harness_at("%s", wrong[i]);
        CHECK_INT(SET_OK, set("rsuPortName.4", octets(wrong[i], strlen(wrong[i]))));
        CHECK(!spat_port_address(&db, 4, ip));
        CHECK_BYTES("\x09\x09\x09\x09", ip, 4);
    }
    CHECK_INT(SET_OK, set("rsuPortName.4", octets("192.0.2.255", 11)));
    CHECK(spat_port_address(&db, 4, ip));
    CHECK_BYTES("\xC0\x00\x02\xFF", ip, 4);
}

/* A name that is no address leads to the logical names, as far as they are in use. */
static void logical_addresses(void)
{
    uint8_t ip[4];
    fresh();
    CHECK_INT(SET_OK, set("rsuPortName.4", octets("north", 5)));
    CHECK_INT(SET_OK, set("rsuPortPointer.4", number(2)));
    struct logical_name_row *name = &db.device.notify.logical_name[1];
    memcpy(name->address, "\xC0\x00\x02\x07", 4);
    name->status = ROW_STANDBY;
    CHECK(!spat_port_address(&db, 4, ip));
    name->status = ROW_AVAILABLE;
    CHECK(spat_port_address(&db, 4, ip));
    CHECK_BYTES("\xC0\x00\x02\x07", ip, 4);
    memset(name->address, 0, 4);
    CHECK(!spat_port_address(&db, 4, ip));
    CHECK_INT(SET_OK, set("rsuPortPointer.4", number(255)));
    CHECK(!spat_port_address(&db, 4, ip));
}

static void maps(void)
{
    fresh();
    CHECK_INT(SET_OK, set("spatPortMapActivationCode.1", octets("\x08\xAB\xCD", 3)));
    CHECK_BYTES("\x08\xAB\xCD", get("spatPortMapActivationCode.1").octet, 3);
    CHECK_INT(SET_WRONG_VALUE, set("spatPortMapActivationCode.1", octets("\x09\xAB\xCD", 3)));
    CHECK_INT(SET_WRONG_VALUE, set("spatPortMapActivationCode.1", octets("\x00\xAB\xCD", 3)));
    CHECK_INT(SET_OK, set("spatPortMapActivationCode.1", octets("\0\0", 3)));
    CHECK_INT(SET_OK, set("mapActivatePlan.0", octets("\0\0", 3)));
    CHECK_INT(SET_GENERAL, set("mapActivatePlan.0", octets("\x01\xAB\xCD", 3)));
    CHECK_INT(0, get("maxRsuAscs.0").number);
}

/* ---- requests for priority ---- */

/* A request of vehicle "bus" for strategy `strategy_no`. */
static struct value ask(int no, int strategy_no, size_t length)
{
    uint8_t text[PRG_ABSOLUTE_OCTETS] = {(uint8_t)no, 'b', 'u', 's'};
    text[18] = text[19] = 1;
    text[20] = (uint8_t)strategy_no;
    text[22] = 1;
    text[24] = 9;
    return octets(text, length);
}

static int state_of_selected(void)
{
    struct value buffer = get("prgPriorityStatusBuffer.0");
    CHECK_INT(PRG_STATUS_OCTETS, buffer.length);
    return buffer.octet[21];
}

static void a_bus_asks(void)
{
    struct control_op op;
    fresh();
    device_step(&device, &view, 5000);
    CHECK_INT(SET_OK, set("prgPriorityRequest.0", ask(1, 2, PRG_REQUEST_OCTETS)));
    CHECK_INT(SET_OK, set("prgPriorityStatusControl.0", ask(1, 2, PRG_KEY_OCTETS)));
    CHECK_INT(PRG_READY_QUEUED, state_of_selected());
    CHECK(!prg_device_command(&device.prg, &control, &op));
    device_step(&device, &view, 6000);
    CHECK(prg_device_command(&device.prg, &control, &op));
    prg_device_commanded(&device.prg, &op);
    control_apply(&control, &op);
    CHECK_HEX(2, control.priority_mask);
    CHECK(!prg_device_command(&device.prg, &control, &op));
    status.priority_no = 2;
    device_step(&device, &view, 6100);
    CHECK_INT(PRG_ACTIVE_PROCESSING, state_of_selected());
    control.priority_mask |= 4; /* the centre calls another one */
    CHECK_INT(SET_INCONSISTENT_VALUE, set("prgPriorityClear.0", ask(1, 2, PRG_KEY_OCTETS)));
    CHECK_INT(SET_OK, set("prgPriorityCancel.0", ask(1, 2, PRG_KEY_OCTETS)));
    CHECK_INT(PRG_CLOSED_CANCELED, state_of_selected());
    device_step(&device, &view, 6200);
    CHECK(prg_device_command(&device.prg, &control, &op));
    prg_device_commanded(&device.prg, &op);
    control_apply(&control, &op);
    CHECK_HEX(4, control.priority_mask);
    CHECK_INT(SET_OK, set("prgPriorityClear.0", ask(1, 2, PRG_KEY_OCTETS)));
    CHECK_INT(PRG_IDLE_NOT_VALID, state_of_selected());
    CHECK_BYTES(ask(1, 2, PRG_KEY_OCTETS).octet, get("prgPriorityCancel.0").octet, PRG_KEY_OCTETS);
}

static void wrong_requests(void)
{
    fresh();
    CHECK_INT(SET_WRONG_VALUE, set("prgPriorityRequest.0", ask(0, 2, PRG_REQUEST_OCTETS)));
    CHECK_INT(SET_WRONG_LENGTH, set("prgPriorityRequest.0", ask(1, 2, PRG_ABSOLUTE_OCTETS)));
    CHECK_INT(SET_WRONG_TYPE, set("prgPriorityRequest.0", number(1)));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("prgPriorityUpdate.0", ask(1, 2, PRG_REQUEST_OCTETS)));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("prgPriorityCancel.0", ask(1, 2, PRG_KEY_OCTETS)));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("prgPriorityRequestAbsolute.0", ask(1, 2, PRG_ABSOLUTE_OCTETS)));
    for (int no = 1; no <= PRG_ROWS; no++)
        CHECK_INT(SET_OK, set("prgPriorityRequest.0", ask(no, 2, PRG_REQUEST_OCTETS)));
    CHECK_INT(SET_RESOURCE_UNAVAILABLE, set("prgPriorityRequest.0", ask(99, 2, PRG_REQUEST_OCTETS)));
    CHECK_INT(SET_OK, set("prgPriorityRequest.0", ask(3, 2, PRG_REQUEST_OCTETS))); /* once more */
    CHECK_INT(SET_OK, set("prgPriorityUpdate.0", ask(3, 2, PRG_REQUEST_OCTETS)));
}

HARNESS_MAIN({"the tick counts tenths of the hour", ticks_of_the_hour},
             {"the switch knows who wrote it", the_switch},
             {"a fifth takes the place of the longest silent", five_ask},
             {"the switch stands where old clients look", old_names},
             {"what a port says of itself", what_a_port_says}, {"a name that is an address", addresses},
             {"a name that leads to one", logical_addresses}, {"maps are not ours", maps},
             {"a bus asks, is served and leaves", a_bus_asks},
             {"wrong requests change nothing", wrong_requests}, )
