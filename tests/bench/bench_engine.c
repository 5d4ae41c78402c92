/* What one tick of engine and guard costs: eight phases, two rings, traffic on every detector.
 *
 *     bench_engine TICKS              runs so many ticks and prints the digest it came to
 *     bench_engine TICKS everything   the same with sixteen phases in four rings, coordinated, with overlaps
 *                                     and with preempts that come now and then
 *
 * engine.sh runs it twice under callgrind, with few and with many ticks, and divides the difference. */
#include "../../phases/engine.h"
#include "../../phases/guard.h"
#include "../unit/plans.h"
#include <stdio.h>
#include <stdlib.h>

enum { WARM_TICKS = 600 };

/* Everything that costs time in green: pedestrians, gap reduction, recalls. */
static void busy_phases(struct database *db, int count)
{
    for (int no = 1; no <= count; no++) {
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

/* Eight more phases in rings 3 and 4, which never meet the first eight; the pattern runs them alike. */
static void sixteen_phases(struct database *db)
{
    plans_coordinated(db);
    db->coord.operational_mode = 1;
    for (int no = 9; no <= 16; no++) {
        plans_phase(db, no, no <= 12 ? 3 : 4);
        db->phase[no - 1].yellow_ds = 40;
        db->split[0][no - 1] = db->split[0][no - 9];
    }
    for (int a = 9; a <= 16; a++) {
        for (int b = 1; b <= 8; b++)
            plans_concurrent(db, a, b);
        for (int b = 13; a <= 12 && b <= 16; b++)
            if ((a <= 10) == (b <= 14))
                plans_concurrent(db, a, b);
    }
}

/* Each overlap shows two phases that follow each other. Channels 1-16 are the phases' vehicles, 17-24 their
 * pedestrians, 25-32 the overlaps. */
static void more_lamps(struct database *db)
{
    memset(db->channel, 0, sizeof(db->channel));
    for (int i = 0; i < 8; i++) {
        struct overlap_row *overlap = &db->overlap[i];
        overlap->type = OVERLAP_NORMAL;
        overlap->included =
            (struct phase_list){.count = 2, .number = {(uint8_t)(2 * i + 1), (uint8_t)(2 * i + 2)}};
        db->channel[16 + i] =
            (struct channel_row){.type = CHANNEL_PEDESTRIAN, .source_no = (uint8_t)(2 * i + 2)};
        db->channel[24 + i] = (struct channel_row){.type = CHANNEL_OVERLAP, .source_no = (uint8_t)(i + 1)};
    }
    for (int i = 0; i < 16; i++)
        db->channel[i] = (struct channel_row){.type = CHANNEL_VEHICLE, .source_no = (uint8_t)(i + 1)};
    for (int i = 0; i < CHANNELS_MAX; i++)
        db->channel[i].ped_clear_indication = PED_CLEAR_FLASHING_RED;
}

static void four_preempts(struct database *db)
{
    static const uint8_t dwell[4][4] = {{2, 5, 10, 13}, {2, 6, 10, 14}, {4, 7, 12, 15}, {4, 8, 12, 16}};
    for (int i = 0; i < 4; i++) {
        struct preempt_row *row = &db->preempt[i];
        *row = (struct preempt_row){
            .control = PREEMPT_ENABLED,
            .minimum_green_s = 255,
            .minimum_walk_s = 255,
            .enter_ped_clear_s = 255,
            .enter_yellow_ds = 255,
            .enter_red_clear_ds = 255,
            .track_yellow_ds = 255,
            .track_red_clear_ds = 255,
            .dwell_green_s = 10,
            .exit_type = PREEMPT_EXIT_PHASES,
            .dwell_phase = {.count = 4},
            .exit_phase = {.count = 4, .number = {2, 6, 10, 14}},
        };
        memcpy(row->dwell_phase.number, dwell[i], 4);
    }
    db->unit.preempt_enable_bit = 1;
}

static bool may_meet(const struct database *db, const struct channel_row *a, const struct channel_row *b)
{
    if (a->type == CHANNEL_OVERLAP || b->type == CHANNEL_OVERLAP)
        return true; /* this card lets overlaps be: the bench is not about them */
    const struct phase_list *with = &db->phase[a->source_no - 1].concurrency;
    for (int i = 0; i < with->count; i++)
        if (with->number[i] == b->source_no)
            return true;
    return a->source_no == b->source_no;
}

/* The card that fits; an overlap without phases is not used. */
static void card_for(struct guard_card *card, const struct database *db)
{
    for (int a = 1; a <= CHANNELS_MAX; a++) {
        const struct channel_row *channel = &db->channel[a - 1];
        bool overlap = channel->type == CHANNEL_OVERLAP;
        if (channel->source_no == 0 || (overlap && !db->overlap[channel->source_no - 1].included.count))
            continue;
        channel_add(&card->used, a);
        channel_add(&card->flash_red, a);
        if (channel->type == CHANNEL_PEDESTRIAN)
            channel_add(&card->pedestrian, a);
        else
            card->yellow_floor_ms[a - 1] = 3000;
        for (int b = 1; b <= CHANNELS_MAX; b++)
            if (db->channel[b - 1].source_no && may_meet(db, channel, &db->channel[b - 1]))
                channel_add(&card->permissive[a - 1], b);
    }
}

/* Traffic without a library: a vehicle of half a second on each detector now and then. */
static void traffic(struct inputs *in, uint64_t *random, long tick)
{
    if (tick % 5 != 0)
        return;
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    in->vehicle.word[0] = *random >> 40 & *random >> 48 & 0xffff;
    in->pedestrian = (*random >> 56) < 4 ? *random >> 32 & 0xaaaa : 0;
}

int main(int argc, char **argv)
{
    static struct database db;
    static struct plan plan;
    static struct engine engine;
    static struct guard_card card;
    static struct guard guard;
    long ticks = argc >= 2 ? strtol(argv[1], NULL, 10) : 0;
    bool everything = argc == 3 && strcmp(argv[2], "everything") == 0;
    if (ticks <= 0 || argc > 3 || (argc == 3 && !everything)) {
        fprintf(stderr, "usage: bench_engine TICKS [everything]\n");
        return 2;
    }
    if (everything) {
        sixteen_phases(&db);
        more_lamps(&db);
        four_preempts(&db);
    } else {
        plans_eight(&db);
    }
    busy_phases(&db, everything ? 16 : 8);
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
        if (everything) /* each of the four in turn, for 20 s in 5 min */
            in.preempt = (uint16_t)(tick % 3000 < 200 ? 1U << tick / 3000 % 4 : 0U);
        engine_step(&engine, &in, 1, &want);
        if (guard_step(&guard, &want, tick * TICK_MS, &out) != GUARD_OK) {
            fprintf(stderr, "tick %ld: the guard tripped: %s\n", tick, guard_trip_name(guard.trip));
            return 1;
        }
    }
    printf("%ld ticks, digest %016llx\n", ticks, (unsigned long long)engine_digest(&engine));
    return 0;
}
