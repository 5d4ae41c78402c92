#include "fuzz.h"
#include "../../controller/config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_broken(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: must hold, and does not: %s\n", file, line, what);
    abort();
}

/* ---- octets ---- */

uint32_t fuzz_number(struct fuzz_input *in, int octets)
{
    uint32_t number = 0;
    for (int i = 0; i < octets; i++) {
        uint8_t octet = in->left > 0 ? *in->at : 0;
        if (in->left > 0) {
            in->at++;
            in->left--;
        }
        number = number << 8 | octet;
    }
    return number;
}

uint32_t fuzz_below(struct fuzz_input *in, uint32_t limit)
{
    return limit == 0 ? 0 : fuzz_number(in, limit > 256 ? 2 : 1) % limit;
}

size_t fuzz_octets(struct fuzz_input *in, uint8_t *out, size_t max)
{
    size_t count = in->left < max ? in->left : max;
    if (count > 0)
        memcpy(out, in->at, count);
    in->at += count;
    in->left -= count;
    return count;
}

/* ---- objects ---- */

static void append_arc(struct object_id *id, uint32_t arc)
{
    if (id->length < OBJECT_ID_MAX)
        id->arc[id->length++] = arc;
}

/* A row of the object's table. */
static void append_rows(struct fuzz_input *in, const struct object *object, struct object_id *id)
{
    int keys = object->table ? object->table->keys : 0;
    if (keys == 0)
        append_arc(id, 0);
    for (int key = 0; key < keys; key++)
        append_arc(id, object->table->rows[key] ? 1 + fuzz_below(in, object->table->rows[key]) : 1);
}

void fuzz_id(struct fuzz_input *in, struct object_id *out)
{
    fuzz_id_among(in, 0, object_count, out);
}

void fuzz_id_among(struct fuzz_input *in, size_t first, size_t count, struct object_id *out)
{
    enum { THERE, THERE_TOO, ANY_ROW, CUT, LONGER, OTHER_ARC, ANYTHING, FORMS };
    uint32_t form = fuzz_below(in, FORMS);
    const struct object *object = &object_all[first + fuzz_below(in, (uint32_t)count)];
    *out = object->id;
    switch (form) {
    case ANY_ROW:
        for (uint32_t rows = fuzz_below(in, 4); rows > 0; rows--)
            append_arc(out, fuzz_number(in, 1 + (int)fuzz_below(in, 4)));
        break;
    case CUT:
        out->length = (uint8_t)fuzz_below(in, out->length + 1U);
        break;
    case LONGER:
        append_rows(in, object, out);
        append_arc(out, fuzz_number(in, 1));
        break;
    case OTHER_ARC: {
        append_rows(in, object, out);
        uint32_t ix = fuzz_below(in, out->length);
        out->arc[ix] = fuzz_number(in, 4);
        break;
    }
    case ANYTHING:
        out->length = 0;
        for (uint32_t arcs = fuzz_below(in, OBJECT_ID_MAX + 1); arcs > 0; arcs--)
            append_arc(out, fuzz_number(in, 1 + (int)fuzz_below(in, 4)));
        break;
    default:
        append_rows(in, object, out);
        break;
    }
}

static enum value_type type_for(const struct object *object)
{
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
        return VALUE_INTEGER;
    case SYNTAX_COUNTER:
        return VALUE_COUNTER;
    case SYNTAX_GAUGE:
        return VALUE_GAUGE;
    case SYNTAX_TIMETICKS:
        return VALUE_TIMETICKS;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_LIST:
        return VALUE_OCTETS;
    case SYNTAX_OPAQUE:
        return VALUE_OPAQUE;
    case SYNTAX_IP_ADDRESS:
        return VALUE_IP_ADDRESS;
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER:
        return VALUE_OBJECT_ID;
    }
    return VALUE_OTHER;
}

static int64_t near_bounds(struct fuzz_input *in, const struct object *object)
{
    int64_t low = object ? object->low : 0, high = object ? object->high : 255;
    switch (fuzz_below(in, 8)) {
    case 0:
        return low - 1;
    case 1:
        return low;
    case 2:
        return high;
    case 3:
        return high + 1;
    case 4:
        return (int32_t)fuzz_number(in, 4);
    default:
        return low + (int64_t)(fuzz_number(in, 2) % (uint64_t)(high - low + 1));
    }
}

static void octets_value(struct fuzz_input *in, const struct object *object, struct value *out,
                         uint8_t room[FUZZ_VALUE_ROOM])
{
    size_t longest = object && object->syntax == SYNTAX_LIST ? object->length + 2U : 64;
    size_t length =
        fuzz_below(in, 16) == 0 ? fuzz_number(in, 2) % FUZZ_VALUE_ROOM : fuzz_below(in, (uint32_t)longest);
    memset(room, 0, length);
    (void)fuzz_octets(in, room, length);
    out->length = (uint16_t)length;
    if (length > VALUE_OCTETS_MAX)
        out->all = room;
    else
        memcpy(out->octet, room, length);
}

void fuzz_value(struct fuzz_input *in, const struct object *object, struct value *out,
                uint8_t room[FUZZ_VALUE_ROOM])
{
    bool fitting = object && fuzz_below(in, 8) != 0;
    memset(out, 0, sizeof *out);
    out->type = fitting ? type_for(object) : (enum value_type)fuzz_below(in, VALUE_OTHER + 1);
    switch (out->type) {
    case VALUE_INTEGER:
        out->number = near_bounds(in, object);
        break;
    case VALUE_COUNTER:
    case VALUE_GAUGE:
    case VALUE_TIMETICKS:
        out->number = (int64_t)(uint32_t)near_bounds(in, object);
        break;
    case VALUE_OCTETS:
    case VALUE_OPAQUE:
        octets_value(in, object, out, room);
        break;
    case VALUE_IP_ADDRESS:
        out->length = 4;
        (void)fuzz_octets(in, out->octet, 4);
        break;
    case VALUE_OBJECT_ID:
        fuzz_id(in, &out->id);
        break;
    case VALUE_OTHER:
        break;
    }
}

/* ---- a controller ---- */

static void tell(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static const struct database *bundled(void)
{
    static struct config config;
    static bool loaded;
    if (!loaded)
        FUZZ_REQUIRE(
            config_load(&config, SOURCE_ROOT "/configs/chengdong-s234.json", CONFIG_WHOLE, tell, NULL) == 0);
    loaded = true;
    return &config.db;
}

void fuzz_world_init(struct fuzz_world *world)
{
    static uint8_t long_value[VALUE_LONG_MAX];
    memset(world, 0, sizeof *world);
    world->long_value = long_value;
    world->db = *bundled();
    world->extra = (struct object_extra){.utc_s = 1790000000, .version = "20261123 - v0.1.0"};
    transaction_init(&world->transaction);
    device_init(&world->device);
}

void fuzz_world_view(const struct fuzz_world *world, struct object_view *out)
{
    *out = (struct object_view){
        .db = &world->db,
        .control = &world->control,
        .status = &world->status,
        .extra = &world->extra,
        .transaction = &world->transaction,
        .candidate = &world->candidate,
        .device = &world->device,
        .long_value = world->long_value,
        .admin = true,
    };
}

static void ignore(void *arg, const struct database_fault *fault)
{
    (void)arg;
    (void)fault;
}

bool fuzz_is_sound(const struct database *db)
{
    return database_check(db, ignore, NULL) == 0;
}

struct set_item fuzz_item(const char *name, int row1, int row2, int64_t number)
{
    struct object_instance at = {.object = object_by_name(name), .row = {(uint16_t)row1, (uint16_t)row2}};
    struct set_item item = {.value = {.type = VALUE_INTEGER, .number = number}};
    FUZZ_REQUIRE(at.object != NULL);
    object_instance_id(&at, &item.id);
    return item;
}

void fuzz_world_commit(struct fuzz_world *world, const struct set_stage *stage)
{
    set_transact(stage, &world->db, &world->transaction, &world->candidate, 0);
    if (stage->db_changed) {
        world->db = stage->db;
        device_follow(&world->device, &world->db.device);
    }
    for (size_t i = 0; i < stage->op_count; i++)
        control_apply(&world->control, &stage->op[i]);
    set_call_device(stage, &world->device);
}

void fuzz_world_refused(struct fuzz_world *world, const struct set_item *culprit, enum set_error error,
                        const struct database *staged)
{
    struct object_view view;
    fuzz_world_view(world, &view);
    view.db = staged;
    device_refused(&world->device, &view, culprit, error);
}

void fuzz_world_step(struct fuzz_world *world, uint32_t ticks)
{
    struct object_view view;
    fuzz_world_view(world, &view);
    for (; ticks > 0; ticks--) {
        world->status.now_ds++;
        world->extra.uptime_cs += 10;
        world->extra.utc_s += world->status.now_ds % 10 == 0;
        device_step(&world->device, &view, world->device.now_ms + DEVICE_STEP_MS);
    }
}
