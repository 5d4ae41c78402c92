#include "database.h"
#include "plan.h"
#include <stddef.h>
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

_Static_assert(sizeof(struct database) - offsetof(struct database, device) - sizeof(struct device_rows) <
                   _Alignof(struct database),
               "what the engine reads stands before the rows of the device");

bool database_differs_for_engine(const struct database *a, const struct database *b)
{
    return memcmp(a, b, offsetof(struct database, device)) != 0;
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

/* ---- phases that are led to together ---- */

/* The members behind `phase_no` that may not be on together with it. */
static uint64_t clashes(const struct database *db, int phase_no, uint64_t members)
{
    const struct phase_row *row = &db->phase[phase_no - 1];
    uint64_t clashing = 0;
    for (int other_no = phase_no + 1; other_no <= PHASES_MAX; other_no++)
        if (mask_has(members, other_no) &&
            (row->ring_no == db->phase[other_no - 1].ring_no || !lists(&row->concurrency, other_no)))
            clashing |= mask_of(other_no);
    return clashing;
}

static void check_startup(struct checker *c)
{
    uint64_t starting = 0;
    for (int phase_no = 1; phase_no <= PHASES_MAX; phase_no++) {
        int startup = c->db->phase[phase_no - 1].startup;
        if (startup >= STARTUP_GREEN_WALK && startup <= STARTUP_RED_CLEAR &&
            database_phase_enabled(c->db, phase_no))
            starting |= mask_of(phase_no);
    }
    int a, b;
    FOR_EACH_BIT(a, starting)
        FOR_EACH_BIT(b, clashes(c->db, a + 1, starting))
            blame(c, RULE_STARTUP_CONFLICT, &c->db->phase[b].startup, a + 1, b + 1, b + 1);
}

static void check_flash(struct checker *c, enum phase_option option, enum database_rule rule)
{
    uint64_t marked = 0;
    for (int phase_no = 1; phase_no <= PHASES_MAX; phase_no++)
        if ((c->db->phase[phase_no - 1].options & option) && database_phase_enabled(c->db, phase_no))
            marked |= mask_of(phase_no);
    int a, b;
    FOR_EACH_BIT(a, marked)
        FOR_EACH_BIT(b, clashes(c->db, a + 1, marked))
            blame(c, rule, &c->db->phase[b].options, a + 1, b + 1, b + 1);
}

static uint64_t enabled_members(const struct database *db, const struct phase_list *list)
{
    uint64_t members = 0;
    for (int i = 0; i < list->count; i++)
        if (exists(list->number[i]) && database_phase_enabled(db, list->number[i]))
            members |= mask_of(list->number[i]);
    return members;
}

static void check_preempt_list(struct checker *c, int preempt_no, const struct phase_list *list,
                               enum database_rule rule)
{
    uint64_t members = enabled_members(c->db, list);
    int a, b;
    FOR_EACH_BIT(a, members)
        FOR_EACH_BIT(b, clashes(c->db, a + 1, members))
            blame(c, rule, list, preempt_no, a + 1, b + 1);
}

/* An interval that the preempt leaves out has no phases to clash. */
static void check_preempt(struct checker *c, int preempt_no)
{
    const struct preempt_row *row = &c->db->preempt[preempt_no - 1];
    bool enable_bit = c->db->unit.preempt_enable_bit != PREEMPT_ENABLE_BIT_IGNORED;
    if (enable_bit && !(row->control & PREEMPT_ENABLED))
        return;
    if (row->track_green_s)
        check_preempt_list(c, preempt_no, &row->track_phase, RULE_PREEMPT_TRACK_CONFLICT);
    if (!(row->control & PREEMPT_FLASH_DWELL))
        check_preempt_list(c, preempt_no, &row->dwell_phase, RULE_PREEMPT_DWELL_CONFLICT);
    check_preempt_list(c, preempt_no, &row->exit_phase, RULE_PREEMPT_EXIT_CONFLICT);
}

/* ---- pedestrians and overlaps ---- */

/* What of the clearance runs in yellow and red clearance is missing there before the next green. */
static void check_ped_clear(struct checker *c, int phase_no)
{
    const struct phase_row *row = &c->db->phase[phase_no - 1];
    if (!row->ped_clear_into_yellow_red_ds || !(row->ped_clear_s || row->ped_alternate_clear_s))
        return;
    int left_ds = row->yellow_ds + row->red_clear_ds - row->ped_clear_into_yellow_red_ds;
    if (left_ds < PED_BUFFER_DS)
        blame(c, RULE_PED_CLEAR_BUFFER, &row->ped_clear_into_yellow_red_ds, phase_no, 0,
              left_ds > 0 ? left_ds : 0);
}

static void check_overlap(struct checker *c, int overlap_no)
{
    const struct overlap_row *row = &c->db->overlap[overlap_no - 1];
    bool minus = row->type == OVERLAP_MINUS_GREEN_YELLOW || row->type == OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE;
    uint64_t seen = 0;
    for (int i = 0; i < row->included.count; i++) {
        int phase_no = row->included.number[i];
        if (!exists(phase_no) || !database_phase_enabled(c->db, phase_no))
            continue;
        if (mask_has(seen, phase_no))
            blame(c, RULE_OVERLAP_PHASE_TWICE, &row->included, overlap_no, 0, phase_no);
        else if (minus && lists(&row->modifier, phase_no))
            blame(c, RULE_OVERLAP_MODIFIER, &row->modifier, overlap_no, 0, phase_no);
        seen |= mask_of(phase_no);
    }
}

/* NTCIP 1103, eventClassLimit: blamed is the class that goes beyond what is there. */
static void check_event_limits(struct checker *c)
{
    const struct event_class_row *culprit = NULL;
    int sum = 0;
    for (int ix = 0; ix < EVENT_CLASSES_MAX; ix++) {
        const struct event_class_row *row = &c->db->device.event.class[ix];
        sum += row->limit;
        if (sum > EVENT_LOG_MAX && !culprit)
            culprit = row;
    }
    if (culprit)
        blame(c, RULE_EVENT_LOG_SIZE, &culprit->limit, (int)(culprit - c->db->device.event.class) + 1, 0,
              sum);
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
        check_ped_clear(&c, phase_no);
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
    check_flash(&c, PHASE_FLASH_ENTRY, RULE_FLASH_ENTRY_CONFLICT);
    check_flash(&c, PHASE_FLASH_EXIT, RULE_FLASH_EXIT_CONFLICT);
    for (int overlap_no = 1; overlap_no <= OVERLAPS_MAX; overlap_no++)
        check_overlap(&c, overlap_no);
    for (int preempt_no = 1; preempt_no <= PREEMPTS_MAX; preempt_no++)
        check_preempt(&c, preempt_no);
    check_event_limits(&c);
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
