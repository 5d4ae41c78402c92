/* Judges that several objects share. */
#include "object_read.h"
#include <stdio.h>

enum set_error object_judge_pinned(const struct object_view *view, const struct object_instance *at,
                                   const struct value *value, char message[SET_MESSAGE_MAX])
{
    struct value now;
    if (object_get(at, view, &now) == OBJECT_OK && value_same(&now, value))
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "%s cannot be changed over the network", at->object->name);
    return SET_INCONSISTENT_VALUE;
}

/* The value is the one that it has. */
void object_write_pinned(struct device *device, const struct object_instance *at, const struct value *value,
                         const struct set_sender *sender)
{
    (void)device, (void)at, (void)value, (void)sender;
}

static bool is_nothing(const struct object_id *id)
{
    return id->length == 2 && id->arc[0] == 0 && id->arc[1] == 0;
}

enum set_error object_judge_settable(const struct object_view *view, const struct object_instance *at,
                                     const struct value *value, char message[SET_MESSAGE_MAX])
{
    struct object_instance named;
    (void)view;
    if (is_nothing(&value->id) || (object_find(&value->id, &named) == OBJECT_OK && named.object->writable))
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "%s: no instance of that name can be SET", at->object->name);
    return SET_INCONSISTENT_VALUE;
}

enum set_error object_judge_parameters(const struct object_view *view, const struct object_instance *at,
                                       const struct value *value, char message[SET_MESSAGE_MAX])
{
    (void)view;
    struct object_parameters walk = object_parameters(&value->id);
    struct object_instance found;
    if (is_nothing(&value->id) || object_next_parameter(&walk, &found))
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "%s: no stored parameter has that name", at->object->name);
    return SET_INCONSISTENT_VALUE;
}
