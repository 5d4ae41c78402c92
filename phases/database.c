#include "database.h"
#include "plan.h"
#include <string.h>

struct checker {
    const struct database *db;
    database_report *report;
    void *arg;
    int faults;
};

static void blame(struct checker *c, enum database_rule rule, const void *field, int row1, int row2,
                  int value)
{
    struct database_fault fault = {
        .rule = rule,
        .field_offset = (size_t)((const char *)field - (const char *)c->db),
        .row1 = row1,
        .row2 = row2,
        .value = value,
    };
    c->faults++;
    if (c->report)
        c->report(c->arg, &fault);
}

bool database_phase_enabled(const struct database *db, int phase_no)
{
    const struct phase_row *row = &db->phase[phase_no - 1];
    return (row->options & PHASE_ENABLED) && row->ring_no != 0;
}

static bool exists(int phase_no)
{
    return phase_no >= 1 && phase_no <= PHASES_MAX;
}

static bool lists(const struct phase_list *list, int phase_no)
{
    for (int i = 0; i < list->count; i++)
        if (list->number[i] == phase_no)
            return true;
    return false;
}

static void check_concurrency(struct checker *c, int phase_no)
{
    const struct phase_row *row = &c->db->phase[phase_no - 1];
    for (int i = 0; i < row->concurrency.count; i++) {
        int other_no = row->concurrency.number[i];
        if (!exists(other_no) || !database_phase_enabled(c->db, other_no))
            continue;
        const struct phase_row *other = &c->db->phase[other_no - 1];
        if (other->ring_no == row->ring_no)
            blame(c, RULE_CONCURRENT_SAME_RING, &row->concurrency, phase_no, 0, other_no);
        else if (!lists(&other->concurrency, phase_no))
            blame(c, RULE_CONCURRENCY_ONE_SIDED, &row->concurrency, phase_no, other_no, other_no);
    }
}

static bool sequence_used(const struct database *db, int sequence_no)
{
    for (int ring = 0; ring < RINGS_MAX; ring++)
        if (db->sequence[sequence_no - 1][ring].count)
            return true;
    return sequence_no == 1;
}

static void check_sequence_ring(struct checker *c, int sequence_no, int ring_no)
{
    const struct phase_list *list = &c->db->sequence[sequence_no - 1][ring_no - 1];
    uint64_t seen = 0;
    for (int i = 0; i < list->count; i++) {
        int phase_no = list->number[i];
        if (!exists(phase_no) || !database_phase_enabled(c->db, phase_no))
            continue;
        if (mask_has(seen, phase_no))
            blame(c, RULE_SEQUENCE_PHASE_TWICE, list, sequence_no, ring_no, phase_no);
        seen |= mask_of(phase_no);
        if (c->db->phase[phase_no - 1].ring_no != ring_no)
            blame(c, RULE_SEQUENCE_WRONG_RING, list, sequence_no, ring_no, phase_no);
    }
    for (int phase_no = 1; phase_no <= PHASES_MAX; phase_no++)
        if (database_phase_enabled(c->db, phase_no) && c->db->phase[phase_no - 1].ring_no == ring_no &&
            !mask_has(seen, phase_no))
            blame(c, RULE_SEQUENCE_PHASE_MISSING, list, sequence_no, ring_no, phase_no);
}

/* The place of each side of cluster `c` in the order of travel. */
static void rank_sides(const struct plan_structure *s, const struct plan_order *order, int c,
                       int rank[PHASES_MAX])
{
    int side = order->first_side[c];
    for (int i = 0; i < s->cluster[c].side_count; i++, side = order->next_side[c][side])
        rank[side] = i;
}

/* Barriers line up if each ring passes the sides of its cluster in the cluster's order, once
 * around: walking its phases, the side's place may drop only once. */
static void check_barriers(struct checker *c, const struct plan_structure *s, int sequence_no)
{
    for (int ring_no = 1; ring_no <= RINGS_MAX; ring_no++) {
        const struct phase_list *list = &c->db->sequence[sequence_no - 1][ring_no - 1];
        int first = -1, last = -1, drops = 0, rank[PHASES_MAX] = {0};
        if (s->ring_length[ring_no - 1])
            rank_sides(s, &s->order[sequence_no - 1], s->cluster_of_ring[ring_no - 1], rank);
        for (int i = 0; i < list->count; i++) {
            int no = list->number[i];
            if (!exists(no) || !mask_has(s->phases, no) || s->ring_of[no - 1] != ring_no - 1)
                continue;
            int side = rank[s->side_of[no - 1]];
            if (last >= 0 && side < last)
                drops++;
            if (first < 0)
                first = side;
            last = side;
        }
        if (last > first)
            drops++; /* back to the first phase */
        if (drops > 1)
            blame(c, RULE_SEQUENCE_ORDER, list, sequence_no, ring_no, 0);
    }
}

static bool starts_on(const struct phase_row *row)
{
    return row->startup >= STARTUP_GREEN_WALK && row->startup <= STARTUP_RED_CLEAR;
}

static void check_startup(struct checker *c)
{
    for (int a = 1; a <= PHASES_MAX; a++) {
        const struct phase_row *row = &c->db->phase[a - 1];
        if (!database_phase_enabled(c->db, a) || !starts_on(row))
            continue;
        for (int b = a + 1; b <= PHASES_MAX; b++) {
            const struct phase_row *other = &c->db->phase[b - 1];
            if (!database_phase_enabled(c->db, b) || !starts_on(other))
                continue;
            if (row->ring_no == other->ring_no || !lists(&row->concurrency, b))
                blame(c, RULE_STARTUP_CONFLICT, &other->startup, a, b, b);
        }
    }
}

int database_check(const struct database *db, database_report *report, void *arg)
{
    struct checker c = {.db = db, .report = report, .arg = arg};
    bool any = false;
    for (int phase_no = 1; phase_no <= PHASES_MAX; phase_no++) {
        if (!database_phase_enabled(db, phase_no))
            continue;
        any = true;
        if (db->phase[phase_no - 1].ring_no > RINGS_MAX)
            blame(&c, RULE_PHASE_RING_RANGE, &db->phase[phase_no - 1].ring_no, phase_no, 0,
                  db->phase[phase_no - 1].ring_no);
        check_concurrency(&c, phase_no);
    }
    struct plan_structure structure;
    if (any)
        plan_compile_rings(&structure, db, 1);
    for (int sequence_no = 1; any && sequence_no <= SEQUENCES_MAX; sequence_no++) {
        if (!sequence_used(db, sequence_no))
            continue;
        for (int ring_no = 1; ring_no <= RINGS_MAX; ring_no++)
            check_sequence_ring(&c, sequence_no, ring_no);
        check_barriers(&c, &structure, sequence_no);
    }
    check_startup(&c);
    return c.faults;
}

void database_default_channels(struct database *db)
{
    memset(db->channel, 0, sizeof db->channel);
    for (int channel_no = 1; channel_no <= CHANNELS_MAX; channel_no++) {
        struct channel_row *row = &db->channel[channel_no - 1];
        row->type = CHANNEL_OTHER;
        row->green_type = 1;
        row->ped_clear_indication = PED_CLEAR_FLASHING_RED;
        if (channel_no <= 8) {
            row->type = CHANNEL_VEHICLE;
            row->source_no = (uint8_t)channel_no;
        } else if (channel_no <= 12) {
            row->type = CHANNEL_OVERLAP;
            row->source_no = (uint8_t)(channel_no - 8);
        } else if (channel_no <= 16) {
            row->type = CHANNEL_PEDESTRIAN;
            row->source_no = (uint8_t)(2 * (channel_no - 12));
        }
        if (row->source_no && row->type != CHANNEL_PEDESTRIAN)
            row->flash = CHANNEL_FLASH_RED;
    }
}
