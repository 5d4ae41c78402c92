#include "world.h"
#include <string.h>

void world_init(struct world *w, const struct junction *junction)
{
    memset(w, 0, sizeof *w);
    w->junction = junction;
    engine_init(&w->engine, &junction->plan[0]);
    guard_init(&w->guard, &junction->card);
}

static void turn(struct switches *s, const struct choice *choice)
{
    s->unit ^= choice->turned;
    s->preempt ^= choice->preempt;
    s->priority ^= choice->priority;
    s->offered = s->offered || choice->adopt;
}

static void offer(struct world *w)
{
    int other = !w->switches.plan_ix;
    if (!w->switches.offered || !engine_adopt(&w->engine, &w->junction->plan[other]))
        return;
    w->switches.plan_ix = (uint32_t)other;
    w->switches.offered = false;
}

static struct inputs inputs_of(const struct world *w, const struct choice *choice)
{
    struct inputs in = {
        .pedestrian = choice->buttons,
        .unit = w->switches.unit | choice->pressed,
        .preempt = w->switches.preempt,
        .priority = w->switches.priority,
    };
    in.vehicle.word[0] = choice->cars;
    return in;
}

static bool guard_is_content(struct world *w, struct breach *breach)
{
    struct frame shown;
    enum guard_trip trip = guard_step(&w->guard, &w->frame, w->engine.ctl.now_ds * TICK_MS, &shown);
    if (trip == GUARD_OK && w->guard.held_frames == 0)
        return true;
    *breach = (struct breach){
        .rule = trip == GUARD_OK ? "the guard holds a frame" : guard_trip_name(trip),
        .no = trip == GUARD_OK ? 0 : w->guard.trip_channel_no,
        .other_no = trip == GUARD_OK ? 0 : w->guard.trip_other_no,
    };
    return false;
}

/* What the preempt asks for that is on its way in, or begins its way in this step; NULL without one. */
static const struct preempt_row *entering(const struct world *w, const struct preempt_state *before)
{
    const struct preempt_state *now = &w->engine.ctl.preempt;
    bool was_on = before->stage == PREEMPT_ENTRY || before->stage == PREEMPT_TRACK;
    bool is_on = now->stage == PREEMPT_ENTRY || now->stage == PREEMPT_TRACK;
    bool began = now->active_ix >= 0 && now->active_ix != before->active_ix;
    int ix = is_on || began ? now->active_ix : was_on ? before->active_ix : -1;
    return ix >= 0 ? &w->junction->db[w->switches.plan_ix].preempt[ix] : NULL;
}

bool world_step(struct world *w, const struct choice *choice, struct breach *breach)
{
    int64_t before_ds = w->engine.ctl.now_ds;
    struct preempt_state preempt_before = w->engine.ctl.preempt;
    turn(&w->switches, choice);
    if (choice->command.size)
        engine_command(&w->engine, &choice->command);
    offer(w);
    struct inputs in = inputs_of(w, choice);
    engine_step(&w->engine, &in, STEP_DS, &w->frame);
    struct event event = {
        .cars = choice->cars,
        .buttons = choice->buttons,
        .stopped = in.unit & INPUT_STOP_TIME,
        .manual = w->engine.ctl.manual,
        .dt_ds = before_ds < 0 ? 0 : STEP_DS,
        .entering = entering(w, &preempt_before),
    };
    return observer_step(&w->observer, &w->junction->known[w->switches.plan_ix], &w->engine, &w->frame,
                         &event, breach) &&
           guard_is_content(w, breach);
}

/* Whether somebody may be kept waiting by what is switched. Until local zero the pattern goes on as it was
 * with the times of another plan: whoever gives it another one in every cycle may keep people out. */
static bool disturbed(const struct world *w)
{
    const struct engine_ctl *c = &w->engine.ctl;
    const struct control *control = &c->control;
    bool replanned = c->coord.stage == COORD_RUNNING && c->coord.stale;
    return replanned || c->unit != UNIT_RUNNING || c->flash.stage != FLASH_OFF || c->manual ||
           (w->switches.unit & (INPUT_STOP_TIME | INPUT_AUTOMATIC_FLASH)) || w->switches.preempt ||
           c->preempt.active_ix >= 0 || control->hold_mask || control->phase_omit_mask ||
           control->ped_omit_mask || control->ring_stop_time_mask || control->ring_max_inhibit_mask;
}

/* Somebody who comes to a green that may not walk again waits for the next one, and nothing asks for it. */
uint64_t world_waiting(const struct world *w)
{
    if (disturbed(w))
        return 0;
    return w->observer.cars | (w->observer.buttons & ~w->engine.ctl.green) << 32;
}

/* What the engine derives from its state it derives anew. */
static void refresh(struct world *w)
{
    w->engine.plan = &w->junction->plan[w->switches.plan_ix];
    memset(&w->engine.actuation, 0, sizeof w->engine.actuation);
    memset(&w->engine.overlap_seen, UINT8_MAX, sizeof w->engine.overlap_seen);
    memset(w->engine.framed, 0, sizeof w->engine.framed);
}

void world_settle(struct world *w)
{
    canonical_engine(&w->engine.ctl, &w->junction->caps);
    canonical_guard(&w->guard, &w->junction->caps);
    refresh(w);
}

/* ---- writing down ---- */

static const struct {
    size_t offset, size;
} parts[] = {
    {offsetof(struct world, engine.ctl), sizeof(struct engine_ctl)},
    {offsetof(struct world, guard), sizeof(struct guard)},
    {offsetof(struct world, observer), sizeof(struct observer)},
    {offsetof(struct world, switches), sizeof(struct switches)},
};

enum {
    PARTS = sizeof parts / sizeof parts[0],
    WORD = sizeof(uint64_t),
    BLOCK = 8 * WORD,
    RECORD = sizeof(uint16_t) + WORD,
};

_Static_assert(sizeof(struct engine_ctl) % WORD == 0 && sizeof(struct guard) % WORD == 0 &&
                   sizeof(struct observer) % WORD == 0 && sizeof(struct switches) % WORD == 0,
               "the parts are walked in words");

static uint64_t word_at(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static bool block_differs(const unsigned char *a, const unsigned char *b)
{
    uint64_t difference = 0;
    for (size_t at = 0; at < BLOCK; at += WORD)
        difference |= word_at(a + at) ^ word_at(b + at);
    return difference != 0;
}

/* One record for each word that differs from its value at power-up: its number, and the difference. */
static unsigned char *pack_words(const unsigned char *is, const unsigned char *was, size_t first,
                                 size_t count, unsigned char *out)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t difference = word_at(is + i * WORD) ^ word_at(was + i * WORD);
        uint16_t number = (uint16_t)(first + i);
        if (!difference)
            continue;
        memcpy(out, &number, sizeof number);
        memcpy(out + sizeof number, &difference, sizeof difference);
        out += RECORD;
    }
    return out;
}

size_t world_pack(const struct world *w, const struct world *start, unsigned char *packed)
{
    unsigned char *out = packed;
    size_t number = 0;
    for (int i = 0; i < PARTS; i++) {
        const unsigned char *is = (const unsigned char *)w + parts[i].offset;
        const unsigned char *was = (const unsigned char *)start + parts[i].offset;
        size_t at = 0;
        for (; at + BLOCK <= parts[i].size; at += BLOCK)
            if (block_differs(is + at, was + at))
                out = pack_words(is + at, was + at, number + at / WORD, BLOCK / WORD, out);
        out = pack_words(is + at, was + at, number + at / WORD, (parts[i].size - at) / WORD, out);
        number += parts[i].size / WORD;
    }
    return (size_t)(out - packed);
}

void world_unpack(struct world *w, const struct world *start, const unsigned char *packed, size_t size)
{
    const unsigned char *in = packed, *end = packed + size;
    size_t first = 0;
    world_copy(w, start);
    for (int i = 0; i < PARTS; i++) {
        unsigned char *part = (unsigned char *)w + parts[i].offset;
        for (; in < end; in += RECORD) {
            uint16_t number;
            memcpy(&number, in, sizeof number);
            if (number >= first + parts[i].size / WORD)
                break;
            unsigned char *p = part + (number - first) * WORD;
            uint64_t word = word_at(p) ^ word_at(in + sizeof number);
            memcpy(p, &word, sizeof word);
        }
        first += parts[i].size / WORD;
    }
    refresh(w);
}

void world_copy(struct world *to, const struct world *from)
{
    to->junction = from->junction;
    for (int i = 0; i < PARTS; i++)
        memcpy((char *)to + parts[i].offset, (const char *)from + parts[i].offset, parts[i].size);
    refresh(to);
}
