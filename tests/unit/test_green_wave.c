/* Neighbours hold a green wave by their clocks alone: the shipped intersections of one street, switched on at
 * different times, with nothing between them but civil time. */
#include "../../controller/config.h"
#include "../../phases/engine.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    JUNCTIONS = 3,
    COORDINATED_NO = 2, /* the through phase of the street */
    SETTLED_DS = 15 * 60 * 10,
    WATCHED_DS = 30 * 60 * 10,
};

static const char *const files[JUNCTIONS] = {"four-leg", "four-leg-north", "four-leg-north"};
static const int64_t midnight_ds = INT64_C(1767542400) * 10; /* Monday, 2026-01-05, 00:00 in China */

struct junction {
    struct database db;
    struct plan plan;
    struct engine engine;
    struct engine_status status;
    int64_t on_ds;    /* begins so long after the first */
    int64_t green_ds; /* start of the newest coordinated green; -1 none */
};

static struct junction junction[JUNCTIONS];

static void tell(void *arg, const char *line)
{
    (void)arg;
    CHECK_FAIL("%s", line);
}

/* The third stands as far behind the second as that behind the first. */
static bool load(void)
{
    struct config *config = calloc(1, sizeof *config);
    bool good = config != NULL;
    for (int i = 0; i < JUNCTIONS && good; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/configs/%s.json", SOURCE_ROOT, files[i]);
        good = CHECK_INT(0, config_load(config, path, CONFIG_WHOLE, tell, NULL));
        junction[i] = (struct junction){.db = config->db, .on_ds = i * 137, .green_ds = -1};
    }
    free(config);
    for (int i = 0; i < PATTERNS_MAX && good; i++) {
        struct pattern_row *pattern = &junction[2].db.pattern[i];
        if (pattern->cycle_s)
            pattern->offset_s = (uint8_t)(2 * pattern->offset_s % pattern->cycle_s);
    }
    return good;
}

static void step(struct junction *j, int64_t utc_ds)
{
    struct frame frame;
    struct inputs in = {.utc_ds = utc_ds};
    for (int no = 1; no <= 8; no++) /* somebody waits everywhere */
        detector_put(&in.vehicle, no, true);
    uint64_t before = j->status.green;
    engine_step(&j->engine, &in, 1, &frame);
    engine_get_status(&j->engine, &j->status);
    if (mask_has(j->status.green & ~before, COORDINATED_NO))
        j->green_ds = utc_ds;
}

static int64_t offset_ds(const struct junction *j, int pattern_no)
{
    return j->db.pattern[pattern_no - 1].offset_s * 10;
}

/* Every coordinated green of every junction begins at a whole number of cycles past its offset from the
 * system's zero, midnight. */
static void check_starts(int pattern_no, int64_t utc_ds, int *starts)
{
    int64_t cycle_ds = junction[0].db.pattern[pattern_no - 1].cycle_s * 10;
    for (int i = 0; i < JUNCTIONS; i++) {
        const struct junction *j = &junction[i];
        CHECK_INT(pattern_no, j->status.pattern_no);
        if (j->green_ds != utc_ds)
            continue;
        starts[i]++;
        CHECK_INT(offset_ds(j, pattern_no), (utc_ds - midnight_ds) % cycle_ds);
        int64_t behind_ds = (utc_ds - junction[0].green_ds) % cycle_ds;
        if (i > 0)
            CHECK_INT(offset_ds(j, pattern_no) - offset_ds(&junction[0], pattern_no), behind_ds);
    }
}

/* From `from_s` local time on, power comes back at one junction after the other. */
static void wave(int64_t from_s, int pattern_no)
{
    int starts[JUNCTIONS] = {0};
    if (!load())
        return;
    int64_t utc_ds = midnight_ds + from_s * 10;
    for (int i = 0; i < JUNCTIONS; i++) {
        plan_compile(&junction[i].plan, &junction[i].db, 1);
        engine_init(&junction[i].engine, &junction[i].plan);
    }
    for (int64_t ds = 0; ds < SETTLED_DS + WATCHED_DS && !harness_failed(); ds++) {
        for (int i = 0; i < JUNCTIONS; i++)
            if (ds >= junction[i].on_ds)
                step(&junction[i], utc_ds + ds);
        if (ds >= SETTLED_DS)
            check_starts(pattern_no, utc_ds + ds, starts);
    }
    int cycles = WATCHED_DS / (junction[0].db.pattern[pattern_no - 1].cycle_s * 10);
    for (int i = 0; i < JUNCTIONS; i++)
        CHECK(starts[i] >= cycles);
}

static void in_the_morning_the_wave_runs_north(void)
{
    wave(7 * 3600 + 321, 1);
}

static void at_noon_it_runs_both_ways(void)
{
    wave(11 * 3600 + 1, 2);
    int half_ds = junction[0].db.pattern[1].cycle_s * 10 / 2;
    CHECK_INT(half_ds, offset_ds(&junction[1], 2));
    CHECK_INT(0, offset_ds(&junction[2], 2));
}

static void in_the_evening_it_runs_south(void)
{
    wave(17 * 3600 + 59, 3);
}

/* A schedule that goes over from one pattern to the next loses nothing of it. */
static void another_pattern_is_another_wave(void)
{
    wave(8 * 3600 + 55 * 60, 2);
}

HARNESS_MAIN({"in the morning the wave runs north", in_the_morning_the_wave_runs_north},
             {"at noon it runs both ways", at_noon_it_runs_both_ways},
             {"in the evening it runs south", in_the_evening_it_runs_south},
             {"another pattern is another wave", another_pattern_is_another_wave}, )
