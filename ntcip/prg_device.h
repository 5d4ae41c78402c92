/* What the unit around the engine keeps for requests for priority: their table, what was written last, and
 * which calls of the engine are ours. */
#ifndef NTCIP_PRG_DEVICE_H
#define NTCIP_PRG_DEVICE_H

#include "object.h"
#include "prg.h"

enum { PRG_OBJECTS = 9 }; /* members of their group, by the last arc of the identifier */

struct prg_device {
    struct prg table;
    uint8_t written[PRG_OBJECTS][PRG_ABSOLUTE_OCTETS]; /* what each object took last */
    int64_t now_ds, utc_s;                             /* of the last step; 0: the time of day is not known */
    uint16_t called;                                   /* rows of priorityTable that requests call now */
    uint16_t made;                                     /* calls in force that were made from here */
};

void prg_device_init(struct prg_device *prg);
void prg_device_step(struct prg_device *prg, const struct object_view *view, int64_t now_ms);

/* The command that brings the engine's calls in line with the requests. Returns false where they are. Once it
 * is on its way, prg_device_commanded() notes it. */
bool prg_device_command(const struct prg_device *prg, const struct control *control, struct control_op *op);
void prg_device_commanded(struct prg_device *prg, const struct control_op *op);

#endif
