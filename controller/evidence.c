#include "evidence.h"
#include "utc_text.h"
#include <stdio.h>
#include <string.h>

enum { REACH_US = FEED_REACH_MS * 1000 };

#define NEVER_US INT64_MAX

/* ---- where in the journal ---- */

/* A place to begin reading: two beginnings of full states before the one that matters, so that what came
 * before is seen too. */
struct place {
    int64_t at_utc_us;
    int64_t begun[3]; /* the newest beginnings, the newest first */
    struct journal_stretch run;
    bool in_run;
    int64_t run_start; /* where to begin reading for an instant in this run */
    int64_t found_start;

    int matches;
    struct journal_stretch match; /* the unbroken run, or what came after the gap */
    bool gap;
    int64_t gap_from_utc_us;
    int64_t first_utc_us, last_utc_us;
};

static void end_run(struct place *place)
{
    const struct journal_stretch *run = &place->run;
    if (run->to_utc_us > place->last_utc_us)
        place->last_utc_us = run->to_utc_us;
    if (place->at_utc_us < run->from_utc_us || place->at_utc_us > run->to_utc_us)
        return;
    place->matches++;
    place->gap = false;
    place->match = *run;
    place->found_start = place->run_start;
}

static void note_gap(struct place *place, const struct journal_stretch *next)
{
    if (place->matches > 0 || place->at_utc_us <= place->run.to_utc_us ||
        place->at_utc_us >= next->from_utc_us)
        return;
    place->gap = true;
    place->gap_from_utc_us = place->run.to_utc_us;
    place->match = *next;
    place->found_start = place->begun[2];
}

static bool look_at_stretch(void *arg, const struct journal_stretch *stretch)
{
    struct place *place = arg;
    memmove(place->begun + 1, place->begun, 2 * sizeof *place->begun);
    place->begun[0] = stretch->report;
    for (int i = 1; i < 3; i++) {
        if (place->begun[i] == 0)
            place->begun[i] = place->begun[i - 1];
    }
    if (place->in_run && journal_breaks(stretch->kind)) {
        end_run(place);
        note_gap(place, stretch);
        place->in_run = false;
    }
    if (!place->in_run) {
        if (place->first_utc_us < 0 || stretch->from_utc_us < place->first_utc_us)
            place->first_utc_us = stretch->from_utc_us;
        place->run = *stretch;
        place->in_run = true;
    }
    place->run.to_utc_us = stretch->to_utc_us;
    if (stretch->from_utc_us <= place->at_utc_us)
        place->run_start = place->begun[2];
    return true;
}

/* ---- what is known of the group, moment by moment ---- */

struct replay {
    struct evidence *evidence;
    int64_t match; /* first report of the stretch that holds the instant, or that comes after its gap */
    int64_t stretch;
    int64_t from_utc_us; /* when that began */
    bool heard;
    int64_t last_utc_us; /* of the newest report */
    bool passed;         /* the instant lies behind */
    int after;           /* moments since */
};

static struct evidence_moment *newest(struct evidence *e)
{
    return e->count > 0 ? &e->moment[e->count - 1] : NULL;
}

static void push(struct replay *replay, const struct evidence_moment *moment)
{
    struct evidence *e = replay->evidence;
    struct evidence_moment *last = newest(e);
    if (last && last->stretch == moment->stretch && moment->from_utc_us <= last->from_utc_us) {
        const int64_t from_utc_us = last->from_utc_us;
        *last = *moment;
        last->from_utc_us = from_utc_us;
        return;
    }
    if (e->count == EVIDENCE_MOMENTS)
        memmove(e->moment, e->moment + 1, (size_t)--e->count * sizeof *e->moment);
    e->moment[e->count++] = *moment;
}

static int64_t to_utc(int64_t mono_us, const struct journal_entry *entry)
{
    return mono_us < 0 ? -1 : mono_us + entry->utc_us - entry->mono_us;
}

/* What is told later reaches back, but never to before its stretch. */
static int64_t reach_back(const struct replay *replay, int64_t utc_us)
{
    return utc_us > replay->from_utc_us ? utc_us : replay->from_utc_us;
}

static struct evidence_moment moment_of(const struct replay *replay, const struct journal_entry *entry)
{
    const struct feed_state *s = &entry->state;
    return (struct evidence_moment){
        .from_utc_us = reach_back(replay, to_utc(s->since_us, entry)),
        .stretch = replay->stretch,
        .known = true,
        .report = entry->report,
        .color = s->color,
        .since_us = s->since_us,
        .since_utc_us = to_utc(s->since_us, entry),
        .red_since_utc_us = to_utc(s->red_since_us, entry),
        .yellow_since_utc_us = to_utc(s->yellow_since_us, entry),
        .since_error_us = s->since_error_us,
        .yellow_ms = s->yellow_ms,
        .verified = s->verified,
        .valid = entry->valid,
        .enforceable_from_utc_us = s->enforceable ? to_utc(s->enforceable_since_us, entry) : NEVER_US,
        .reasons = entry->reasons,
        .clock = entry->clock,
        .clock_error_us = entry->clock_error_us,
    };
}

/* The newest moment, if anything is known of this stretch. */
static struct evidence_moment *present(struct replay *replay)
{
    struct evidence_moment *last = newest(replay->evidence);
    return last && last->known && last->stretch == replay->stretch ? last : NULL;
}

/* A state becomes valid when that is told; what was enforceable before was valid too. */
static void become_valid(struct replay *replay, struct evidence_moment *m, const struct journal_entry *entry)
{
    const struct evidence_moment *last = present(replay);
    if (last->color != m->color || last->since_us != m->since_us) {
        struct evidence_moment not_yet = *m;
        not_yet.valid = false;
        not_yet.enforceable_from_utc_us = NEVER_US;
        not_yet.reasons = last->reasons;
        push(replay, &not_yet);
    }
    m->from_utc_us = m->enforceable_from_utc_us < entry->utc_us ? m->enforceable_from_utc_us : entry->utc_us;
    push(replay, m);
}

/* A report that does not name the group may change its validity all the same. */
static void take_validity(struct replay *replay, const struct journal_entry *entry)
{
    const struct evidence_moment *last = present(replay);
    if (!last || (last->valid == entry->valid && (last->reasons | entry->reasons) == last->reasons))
        return;
    struct evidence_moment m = *last;
    m.report = entry->report;
    m.reasons = entry->reasons;
    m.valid = entry->valid;
    m.from_utc_us = entry->valid ? entry->utc_us : reach_back(replay, entry->utc_us - REACH_US);
    if (!entry->valid)
        m.enforceable_from_utc_us = NEVER_US;
    push(replay, &m);
}

static void take_state(struct replay *replay, const struct journal_entry *entry)
{
    struct evidence_moment *last = present(replay);
    struct evidence_moment m = moment_of(replay, entry);
    if (last && !last->valid && m.valid) {
        become_valid(replay, &m, entry);
        return;
    }
    if (!last || last->color != m.color || last->since_us != m.since_us) {
        if (last && last->valid && !m.valid)
            take_validity(replay, entry);
        push(replay, &m);
        return;
    }
    const bool lost = (last->valid && !m.valid) || (last->verified && !m.verified) ||
                      (last->enforceable_from_utc_us != NEVER_US && m.enforceable_from_utc_us == NEVER_US);
    if (lost) {
        m.from_utc_us = reach_back(replay, entry->utc_us - REACH_US);
        push(replay, &m);
        return;
    }
    /* A verification that came late completes what was told before. */
    m.from_utc_us = last->from_utc_us;
    m.since_utc_us = last->since_utc_us;
    m.reasons |= last->reasons;
    *last = m;
}

static void take_break(struct replay *replay, const struct journal_entry *entry)
{
    if (replay->heard)
        push(replay, &(struct evidence_moment){.from_utc_us = replay->last_utc_us,
                                               .stretch = -entry->report,
                                               .gap = entry->kind,
                                               .report = entry->report});
    replay->stretch = entry->report;
    replay->from_utc_us = entry->utc_us;
}

/* Whether the instant lies behind this report. A later stretch is later whatever its clock said. */
static bool has_passed(const struct replay *replay, const struct journal_entry *entry)
{
    const struct evidence *e = replay->evidence;
    if (entry->report < replay->match)
        return false;
    return e->in_gap || replay->stretch > replay->match || entry->utc_us > e->at_utc_us;
}

/* Enough, unless what was told so far may still be taken back. */
static bool goes_on(const struct replay *replay, const struct journal_entry *entry)
{
    if (!replay->passed)
        return true;
    const int64_t later_us = entry->utc_us - replay->evidence->at_utc_us;
    if (replay->stretch == replay->match && later_us < EVIDENCE_SETTLED_MS * INT64_C(1000))
        return true;
    return replay->after <= EVIDENCE_TOLD && later_us < EVIDENCE_LATER_S * INT64_C(1000000);
}

static bool look_at_entry(void *arg, const struct journal_entry *entry)
{
    struct replay *replay = arg;
    if (journal_breaks(entry->kind))
        take_break(replay, entry);
    else if (!replay->heard)
        replay->from_utc_us = entry->utc_us;
    replay->passed |= has_passed(replay, entry);
    const int before = replay->evidence->count;
    if (entry->has_state)
        take_state(replay, entry);
    else
        take_validity(replay, entry);
    if (replay->passed)
        replay->after += replay->evidence->count - before;
    replay->heard = true;
    replay->last_utc_us = entry->utc_us;
    return goes_on(replay, entry);
}

/* ---- the answer ---- */

static void find_moment(struct evidence *e, int64_t target)
{
    e->at_ix = -1;
    for (int i = 0; i < e->count; i++) {
        if (e->moment[i].stretch == target && e->moment[i].from_utc_us <= e->at_utc_us)
            e->at_ix = i;
    }
}

static int64_t later(int64_t a_us, int64_t b_us)
{
    return a_us > b_us ? a_us : b_us;
}

/* Whether the instant may as well lie where all of this was not true yet, or where something else was. A
 * clock that nobody vouches for and that leaves the state valid all the same is one that the cameras share.
 */
static bool at_an_edge(const struct evidence *e)
{
    const struct evidence_moment *m = &e->moment[e->at_ix], *next = m + 1;
    const int64_t error_us = m->clock == CLOCK_UNSYNCED ? 0 : m->clock_error_us;
    int64_t sure_from_us = later(m->from_utc_us, m->since_utc_us + m->since_error_us);
    if (m->enforceable_from_utc_us != NEVER_US)
        sure_from_us = later(sure_from_us, m->enforceable_from_utc_us);
    if (e->at_utc_us - error_us < sure_from_us)
        return true;
    if (e->at_ix + 1 == e->count || next->stretch != m->stretch)
        return false;
    const int64_t lit_us = next->since_utc_us - next->since_error_us;
    return e->at_utc_us + error_us >= (next->from_utc_us == next->since_utc_us ? lit_us : next->from_utc_us);
}

static uint32_t doubts(const struct evidence *e)
{
    const struct evidence_moment *m = &e->moment[e->at_ix];
    uint32_t why_not = 0;
    if (m->color != COLOR_RED)
        why_not |= DOUBT_NOT_RED;
    if (!m->valid)
        why_not |= DOUBT_INVALID;
    if (!m->verified)
        why_not |= DOUBT_UNVERIFIED;
    if (why_not == 0 && e->at_utc_us < m->enforceable_from_utc_us)
        why_not |= DOUBT_NOT_PROVEN;
    if (at_an_edge(e))
        why_not |= DOUBT_EDGE;
    if (e->unbroken_to_utc_us - e->at_utc_us < EVIDENCE_SETTLED_MS * INT64_C(1000))
        why_not |= DOUBT_NOT_SETTLED;
    return why_not;
}

static void judge(struct evidence *e, const struct place *place)
{
    find_moment(e, e->in_gap ? -place->match.report : place->match.report);
    e->known = e->at_ix >= 0 && e->moment[e->at_ix].known && place->matches == 1;
    e->why_not = place->matches > 1 ? DOUBT_TWICE : !e->known ? DOUBT_UNKNOWN : doubts(e);
    e->enforceable = e->why_not == 0;
}

static enum evidence_result fail(enum evidence_result result, char *why, size_t size, const char *text)
{
    snprintf(why, size, "%s", text);
    return result;
}

static enum evidence_result find_place(struct journal *journal, struct place *place, char *why, size_t size)
{
    char first[UTC_TEXT], last[UTC_TEXT];
    place->first_utc_us = place->last_utc_us = -1;
    if (journal_stretches(journal, look_at_stretch, place) < 0)
        return fail(EVIDENCE_FAILED, why, size, journal_error(journal));
    if (!place->in_run)
        return fail(EVIDENCE_NOT_REACHED, why, size, "the journal is empty");
    end_run(place);
    if (place->matches > 0 || place->gap)
        return EVIDENCE_FOUND;
    utc_print(place->first_utc_us, first);
    utc_print(place->last_utc_us, last);
    snprintf(why, size, "the journal reaches from %s to %s, not there", first, last);
    return EVIDENCE_NOT_REACHED;
}

enum evidence_result evidence_find(struct journal *journal, int group_no, int64_t at_utc_us,
                                   struct evidence *evidence, char *why, size_t size)
{
    struct place place = {.at_utc_us = at_utc_us};
    const enum evidence_result found = find_place(journal, &place, why, size);
    if (found != EVIDENCE_FOUND)
        return found;
    memset(evidence, 0, sizeof *evidence);
    evidence->group_no = group_no;
    evidence->at_utc_us = at_utc_us;
    evidence->boot = place.match.boot;
    evidence->in_gap = place.gap;
    evidence->first_utc_us = place.first_utc_us;
    evidence->last_utc_us = place.last_utc_us;
    snprintf(evidence->controller, sizeof evidence->controller, "%s", place.match.controller);
    evidence->unbroken_from_utc_us = place.gap ? place.gap_from_utc_us : place.match.from_utc_us;
    evidence->unbroken_to_utc_us = place.gap ? place.match.from_utc_us : place.match.to_utc_us;

    struct replay replay = {.evidence = evidence, .match = place.match.report};
    replay.stretch = place.found_start > place.match.report ? place.match.report : place.found_start;
    const int wired = journal_wiring(journal, group_no, place.match.report, evidence->wiring);
    if (wired < 0 || journal_entries(journal, group_no, place.found_start, look_at_entry, &replay) < 0 ||
        journal_seal(journal, &evidence->seal_report, evidence->seal) < 0)
        return fail(EVIDENCE_FAILED, why, size, journal_error(journal));
    if (wired == 0) {
        snprintf(why, size, "there was no group %d", group_no);
        return EVIDENCE_NO_GROUP;
    }
    judge(evidence, &place);
    return EVIDENCE_FOUND;
}
