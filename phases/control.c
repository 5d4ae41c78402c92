#include "control.h"

#include <string.h>

void control_apply(struct control *control, const struct control_op *op)
{
    if (op->offset >= sizeof(*control) || op->size > sizeof(*control) - op->offset)
        return; /* no such field: nothing of the struct may be touched */
    unsigned char *field = (unsigned char *)control + op->offset;

    switch (op->size) {
    case sizeof(uint8_t):
        *field = (uint8_t)((*field & ~op->clear) | op->set);
        break;
    case sizeof(uint16_t): {
        uint16_t value;
        memcpy(&value, field, sizeof(value));
        value = (uint16_t)((value & ~op->clear) | op->set);
        memcpy(field, &value, sizeof(value));
        break;
    }
    case sizeof(uint32_t): {
        uint32_t value;
        memcpy(&value, field, sizeof(value));
        value = (uint32_t)((value & ~op->clear) | op->set);
        memcpy(field, &value, sizeof(value));
        break;
    }
    case sizeof(uint64_t): {
        uint64_t value;
        memcpy(&value, field, sizeof(value));
        value = (value & ~op->clear) | op->set;
        memcpy(field, &value, sizeof(value));
        break;
    }
    }
}
