/* The cabinet's register map as the I/O map that the centre sees: which bit of which register is what, and
 * whether it is on. Counters and numbers (heartbeat, countdown, interconnect) are no pins and left out, as is
 * the dimming output, for which the standard has no function. */
#ifndef CONTROLLER_IO_PINS_H
#define CONTROLLER_IO_PINS_H

#include "../io/cabinet.h"
#include "../io/io_config.h"
#include "../ntcip/io_map.h"

/* Lists the pins of a map that has passed cabinet_map_check(), all of them off. */
void io_pins_list(const struct cabinet_map *map, struct io_map *io);

/* Puts the states of the pins: of the inputs from `image`, all off where `lost`; of the outputs from the
 * frame that goes to the lamps and from `healthy`. */
void io_pins_put(struct io_map *io, const struct cabinet_image *image, bool lost, const struct frame *frame,
                 bool healthy);

#endif
