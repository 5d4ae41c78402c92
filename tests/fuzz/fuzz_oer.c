/* Any octets as the value of any object in OER: never read beyond the end, and a value the object takes is
 * written and read as the same. */
#include "../../ntcip/oer.h"
#include "fuzz.h"
#include <string.h>

enum { ENCODED_MAX = 4096 };

static bool same(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case VALUE_INTEGER:
    case VALUE_COUNTER:
    case VALUE_GAUGE:
    case VALUE_TIMETICKS:
        return a->number == b->number;
    case VALUE_OCTETS:
    case VALUE_OPAQUE:
    case VALUE_IP_ADDRESS:
        return a->length == b->length && memcmp(value_octets(a), value_octets(b), a->length) == 0;
    case VALUE_OBJECT_ID:
        return a->id.length == b->id.length &&
               memcmp(a->id.arc, b->id.arc, a->id.length * sizeof a->id.arc[0]) == 0;
    case VALUE_OTHER:
        break;
    }
    return true;
}

static void check_round_trip(const struct object *object, const struct value *value)
{
    static uint8_t encoded[ENCODED_MAX];
    struct oer_writer writer = oer_write_to(encoded, sizeof encoded);
    struct value again;
    memset(&again, 0, sizeof again);
    oer_put_value(&writer, object, value);
    FUZZ_REQUIRE(!writer.full && writer.used <= oer_value_size_max(object));
    struct oer_reader reader = oer_read_from(encoded, writer.used);
    oer_get_value(&reader, object, &again);
    FUZZ_REQUIRE(!reader.broken && reader.left == 0 && same(value, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    const struct object *object = &object_all[fuzz_below(&in, (uint32_t)object_count)];
    struct oer_reader reader = oer_read_from(in.at, in.left);
    while (reader.left > 0 && !reader.broken) {
        size_t left = reader.left;
        struct value value;
        memset(&value, 0, sizeof value);
        oer_get_value(&reader, object, &value);
        if (!reader.broken && object_fits(object, &value) == FIT_OK)
            check_round_trip(object, &value);
        if (reader.left == left)
            break; /* an empty value: it would go on for ever */
    }
    return 0;
}
