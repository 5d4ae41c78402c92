#include "checker.h"
#include <string.h>

void checker_init(struct checker *checker, const struct guard_card *card, int64_t tolerance_us)
{
    memset(checker, 0, sizeof *checker);
    checker->card = card;
    checker->tolerance_us = tolerance_us;
    for (int ix = 0; ix < CHANNELS_MAX; ix++) {
        checker->unknown[ix] = true;
        checker->green_end_us[ix] = checker->red_since_us[ix] = -1;
    }
}

uint64_t checker_total(const struct checker *checker)
{
    uint64_t total = 0;
    for (int i = 0; i < INVARIANTS; i++)
        total += checker->breaches[i];
    return total;
}

/* A flashing arrow yields, and so does the yellow behind it; the yellow of a protected green looks the same,
 * but what the arrow yields to is red then. */
static bool yields(const struct checker *checker, int arrow_no, int other_no)
{
    return channel_has(&checker->card->arrow, arrow_no) &&
           channel_has(&checker->card->yields[arrow_no - 1], other_no) &&
           checker->seen[arrow_no - 1].color == LAMP_YELLOW;
}

static bool compatible(const struct checker *checker, int a_no, int b_no)
{
    return a_no == b_no || channel_has(&checker->card->permissive[a_no - 1], b_no) ||
           yields(checker, a_no, b_no) || yields(checker, b_no, a_no);
}

static bool cleared(const struct checker *checker, int ended_no, int begins_no, int64_t now_us)
{
    const struct guard_card *card = checker->card;
    int64_t late_us = now_us + checker->tolerance_us;
    int64_t red_us = checker->red_since_us[ended_no - 1];
    int64_t end_us = checker->green_end_us[ended_no - 1];
    int64_t between_us = (int64_t)card->intergreen_ds[ended_no - 1][begins_no - 1] * 100 * 1000;
    return (red_us < 0 || late_us - red_us >= (int64_t)card->red_floor_ms[ended_no - 1] * 1000) &&
           (end_us < 0 || late_us - end_us >= between_us);
}

static void check_clearances(struct checker *checker, int channel_no, int64_t now_us)
{
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        if (channel_has(&checker->card->used, no) && !compatible(checker, no, channel_no) &&
            !cleared(checker, no, channel_no, now_us)) {
            checker->breaches[INVARIANT_CLEARANCE]++;
            return;
        }
    }
}

static void check_order(struct checker *checker, int channel_no, enum lamp_color was,
                        const struct lamp_span *is)
{
    bool no_yellow =
        channel_has(&checker->card->pedestrian, channel_no) || channel_has(&checker->card->bar, channel_no);
    bool arrow = channel_has(&checker->card->arrow, channel_no);
    switch (is->color) {
    case LAMP_GREEN:
        if (was == LAMP_YELLOW)
            checker->breaches[INVARIANT_ORDER]++;
        check_clearances(checker, channel_no, is->since_us);
        break;
    case LAMP_YELLOW:
        if ((was != LAMP_GREEN && !arrow) || no_yellow)
            checker->breaches[INVARIANT_ORDER]++;
        if (was == LAMP_RED)
            check_clearances(checker, channel_no, is->since_us);
        break;
    case LAMP_RED:
        if (was == LAMP_GREEN && !no_yellow)
            checker->breaches[INVARIANT_ORDER]++;
        if (was == LAMP_YELLOW &&
            is->since_us - checker->seen[channel_no - 1].since_us + checker->tolerance_us <
                (int64_t)checker->card->yellow_floor_ms[channel_no - 1] * 1000)
            checker->breaches[INVARIANT_YELLOW]++;
        break;
    case LAMP_DARK:
        if (!channel_has(&checker->card->dark_ok, channel_no))
            checker->breaches[INVARIANT_INDICATION]++;
        break;
    }
}

static void look_at(struct checker *checker, const struct lamps *lamps, int channel_no, bool flash)
{
    int ix = channel_no - 1;
    const struct lamp_span *is = lamp_now(&lamps->lamp[ix]);
    enum lamp_color was = checker->seen[ix].color;
    if (is->color == was && is->since_us == checker->seen[ix].since_us) {
        checker->unknown[ix] |= flash;
        return;
    }
    bool known = !flash && !checker->unknown[ix] && was != LAMP_DARK;
    if (known)
        check_order(checker, channel_no, was, is);
    if (was == LAMP_GREEN)
        checker->green_end_us[ix] = known ? is->since_us : -1;
    checker->red_since_us[ix] = is->color == LAMP_RED && known ? is->since_us : -1;
    checker->unknown[ix] = flash || is->color == LAMP_DARK;
    checker->seen[ix] = *is;
}

static bool rivals_burn(const struct checker *checker, int channel_no, const struct channel_mask *rivals)
{
    for (int i = 0; i < 2; i++) {
        for (uint64_t left = rivals->word[i]; left != 0; left &= left - 1) {
            if (!compatible(checker, channel_no, 64 * i + mask_lowest_no(left)))
                return true;
        }
    }
    return false;
}

static bool conflict_seen(const struct checker *checker, const struct channel_mask *going)
{
    for (int i = 0; i < 2; i++) {
        for (uint64_t left = going->word[i]; left != 0; left &= left - 1) {
            int no = 64 * i + mask_lowest_no(left);
            const struct channel_mask *allowed = &checker->card->permissive[no - 1];
            uint64_t others[2] = {going->word[0], going->word[1]};
            others[i] &= ~(left & -left);
            struct channel_mask rivals = {{others[0] & ~allowed->word[0], others[1] & ~allowed->word[1]}};
            if (rivals_burn(checker, no, &rivals))
                return true;
        }
    }
    return false;
}

void checker_look(struct checker *checker, const struct lamps *lamps, bool flash)
{
    struct channel_mask going = {{0, 0}};
    uint64_t dual = 0;
    for (int i = 0; i < 2; i++) {
        uint64_t red = lamps->red.word[i], yellow = lamps->yellow.word[i], green = lamps->green.word[i];
        dual |= (red & yellow & ~checker->card->red_yellow.word[i]) | (red & green) | (yellow & green);
        for (uint64_t left = checker->card->used.word[i]; left != 0; left &= left - 1) {
            int no = 64 * i + mask_lowest_no(left);
            look_at(checker, lamps, no, flash);
            enum lamp_color color = checker->seen[no - 1].color;
            if (color == LAMP_GREEN || color == LAMP_YELLOW)
                channel_add(&going, no);
        }
    }
    bool conflict = !flash && conflict_seen(checker, &going);
    checker->breaches[INVARIANT_CONFLICT] += conflict && !checker->in_conflict;
    checker->in_conflict = conflict;
    checker->breaches[INVARIANT_INDICATION] += dual != 0 && !checker->in_dual;
    checker->in_dual = dual != 0;
}
