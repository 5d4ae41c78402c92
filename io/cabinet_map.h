/* Registers of the cabinet's field I/O <-> bits, after the register map of the config. Pure. Both
 * directions stand here, so that a cabinet (the simulator's) reads what a controller wrote with
 * the same code. The map in words: docs/cabinet.md. */
#ifndef IO_CABINET_MAP_H
#define IO_CABINET_MAP_H

#include "cabinet.h"
#include "io_config.h"

enum {
    CABINET_WRITE_MAX = 121, /* registers one function-23 request can write */
    CABINET_READ_MAX = 125,  /* and its answer can carry */
};

/* A run of holding registers: value[0] has address `first`. */
struct cabinet_registers {
    uint16_t first;
    uint16_t count;
    uint16_t *value;
};

/* What the controller tells the cabinet. */
struct cabinet_command {
    uint16_t heartbeat;
    bool healthy;
    bool dimmed;
    struct channel_mask red, yellow, green; /* lamps to light now, flashing already resolved */
    uint8_t countdown_s[CHANNELS_MAX];      /* for the displays beside them; 0 none */
};

/* Checks that every field lies within the register space, that no two fields share a register, that
 * the fields fit into one transaction, and that writing the gaps between written fields touches no
 * read one. Returns 0, or -1 with the reason in `why`, beginning with the culprit's key. */
int cabinet_map_check(const struct cabinet_map *map, char *why, size_t size);

/* Smallest runs that hold all written and all read fields of a map that passed the check. The
 * `value` pointers are left alone. */
void cabinet_map_written(const struct cabinet_map *map, struct cabinet_registers *run);
void cabinet_map_read(const struct cabinet_map *map, struct cabinet_registers *run);

/* Which lamps an output shows at this moment: a flashing channel is dark in its other half. */
void cabinet_map_shown(const struct output *output, struct channel_mask *red, struct channel_mask *yellow,
                       struct channel_mask *green);

/* Which of them it lights: a channel is dark during a countdown pulse. */
void cabinet_map_lit(const struct output *output, struct channel_mask *red, struct channel_mask *yellow,
                     struct channel_mask *green);

/* The four directions. `run` holds at least the fields concerned; put fills these and leaves all
 * other registers alone. Bits beyond what is wired are neither written nor believed. */
void cabinet_map_put_command(const struct cabinet_map *map, const struct cabinet_command *command,
                             struct cabinet_registers *run);
void cabinet_map_get_command(const struct cabinet_map *map, const struct cabinet_registers *run,
                             struct cabinet_command *command);
void cabinet_map_put_image(const struct cabinet_map *map, const struct cabinet_image *image,
                           uint16_t heartbeat_echo, struct cabinet_registers *run);
void cabinet_map_get_image(const struct cabinet_map *map, const struct cabinet_registers *run,
                           struct cabinet_image *image, uint16_t *heartbeat_echo);

#endif
