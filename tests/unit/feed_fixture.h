/* A feed in virtual time with three groups (two for vehicles, one for pedestrians), driven exchange by
 * exchange, and a recorder of what it says. */
#ifndef TESTS_UNIT_FEED_FIXTURE_H
#define TESTS_UNIT_FEED_FIXTURE_H

#include "../../io/cabinet_map.h"
#include "../../io/feed.h"
#include "../../io/sigstate_verify.h"
#include <stdio.h>
#include <string.h>

enum { LEFT, RIGHT, WALK, GROUPS, RECORDED_MAX = 1024 };

struct fixture {
    struct feed_config config;
    struct feed_clock clock;
    struct feed *feed;
    struct cabinet_exchange x; /* the next exchange; its image is made from the output unless lamps_lie */
    bool lamps_lie;
    int64_t now_us;
    feed_emit *listener; /* also told, if set */
    void *listener_arg;
    int count;
    struct feed_message message[RECORDED_MAX];
};

static inline void fixture_record(void *arg, const struct feed_message *message)
{
    struct fixture *f = arg;
    if (f->count < RECORDED_MAX)
        f->message[f->count++] = *message;
    if (f->listener)
        f->listener(f->listener_arg, message);
}

/* Whether one of the line's signatures is true for this key. */
static inline bool fixture_verify(const struct feed_key *key, const char *line, size_t length)
{
    struct verifier v;
    const struct sigstate_key k = {key->id, key->secret, key->secret_length};
    return verifier_open(&v, &k, 1) == 0 && verifier_check(&v, line, length) == SIGSTATE_TAKEN;
}

static inline void fixture_config(struct feed_config *config)
{
    memset(config, 0, sizeof *config);
    snprintf(config->controller, sizeof config->controller, "quwo-01");
    config->group_count = GROUPS;
    config->group[LEFT] = (struct feed_group){.no = 1,
                                              .kind = GROUP_ARROW_LEFT,
                                              .phase_no = 5,
                                              .name = "北进口\"左转\"",
                                              .approach = "N",
                                              .movements = MOVE_LEFT | MOVE_U_TURN,
                                              .lane_count = 2,
                                              .lane = {1, 2},
                                              .yellow_floor_ms = 3000};
    config->group[RIGHT] = (struct feed_group){.no = 20,
                                               .kind = GROUP_ROUND,
                                               .phase_no = 2,
                                               .name = "North",
                                               .approach = "N",
                                               .movements = MOVE_THROUGH,
                                               .lane_count = 1,
                                               .lane = {3},
                                               .yellow_floor_ms = 3000};
    config->group[WALK] = (struct feed_group){.no = 70,
                                              .kind = GROUP_PEDESTRIAN,
                                              .phase_no = 2,
                                              .name = "Crossing",
                                              .approach = "N",
                                              .movements = MOVE_CROSS,
                                              .dark_ok = true};
}

/* The junction begins with everything red. */
static inline void fixture_begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    fixture_config(&f->config);
    f->clock = (struct feed_clock){CLOCK_SYNCED, 400, INT64_C(1795334400000000)};
    f->now_us = 1000000;
    f->feed = feed_new(&f->config, 7, fixture_record, f);
    for (int i = 0; i < GROUPS; i++)
        channel_add(&f->x.output.frame.red, f->config.group[i].no);
    for (int i = 0; i < CHANNELS_MAX; i++)
        f->x.output.min_change_ds[i] = f->x.output.max_change_ds[i] = CHANGE_UNKNOWN;
    f->x.error_us = 1000;
}

static inline void fixture_end(struct fixture *f)
{
    feed_free(f->feed);
}

static inline void fixture_show(struct fixture *f, int group_ix, enum feed_color color)
{
    struct frame *frame = &f->x.output.frame;
    const int no = f->config.group[group_ix].no;
    const bool red = color == COLOR_RED || color == COLOR_RED_FLASH || color == COLOR_RED_YELLOW;
    const bool yellow = color == COLOR_YELLOW || color == COLOR_YELLOW_FLASH || color == COLOR_RED_YELLOW;
    const bool green = color == COLOR_GREEN || color == COLOR_GREEN_FLASH;
    const bool flash = color == COLOR_RED_FLASH || color == COLOR_YELLOW_FLASH || color == COLOR_GREEN_FLASH;
    (red ? channel_add : channel_remove)(&frame->red, no);
    (yellow ? channel_add : channel_remove)(&frame->yellow, no);
    (green ? channel_add : channel_remove)(&frame->green, no);
    (flash ? channel_add : channel_remove)(&frame->flashing, no);
}

/* One tick: poll, then the exchange of this tick. */
static inline void fixture_tick(struct fixture *f)
{
    struct output *output = &f->x.output;
    output->seq++;
    output->tick_us = f->now_us;
    output->flash_on = output->seq / 5 % 2 == 0;
    if (!f->lamps_lie)
        cabinet_map_lit(output, &f->x.image.red, &f->x.image.yellow, &f->x.image.green);
    f->x.taken_us = f->now_us + 2000;
    feed_exchange(f->feed, &f->x, &f->clock);
    f->now_us += 50000;
    feed_poll(f->feed, f->now_us, &f->clock);
    f->now_us += 50000;
    feed_poll(f->feed, f->now_us, &f->clock);
}

static inline void fixture_run(struct fixture *f, int ticks)
{
    while (ticks-- > 0)
        fixture_tick(f);
}

/* Time passes without an exchange. */
static inline void fixture_silence(struct fixture *f, int ticks)
{
    for (int i = 0; i < 2 * ticks; i++) {
        f->now_us += 50000;
        feed_poll(f->feed, f->now_us, &f->clock);
    }
}

/* Newest state of a group in what was recorded; NULL if there was none. */
static inline const struct feed_state *fixture_state(const struct fixture *f, int group_ix)
{
    for (int i = f->count; i-- > 0;) {
        for (int k = 0; k < f->message[i].group_count; k++) {
            if (f->message[i].group[k].group_ix == group_ix)
                return &f->message[i].group[k];
        }
    }
    return NULL;
}

static inline int fixture_changes(const struct fixture *f)
{
    int changes = 0;
    for (int i = 0; i < f->count; i++)
        changes += f->message[i].kind == FEED_CHANGE;
    return changes;
}

static inline const struct feed_message *fixture_newest(const struct fixture *f)
{
    return &f->message[f->count - 1];
}

#endif
