/* The three objects of NTCIP 1202 v03 5.12 over the blocks themselves. */
#include "block_object.h"
#include "device.h"
#include "object_read.h"
#include <stdio.h>
#include <string.h>

void block_init(struct block_state *state)
{
    static const uint8_t phase_1[] = {0, 0, 1, 1};
    *state = (struct block_state){.selector_size = sizeof phase_1};
    memcpy(state->selector, phase_1, sizeof phase_1);
}

/* ---- ascBlockGetControl ---- */

int object_read_asc_block_get_control(const struct object_view *view, const struct object_instance *at,
                                      struct value *out)
{
    (void)at;
    const struct block_state *state = &view->device->block;
    out->length = state->selector_size;
    memcpy(out->octet, state->selector, state->selector_size);
    return OBJECT_OK;
}

enum set_error object_judge_asc_block_get_control(const struct object_view *view,
                                                  const struct object_instance *at, const struct value *value,
                                                  char message[SET_MESSAGE_MAX])
{
    (void)at;
    int error = block_select(value_octets(value), value->length, view, NULL);
    block_rule_text(error, message, SET_MESSAGE_MAX);
    return error == BLOCK_OK ? SET_OK : SET_WRONG_VALUE;
}

void object_write_asc_block_get_control(struct device *device, const struct object_instance *at,
                                        const struct value *value, const struct set_sender *sender)
{
    (void)at, (void)sender;
    struct block_state *state = &device->block;
    state->selector_size = (uint8_t)value->length;
    memcpy(state->selector, value_octets(value), value->length);
    state->error = BLOCK_OK;
}

/* ---- ascBlockData ---- */

static bool is_carried(const struct object_view *view, uint8_t block_id)
{
    return !view->nameless || block_id < BLOCK_DYNAMIC_DEFINITION || block_id > BLOCK_DYNAMIC_STATUS;
}

int object_read_asc_block_data(const struct object_view *view, const struct object_instance *at,
                               struct value *out)
{
    (void)at;
    const struct block_state *state = &view->device->block;
    struct block_selection selection;
    if (block_select(state->selector, state->selector_size, view, &selection) != BLOCK_OK ||
        !is_carried(view, selection.block->id))
        return OBJECT_FAILED;
    struct oer_writer writer = view->long_value ? oer_write_to(view->long_value, VALUE_LONG_MAX)
                                                : oer_write_to(out->octet, sizeof out->octet);
    if (block_encode(&selection, view, &writer) != 0 || writer.full)
        return OBJECT_FAILED;
    out->length = (uint16_t)writer.used;
    out->all = view->long_value;
    if (view->long_value && writer.used <= sizeof out->octet)
        memcpy(out->octet, view->long_value, writer.used);
    return OBJECT_OK;
}

struct judged {
    const struct object_view *view;
    char *message; /* what is wrong with the element that was refused */
};

static bool judge_element(void *arg, const struct object_instance *at, const struct value *value)
{
    const struct judged *judged = arg;
    const struct object *object = at->object;
    char name[80];
    char range[96];
    if (object_fits(object, value) == FIT_OK)
        return object_judge_value(judged->view, at, value, judged->message) == SET_OK;
    object_format(at, name, sizeof name);
    object_range_text(object, range, sizeof range);
    snprintf(judged->message, SET_MESSAGE_MAX, "%s takes %s", name, range);
    return false;
}

static int judge_data(const struct object_view *view, const struct value *value,
                      char message[SET_MESSAGE_MAX])
{
    struct judged judged = {view, message};
    int error = block_decode(value_octets(value), value->length, view, judge_element, &judged);
    if (error < 100)
        block_rule_text(error, message, SET_MESSAGE_MAX);
    return error;
}

enum set_error object_judge_asc_block_data(const struct object_view *view, const struct object_instance *at,
                                           const struct value *value, char message[SET_MESSAGE_MAX])
{
    (void)at;
    if (judge_data(view, value, message) != BLOCK_OK)
        return SET_WRONG_VALUE;
    if (is_carried(view, value_octets(value)[1])) /* behind the data type, so it is there */
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "STMP does not carry the definitions of its own objects");
    return SET_GENERAL;
}

static bool store_element(void *arg, const struct object_instance *at, const struct value *value)
{
    object_store_value(at, value, arg);
    return true;
}

void block_store(const struct value *value, const struct object_view *view, struct database *db)
{
    block_decode(value_octets(value), value->length, view, store_element, db);
}

void object_write_asc_block_data(struct device *device, const struct object_instance *at,
                                 const struct value *value, const struct set_sender *sender)
{
    (void)at, (void)value, (void)sender;
    device->block.error = BLOCK_OK; /* the rows themselves are in the database */
}

/* ---- ascBlockErrorStatus ---- */

int object_read_asc_block_error_status(const struct object_view *view, const struct object_instance *at,
                                       struct value *out)
{
    (void)at;
    out->number = view->device->block.error;
    return OBJECT_OK;
}

void block_refused(struct block_state *state, const struct object_view *view, const struct set_item *culprit,
                   enum set_error error)
{
    const struct value *value = &culprit->value;
    struct object_instance at;
    char message[SET_MESSAGE_MAX];
    if ((error != SET_WRONG_VALUE && error != SET_WRONG_LENGTH) ||
        object_find(&culprit->id, &at) != OBJECT_OK)
        return;
    if (at.object->judge == object_judge_asc_block_get_control)
        state->error = (uint16_t)block_select(value_octets(value), value->length, view, NULL);
    else if (at.object->judge == object_judge_asc_block_data)
        state->error = (uint16_t)judge_data(view, value, message);
}
