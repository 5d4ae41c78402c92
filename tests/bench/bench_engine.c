/* What one tick of engine and guard costs: eight phases, two rings, traffic on every detector.
 *
 *     bench_engine TICKS     runs so many ticks and prints the digest it came to
 *
 * engine.sh runs it twice under callgrind, with few and with many ticks, and divides the difference. */
#include "../../phases/engine.h"
#include "../../phases/guard.h"
#include "../unit/plans.h"
#include <stdio.h>
#include <stdlib.h>

enum { WARM_TICKS = 600 };

/* Everything that costs time in green: pedestrians, gap reduction, recalls. */
static void busy_plan(struct database *db)
{
    plans_eight(db);
    for (int no = 1; no <= 8; no++) {
        struct phase_row *row = &db->phase[no - 1];
        row->time_before_reduction_s = 8;
        row->time_to_reduce_s = 10;
        row->passage_ds = 30;
        row->minimum_gap_ds = 15;
        if (no % 2 == 0) {
            row->options |= PHASE_MIN_RECALL | PHASE_DUAL_ENTRY;
            row->walk_s = 5;
            row->ped_clear_s = 10;
        }
        db->vehicle_detector[no - 1].options |= DETECTOR_VOLUME;
    }
}

/* The card that fits: vehicles on channels 1-8, pedestrians of 2, 4, 6, 8 on 13-16. */
static void card_for(struct guard_card *card, const struct database *db)
{
    for (int a = 1; a <= CHANNELS_MAX; a++) {
        const struct channel_row *channel = &db->channel[a - 1];
        if (channel->source_no == 0 ||
            (channel->type != CHANNEL_VEHICLE && channel->type != CHANNEL_PEDESTRIAN))
            continue;
        channel_add(&card->used, a);
        channel_add(&card->flash_red, a);
        if (channel->type == CHANNEL_PEDESTRIAN)
            channel_add(&card->pedestrian, a);
        else
            card->yellow_floor_ms[a - 1] = 3000;
        for (int b = 1; b <= CHANNELS_MAX; b++) {
            int other = db->channel[b - 1].source_no;
            const struct phase_list *with = &db->phase[channel->source_no - 1].concurrency;
            bool may = other == channel->source_no;
            for (int i = 0; i < with->count; i++)
                may = may || with->number[i] == other;
            if (may && db->channel[b - 1].type != CHANNEL_OVERLAP)
                channel_add(&card->permissive[a - 1], b);
        }
    }
}

/* Traffic without a library: a vehicle of half a second on each detector now and then. */
static void traffic(struct inputs *in, uint64_t *random, long tick)
{
    if (tick % 5 != 0)
        return;
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    in->vehicle.word[0] = *random >> 40 & *random >> 48 & 0xff;
    in->pedestrian = (*random >> 56) < 4 ? *random >> 32 & 0xaa : 0;
}

int main(int argc, char **argv)
{
    static struct database db;
    static struct plan plan;
    static struct engine engine;
    static struct guard_card card;
    static struct guard guard;
    long ticks = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    if (ticks <= 0) {
        fprintf(stderr, "usage: bench_engine TICKS\n");
        return 2;
    }
    busy_plan(&db);
    card_for(&card, &db);
    if (database_check(&db, NULL, NULL) != 0)
        return 1;
    plan_compile(&plan, &db, 1);
    engine_init(&engine, &plan);
    guard_init(&guard, &card);

    struct inputs in = {0};
    uint64_t random = 1;
    for (long tick = 0; tick < WARM_TICKS + ticks; tick++) {
        struct frame want;
        struct frame out;
        traffic(&in, &random, tick);
        engine_step(&engine, &in, 1, &want);
        if (guard_step(&guard, &want, tick * TICK_MS, &out) != GUARD_OK) {
            fprintf(stderr, "tick %ld: the guard tripped: %s\n", tick, guard_trip_name(guard.trip));
            return 1;
        }
    }
    printf("%ld ticks, digest %016llx\n", ticks, (unsigned long long)engine_digest(&engine));
    return 0;
}
