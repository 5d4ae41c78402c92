/* Values in BER, against octets written down by hand from X.690's rules. */
#include "../../ntcip/ber.h"
#include "harness.h"
#include <string.h>

#define CHECK_BER(value_, ...)                                                                               \
    do {                                                                                                     \
        const uint8_t expected_[] = {__VA_ARGS__};                                                           \
        uint8_t out_[64];                                                                                    \
        struct value v_ = value_;                                                                            \
        if (CHECK_INT(sizeof expected_, ber_encode(&v_, out_, sizeof out_)))                                 \
            CHECK_BYTES(expected_, out_, sizeof expected_);                                                  \
    } while (0)

static struct value number(enum value_type type, int64_t n)
{
    return (struct value){.type = type, .number = n};
}

static void integers_are_as_short_as_they_can_be(void)
{
    CHECK_BER(number(VALUE_INTEGER, 0), 0x02, 1, 0x00);
    CHECK_BER(number(VALUE_INTEGER, 127), 0x02, 1, 0x7F);
    CHECK_BER(number(VALUE_INTEGER, 128), 0x02, 2, 0x00, 0x80);
    CHECK_BER(number(VALUE_INTEGER, 256), 0x02, 2, 0x01, 0x00);
    CHECK_BER(number(VALUE_INTEGER, -1), 0x02, 1, 0xFF);
    CHECK_BER(number(VALUE_INTEGER, -128), 0x02, 1, 0x80);
    CHECK_BER(number(VALUE_INTEGER, -129), 0x02, 2, 0xFF, 0x7F);
    CHECK_BER(number(VALUE_INTEGER, 0x7FFFFFFF), 0x02, 4, 0x7F, 0xFF, 0xFF, 0xFF);
}

static void counters_are_never_negative(void)
{
    CHECK_BER(number(VALUE_COUNTER, 0xFFFFFFFF), 0x41, 5, 0x00, 0xFF, 0xFF, 0xFF, 0xFF);
    CHECK_BER(number(VALUE_GAUGE, 200), 0x42, 2, 0x00, 0xC8);
    CHECK_BER(number(VALUE_TIMETICKS, 1), 0x43, 1, 0x01);
}

static void octets_carry_their_length(void)
{
    struct value value = {.type = VALUE_OCTETS, .length = 0};
    CHECK_BER(value, 0x04, 0);
    value.length = 2;
    memcpy(value.octet, "ok", 2);
    CHECK_BER(value, 0x04, 2, 'o', 'k');

    uint8_t out[300];
    memset(value.octet, 'x', sizeof value.octet);
    value.length = 127;
    CHECK_INT(129, ber_encode(&value, out, sizeof out));
    value.length = 128;
    CHECK_INT(131, ber_encode(&value, out, sizeof out));
    CHECK_BYTES("\x04\x81\x80x", out, 4);
    value.length = 256;
    CHECK_INT(260, ber_encode(&value, out, sizeof out));
    CHECK_BYTES("\x04\x82\x01\x00x", out, 5);

    static uint8_t longer[1000] = {[999] = 'z'};
    value.length = sizeof longer;
    value.all = longer;
    CHECK_INT(-1, ber_encode(&value, out, sizeof out));
    uint8_t enough[1004];
    CHECK_INT(1004, ber_encode(&value, enough, sizeof enough));
    CHECK_BYTES("\x04\x82\x03\xE8", enough, 4);
    CHECK_INT('z', enough[1003]);
}

static void an_opaque_value_is_wrapped_twice(void)
{
    struct value value = {.type = VALUE_OPAQUE, .length = 2, .octet = {0x04, 0x00}};
    CHECK_BER(value, 0x44, 2, 0x04, 0x00); /* the example in 1103's eventLogValue */
    value = (struct value){.type = VALUE_IP_ADDRESS, .length = 4, .octet = {192, 0, 2, 7}};
    CHECK_BER(value, 0x40, 4, 192, 0, 2, 7);
}

static void identifiers_join_their_first_two_arcs(void)
{
    struct value value = {.type = VALUE_OBJECT_ID, .id = {.length = 2}};
    CHECK_BER(value, 0x06, 1, 0x00);
    value.id = (struct object_id){.length = 9, .arc = {1, 3, 6, 1, 4, 1, 1206, 4, 4294967295}};
    CHECK_BER(value, 0x06, 13, 0x2B, 6, 1, 4, 1, 0x89, 0x36, 4, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F);
}

static void what_does_not_fit_is_refused(void)
{
    uint8_t out[4] = {0, 0, 0, 0xAA};
    struct value value = number(VALUE_INTEGER, 256);
    CHECK_INT(-1, ber_encode(&value, out, 3));
    CHECK_INT(0xAA, out[3]);
    CHECK_INT(4, ber_encode(&value, out, 4));
    CHECK_INT(-1, ber_encode_null(out, 1));
    CHECK_INT(2, ber_encode_null(out, 2));
    CHECK_BYTES("\x05\x00", out, 2);
    value.type = VALUE_OTHER;
    CHECK_INT(-1, ber_encode(&value, out, sizeof out));
}

HARNESS_MAIN({"integers are as short as they can be", integers_are_as_short_as_they_can_be},
             {"counters are never negative", counters_are_never_negative},
             {"octets carry their length", octets_carry_their_length},
             {"an opaque value is wrapped twice", an_opaque_value_is_wrapped_twice},
             {"identifiers join their first two arcs", identifiers_join_their_first_two_arcs},
             {"what does not fit is refused", what_does_not_fit_is_refused})
