/* Octet encoding rules: byte vectors, broken messages, and every object of the table there and back. */
#include "../../ntcip/device.h"
#include "../../ntcip/oer.h"
#include "harness.h"
#include <string.h>

static uint8_t buffer[UINT16_MAX + 3];
static struct oer_writer writer;

static void begin(void)
{
    memset(buffer, 0xEE, sizeof(buffer));
    writer = oer_write_to(buffer, sizeof(buffer));
}

#define CHECK_WRITTEN(...)                                                                                   \
    do {                                                                                                     \
        static const uint8_t expected[] = {__VA_ARGS__};                                                     \
        CHECK(!writer.full);                                                                                 \
        CHECK(writer.used == sizeof(expected));                                                              \
        CHECK_BYTES(expected, buffer, sizeof(expected));                                                     \
    } while (0)

static void put_number(const char *name, int64_t number)
{
    oer_put_value(&writer, object_by_name(name), &(struct value){.type = VALUE_INTEGER, .number = number});
}

static void numbers_are_as_wide_as_their_range(void)
{
    begin();
    put_number("phaseWalk", 7);                               /* 0..255 */
    put_number("phaseOptions", 0x1234);                       /* 0..65535 */
    put_number("timeBaseScheduleDate", UINT32_C(0x80000001)); /* 0..2^32-1 */
    put_number("controllerStandardTimeZone", -18000);         /* -43200..43200 */
    put_number("phaseStartup", 3);                            /* named */
    CHECK_WRITTEN(0x07, 0x12, 0x34, 0x80, 0x00, 0x00, 0x01, 0xFF, 0xFF, 0xB9, 0xB0, 0x03);
    CHECK_INT(1, oer_number_size(0, 255));
    CHECK_INT(2, oer_number_size(0, 256));
    CHECK_INT(2, oer_number_size(1, 65535));
    CHECK_INT(4, oer_number_size(0, 65536));
    CHECK_INT(-1, oer_number_size(-128, 127));
    CHECK_INT(-2, oer_number_size(-1, 128));
    CHECK_INT(-4, oer_number_size(-32769, 0));
}

static void numbers_without_a_range_say_their_length(void)
{
    begin();
    oer_put_integer(&writer, 0);
    oer_put_integer(&writer, 127);
    oer_put_integer(&writer, 128);
    oer_put_integer(&writer, -128);
    oer_put_integer(&writer, -129);
    oer_put_integer(&writer, INT32_MAX);
    CHECK_WRITTEN(1, 0, 1, 0x7F, 2, 0, 0x80, 1, 0x80, 2, 0xFF, 0x7F, 4, 0x7F, 0xFF, 0xFF, 0xFF);
    CHECK_INT(0, oer_number_size(INT32_MIN, INT32_MAX));
    struct oer_reader reader = oer_read_from(buffer, writer.used);
    static const int64_t numbers[] = {0, 127, 128, -128, -129, INT32_MAX};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        CHECK_INT(numbers[i], oer_get_integer(&reader));
    CHECK(!reader.broken && reader.left == 0);
    reader = oer_read_from((const uint8_t[]){0}, 1);
    CHECK_INT(0, oer_get_integer(&reader));
    CHECK(reader.broken);
}

static void strings_have_a_length(void)
{
    struct value phases = {.type = VALUE_OCTETS, .length = 2, .octet = {5, 6}};
    begin();
    oer_put_value(&writer, object_by_name("phaseConcurrency"), &phases);
    oer_put_octets(&writer, phases.octet, 2);
    CHECK_WRITTEN(0x02, 0x05, 0x06, 0x05, 0x06);
}

static void lengths_grow(void)
{
    static const struct {
        size_t length;
        int size;
        uint8_t octet[4];
    } cases[] = {
        {0, 1, {0x00}},
        {127, 1, {0x7F}},
        {128, 2, {0x81, 0x80}},
        {255, 2, {0x81, 0xFF}},
        {256, 3, {0x82, 0x01, 0x00}},
        {65536, 4, {0x83, 0x01, 0x00, 0x00}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        oer_put_length(&writer, cases[i].length);
        CHECK(writer.used == (size_t)cases[i].size);
        CHECK_BYTES(cases[i].octet, buffer, (size_t)cases[i].size);
        struct oer_reader reader = oer_read_from(buffer, writer.used);
        CHECK(oer_get_length(&reader) == cases[i].length);
        CHECK(!reader.broken && reader.left == 0);
    }
}

static void counts_say_their_own_length(void)
{
    begin();
    oer_put_count(&writer, 0);
    oer_put_count(&writer, 16);
    oer_put_count(&writer, 300);
    CHECK_WRITTEN(0x01, 0x00, 0x01, 0x10, 0x02, 0x01, 0x2C);
    struct oer_reader reader = oer_read_from(buffer, writer.used);
    CHECK(oer_get_count(&reader) == 0);
    CHECK(oer_get_count(&reader) == 16);
    CHECK(oer_get_count(&reader) == 300);
    CHECK(!reader.broken && reader.left == 0);
}

static void identifiers_are_as_ber_has_them(void)
{
    struct object_instance action;
    struct value value = {.type = VALUE_OBJECT_ID};
    CHECK_INT(OBJECT_OK, object_parse("timebaseAscActionNumber.3", &action));
    object_instance_id(&action, &value.id);
    begin();
    oer_put_value(&writer, object_by_name("dayPlanActionNumberOID"), &value);
    oer_put_object_id(&writer, &(struct object_id){.length = 2});
    oer_put_object_id(&writer, &(struct object_id){3, {2, 100, UINT32_MAX}});
    CHECK_WRITTEN(0x0F, 0x2B, 6, 1, 4, 1, 0x89, 0x36, 4, 2, 1, 5, 3, 1, 1, 3, 0x01, 0x00, 0x07, 0x81, 0x34,
                  0x8F, 0xFF, 0xFF, 0xFF, 0x7F);
    struct oer_reader reader = oer_read_from(buffer, writer.used);
    struct object_id id;
    oer_get_object_id(&reader, &id);
    CHECK(id.length == value.id.length && memcmp(id.arc, value.id.arc, id.length * sizeof(id.arc[0])) == 0);
    oer_get_object_id(&reader, &id);
    CHECK(id.length == 2 && id.arc[0] == 0 && id.arc[1] == 0);
    oer_get_object_id(&reader, &id);
    CHECK(id.length == 3 && id.arc[0] == 2 && id.arc[1] == 100 && id.arc[2] == UINT32_MAX);
    CHECK(!reader.broken && reader.left == 0);
}

static void a_full_writer_stays_full(void)
{
    uint8_t small[4] = {0};
    struct oer_writer w = oer_write_to(small, 3);
    oer_put_number(&w, 1, 2);
    oer_put_number(&w, 0x0203, 2);
    oer_put_number(&w, 4, 1); /* would fit, but something is missing before it */
    CHECK(w.full);
    CHECK(w.used == 2);
    CHECK_INT(0, small[2]);
    CHECK_INT(0, small[3]);
}

/* None of these is a message; nothing may be read behind its end. */
static void broken_messages_are_seen(void)
{
    static const struct {
        const char *object;
        size_t size;
        uint8_t octet[12];
    } cases[] = {
        {"phaseWalk", 0, {0}},
        {"phaseOptions", 1, {1}},
        {"phaseConcurrency", 0, {0}},
        {"phaseConcurrency", 2, {2, 1}},
        {"phaseConcurrency", 3, {0x80, 1, 2}},                       /* a length of no octets */
        {"phaseConcurrency", 2, {0x82, 1}},                          /* that ends within itself */
        {"phaseConcurrency", 10, {0x89, 0, 0, 0, 0, 0, 0, 0, 0, 1}}, /* too wide */
        {"phaseConcurrency", 10, {0x88, 255, 255, 255, 255, 255, 255, 255, 255, 1}}, /* nobody has so much */
        {"dayPlanActionNumberOID", 1, {0}},
        {"dayPlanActionNumberOID", 2, {1, 0x80}},
        {"dayPlanActionNumberOID", 8, {7, 0x2B, 0x9F, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F}}, /* beyond 32 bits */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        harness_at("case %zu", i);
        uint8_t exact[12]; /* where a sanitizer would see it */
        memcpy(exact + 12 - cases[i].size, cases[i].octet, cases[i].size);
        struct oer_reader reader = oer_read_from(exact + 12 - cases[i].size, cases[i].size);
        struct value value;
        oer_get_value(&reader, object_by_name(cases[i].object), &value);
        CHECK(reader.broken);
    }
    static const uint8_t long_count[] = {9, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    struct oer_reader reader = oer_read_from(long_count, sizeof(long_count));
    CHECK(oer_get_count(&reader) == 0);
    CHECK(reader.broken);
}

/* ---- every object ---- */

static bool same(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    if (a->type == VALUE_OCTETS || a->type == VALUE_OPAQUE || a->type == VALUE_IP_ADDRESS)
        return a->length == b->length && memcmp(value_octets(a), value_octets(b), a->length) == 0;
    if (a->type == VALUE_OBJECT_ID)
        return a->id.length == b->id.length &&
               memcmp(a->id.arc, b->id.arc, a->id.length * sizeof(a->id.arc[0])) == 0;
    return a->number == b->number;
}

static void there_and_back(const struct object *object, const struct value *value)
{
    struct value back = {.type = VALUE_OTHER};
    begin();
    oer_put_value(&writer, object, value);
    CHECK(!writer.full);
    CHECK(writer.used <= oer_value_size_max(object));
    struct oer_reader reader = oer_read_from(buffer, writer.used);
    oer_get_value(&reader, object, &back);
    CHECK(!reader.broken && reader.left == 0);
    CHECK(same(value, &back));
    for (size_t size = 0; size < writer.used; size++) {
        reader = oer_read_from(buffer, size);
        oer_get_value(&reader, object, &back);
        CHECK(reader.broken);
    }
}

static uint8_t long_octets[UINT16_MAX];

static void ends_of_the_range(const struct object *object)
{
    struct value value = {.type = VALUE_INTEGER};
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
        value.number = object->low;
        there_and_back(object, &value);
        value.number = object->high;
        there_and_back(object, &value);
        break;
    case SYNTAX_COUNTER:
    case SYNTAX_GAUGE:
    case SYNTAX_TIMETICKS:
        value.type = object->syntax == SYNTAX_COUNTER ? VALUE_COUNTER
                     : object->syntax == SYNTAX_GAUGE ? VALUE_GAUGE
                                                      : VALUE_TIMETICKS;
        value.number = UINT32_MAX;
        there_and_back(object, &value);
        break;
    case SYNTAX_IP_ADDRESS:
        value = (struct value){.type = VALUE_IP_ADDRESS, .length = 4, .octet = {192, 0, 2, 7}};
        there_and_back(object, &value);
        break;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_OPAQUE:
    case SYNTAX_LIST:
        value = (struct value){.type = object->syntax == SYNTAX_OPAQUE ? VALUE_OPAQUE : VALUE_OCTETS};
        value.length = object->syntax == SYNTAX_LIST ? 0 : (uint16_t)object->low;
        there_and_back(object, &value);
        value.length = object->syntax == SYNTAX_LIST ? object->length : (uint16_t)object->high;
        value.all = long_octets;
        memset(value.octet, 0xA5, sizeof(value.octet));
        there_and_back(object, &value);
        break;
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER: /* these come with what the stores hold */
        break;
    }
}

static void every_object_there_and_back(void)
{
    static struct database db;
    static struct control control;
    static struct engine_status status;
    static struct object_extra extra;
    object_defaults(&db);
    static struct device device;
    const struct object_view view = {
        .db = &db, .control = &control, .status = &status, .extra = &extra, .device = &device, .admin = true};
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        struct object_instance at = {.object = object};
        struct value value;
        harness_at("%s", object->name);
        for (int key = 0; object->table && key < object->table->keys; key++)
            at.row[key] = 1;
        if (object_get(&at, &view, &value) == OBJECT_OK)
            there_and_back(object, &value);
        ends_of_the_range(object);
    }
}

HARNESS_MAIN({"numbers are as wide as their range", numbers_are_as_wide_as_their_range},
             {"numbers without a range say their length", numbers_without_a_range_say_their_length},
             {"strings have a length", strings_have_a_length}, {"lengths grow", lengths_grow},
             {"counts say their own length", counts_say_their_own_length},
             {"identifiers are as BER has them", identifiers_are_as_ber_has_them},
             {"a full writer stays full", a_full_writer_stays_full},
             {"broken messages are seen", broken_messages_are_seen},
             {"every object there and back", every_object_there_and_back}, )
