/* What the unit around the engine keeps for the objects that are not the engine's: logs, dynamic objects,
 * notifications and their like. One struct, owned by whoever answers the centre and touched by that thread
 * alone; a reader sees it through object_view, a writer (object_writer) is handed it. Nothing here blocks,
 * and nothing allocates. */
#ifndef NTCIP_DEVICE_H
#define NTCIP_DEVICE_H

#include "block_object.h"
#include "eventlog.h"
#include "feed_device.h"
#include "io_map.h"
#include "object.h"
#include "ports.h"
#include "prg_device.h"
#include "spat_device.h"
#include "stmp.h"
#include "trap.h"
#include "unit_clock.h"
#include "watch.h"

enum { DEVICE_STEP_MS = 100 };

struct device {
    struct stmp_statistics stmp;
    int64_t now_ms; /* of the last step, by a clock that never jumps */
    struct eventlog eventlog;
    struct unit_clock clock;
    struct ports ports;
    struct io_map io;
    struct feed_device feed;
    struct block_state block;
    struct spat_device spat;
    struct prg_device prg;
    struct reports reports;
    struct trap_station traps;
    uint16_t notified[EVENT_CLASSES_MAX]; /* entries of each class that notifications know of */
};

void device_init(struct device *device);

/* Whatever goes on by itself: call every DEVICE_STEP_MS. `view` is the newest state, with this device in it.
 */
void device_step(struct device *device, const struct object_view *view, int64_t now_ms);

/* Follows a change of the stored parameters, so that it shows before the next step. */
void device_follow(struct device *device, const struct device_rows *rows);

/* What a refused SET leaves behind. `view` is what the varbind to blame was judged by. */
void device_refused(struct device *device, const struct object_view *view, const struct set_item *culprit,
                    enum set_error error);

#endif
