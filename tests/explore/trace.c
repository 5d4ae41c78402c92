#include "trace.h"
#include <stdio.h>
#include <stdlib.h>

enum { PATH_MAX_STEPS = 4096 };

static void print_head(const struct junction *j)
{
    int ix;
    printf("    %6s  %-24s", "second", "choice");
    FOR_EACH_BIT(ix, (uint64_t)j->known[0].used) {
        const struct known_channel *c = &j->known[0].channel[ix];
        if (c->overlap)
            printf("  %c", 'A' + j->db[0].channel[ix].source_no - 1);
        else
            printf(" %c%d", c->pedestrian ? 'p' : ' ', c->phase_no);
    }
    printf("   owed\n");
}

/* Upper case is steady. */
static char lamp(const struct junction *j, const struct frame *f, int no)
{
    bool flashing = channel_has(&f->flashing, no), red = channel_has(&f->red, no);
    if (f->all_flash)
        return '*';
    if (j->known[0].channel[no - 1].pedestrian)
        return flashing ? 'c' : channel_has(&f->green, no) ? 'W' : '.';
    if (channel_has(&f->green, no))
        return flashing ? 'g' : 'G';
    if (channel_has(&f->yellow, no))
        return flashing ? 'y' : red ? 'R' : 'Y';
    return !red ? '?' : flashing ? 'r' : '.';
}

static void print_step(const struct world *w, const struct choice *choice)
{
    const struct junction *j = w->junction;
    int ix;
    printf("    %6d  %-24s", (int)(w->engine.ctl.now_ds / 10), choice->name);
    FOR_EACH_BIT(ix, (uint64_t)j->known[0].used)
        printf("  %c", lamp(j, &w->frame, ix + 1));
    printf("   cars");
    FOR_EACH_BIT(ix, w->observer.cars)
        printf(" %d", ix + 1);
    printf(", pedestrians");
    FOR_EACH_BIT(ix, w->observer.buttons)
        printf(" %d", ix + 1);
    printf("\n");
}

/* The engine walks the whole way itself, never brought into canonical form. */
static bool walk(struct world *w, const struct search *s, uint32_t to, struct breach *breach)
{
    static int path[PATH_MAX_STEPS];
    int length = search_path(s, to, path, PATH_MAX_STEPS);
    world_init(w, s->junction);
    print_head(s->junction);
    for (int i = 0; i < length && i < PATH_MAX_STEPS; i++) {
        const struct choice *choice = &s->junction->choice[path[i]];
        bool held = world_step(w, choice, breach);
        print_step(w, choice);
        if (!held)
            return false;
    }
    return true;
}

static void print_breach(const struct breach *breach)
{
    printf("    %s", breach->rule);
    if (breach->no)
        printf(", %d", breach->no);
    if (breach->other_no)
        printf(" and %d", breach->other_no);
    printf(": expected %d, came %d\n", breach->expected, breach->came);
}

void trace_breach(const struct search *s)
{
    static struct world w;
    struct breach breach = {0};
    const struct choice *last = &s->junction->choice[s->breach_choice];
    if (walk(&w, s, s->breach_state, &breach)) {
        world_step(&w, last, &breach);
        print_step(&w, last);
    }
    if (breach.rule)
        print_breach(&breach);
    else
        printf("    the way does not end in a breach when it is walked again\n");
}

/* The choice by which the world gets into `state`; it stays where it is. */
static const struct choice *choice_to(const struct search *s, const struct world *w, uint32_t state)
{
    static struct world next;
    struct breach breach;
    for (int i = 0; i < s->junction->choices; i++) {
        world_copy(&next, w);
        world_step(&next, &s->junction->choice[i], &breach);
        if (!s->junction->choice[i].disturbs && search_find(s, &next) == state)
            return &s->junction->choice[i];
    }
    return NULL;
}

void trace_lasso(const struct search *s, const struct lasso *lasso)
{
    static struct world w;
    struct breach breach;
    walk(&w, s, lasso->entry, &breach);
    printf("    and from here on for ever:\n");
    for (uint32_t i = 1; i <= lasso->length; i++) {
        const struct choice *choice = choice_to(s, &w, lasso->cycle[i % lasso->length]);
        if (!choice) {
            printf("    the cycle does not close when it is walked again\n");
            return;
        }
        world_step(&w, choice, &breach);
        print_step(&w, choice);
    }
    printf("    I7: %s %d waits for ever\n", lasso->bit < 32 ? "a car at" : "a pedestrian at",
           lasso->bit % 32 + 1);
}
