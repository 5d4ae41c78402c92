/* The guard by example: each rule of guard.h once, tick by tick, on a small junction. */
#include "../../phases/guard.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Vehicles 2 and 6 may go together, and with pedestrian 14; 4 may go with 70 only. 40 may be dark and
 * goes with everything. Yellow floor 3.0 s, red floor 1.0 s. */
static struct guard_card card;
static struct guard g;
static struct frame shown;
static int64_t now_ms;

static void permit(int a, int b)
{
    channel_add(&card.permissive[a - 1], b);
    channel_add(&card.permissive[b - 1], a);
}

static void begin(void)
{
    static const int used[] = {2, 4, 6, 14, 40, 70};
    memset(&card, 0, sizeof(card));
    for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
        channel_add(&card.used, used[i]);
        permit(40, used[i]);
        card.yellow_floor_ms[used[i] - 1] = 3000;
        card.red_floor_ms[used[i] - 1] = 1000;
    }
    channel_add(&card.pedestrian, 14);
    channel_add(&card.dark_ok, 40);
    permit(2, 6);
    permit(2, 14);
    permit(6, 14);
    permit(4, 70);
    card.flash_yellow.word[0] = mask_of(2) | mask_of(6);
    card.flash_red.word[0] = mask_of(4);
    channel_add(&card.flash_red, 70);
    guard_init(&g, &card);
    now_ms = 5000;
}

/* "2G 4y 14-": channel and colour; capitals are steady, small letters flash, - is dark. Channels of the
 * card that are not named are red. "FLASH" is the card's image. */
static struct frame frame_of(const char *text)
{
    struct frame f;
    memset(&f, 0, sizeof(f));
    if (strcmp(text, "FLASH") == 0) {
        guard_flash_frame(&card, &f);
        return f;
    }
    f.red = card.used;
    for (const char *at = text; *at;) {
        char *letter;
        int no = (int)strtol(at, &letter, 10);
        channel_remove(&f.red, no);
        for (; *letter && *letter != ' '; letter++) {
            if (strchr("Rr", *letter))
                channel_add(&f.red, no);
            if (strchr("Yy", *letter))
                channel_add(&f.yellow, no);
            if (strchr("Gg", *letter))
                channel_add(&f.green, no);
            if (strchr("ryg", *letter))
                channel_add(&f.flashing, no);
        }
        at = letter + strspn(letter, " ");
    }
    return f;
}

static void describe(const struct frame *f, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, f->all_flash ? "in flash:" : "");
    for (int no = 1; no <= CHANNELS_MAX && used < size; no++) {
        bool flashing = channel_has(&f->flashing, no);
        const char *red = channel_has(&f->red, no) ? flashing ? "r" : "R" : "";
        const char *yellow = channel_has(&f->yellow, no) ? flashing ? "y" : "Y" : "";
        const char *green = channel_has(&f->green, no) ? flashing ? "g" : "G" : "";
        if (*red || *yellow || *green)
            used += (size_t)snprintf(text + used, size - used, " %d%s%s%s", no, red, yellow, green);
    }
}

/* Asks for `want` for `ticks` ticks; each of them must show `expected`. */
static void ask_frame(const struct frame *want, int ticks, const char *expected, int line)
{
    struct frame due = frame_of(expected);
    for (int i = 0; i < ticks; i++, now_ms += TICK_MS) {
        guard_step(&g, want, now_ms, &shown);
        char expected_text[256], shown_text[256];
        describe(&due, expected_text, sizeof(expected_text));
        describe(&shown, shown_text, sizeof(shown_text));
        if (strcmp(expected_text, shown_text) != 0) {
            harness_fail(__FILE__, line, "tick %d of it, %lld ms: expected%s, came%s (%s)", i,
                         (long long)now_ms, expected_text, shown_text, guard_trip_name(g.trip));
            return;
        }
    }
}

static void ask(const char *want, int ticks, const char *expected, int line)
{
    struct frame f = frame_of(want);
    ask_frame(&f, ticks, expected, line);
}
#define ASK(want, ticks, expected) ask(want, ticks, expected, __LINE__)
#define PASS(want, ticks)          ask(want, ticks, want, __LINE__)

static void trips(const char *want, enum guard_trip reason, int channel_no, int other_no, int line)
{
    ask(want, 1, "FLASH", line);
    if (g.trip != reason || g.trip_channel_no != channel_no || g.trip_other_no != other_no)
        harness_fail(__FILE__, line, "expected %s on %d, %d; came %s on %d, %d", guard_trip_name(reason),
                     channel_no, other_no, guard_trip_name(g.trip), g.trip_channel_no, g.trip_other_no);
}
#define TRIPS(want, reason, channel_no, other_no) trips(want, reason, channel_no, other_no, __LINE__)

static void legal_cycle(void)
{
    begin();
    PASS("", 20);
    PASS("2G 6G 14G", 70);
    PASS("2G 6G 14r", 100);
    PASS("2G 6G", 5);
    PASS("2g 6g", 30);
    PASS("2Y 6Y", 30);
    PASS("", 10);
    PASS("4G 70G 40G", 50);
    PASS("4Y 70Y 40G", 30);
    PASS("40Y", 10);
    PASS("2G 40Y", 20);
    PASS("2G 6G 40-", 20);
    CHECK_INT(GUARD_OK, g.trip);
    CHECK_INT(0, (int64_t)g.held_frames);
}

static void conflicts(void)
{
    static const char *const pairs[] = {"2G 4G", "2g 4G", "2Y 4G", "2Y 4Y", "2G 4y"};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        begin();
        TRIPS(pairs[i], GUARD_CONFLICT, 2, 4);
    }
    begin();
    TRIPS("6G 70G", GUARD_CONFLICT, 6, 70); /* across the words of a mask */
    begin();
    TRIPS("4G 14G", GUARD_CONFLICT, 4, 14);
    begin();
    TRIPS("4G 14g", GUARD_CONFLICT, 4, 14);
    begin();
    PASS("4G", 5);
    PASS("4G 14r", 5); /* flashing don't walk is red */
}

static void start_waits_for_clearing_pedestrians(void)
{
    begin();
    PASS("14G", 20);
    ASK("4G 14r", 30, "14r");
    PASS("4G", 1);
}

/* A process that came back at once: whatever was green a moment ago is cleared first. */
static void past_in_doubt(void)
{
    begin();
    guard_doubt_past(&g);
    PASS("FLASH", 1);
    ASK("2G 6G", 39, ""); /* 3 s of yellow and 1 s of red, from the flash on */
    PASS("2G 6G", 1);
}

static void trips_latch(void)
{
    begin();
    PASS("2G", 10);
    TRIPS("2G 4G", GUARD_CONFLICT, 2, 4);
    ASK("2G", 600, "FLASH");
    ASK("", 600, "FLASH");
    CHECK_INT(GUARD_CONFLICT, g.trip);
    guard_reset(&g);
    CHECK_INT(GUARD_OK, g.trip);
    PASS("4G", 5);
    TRIPS("2G 4G", GUARD_CONFLICT, 2, 4);
    guard_reset(&g);
    TRIPS("2G 4G", GUARD_CONFLICT, 2, 4); /* the same frame is judged again */
}

static void single_channel_faults(void)
{
    begin();
    TRIPS("4-", GUARD_DARK, 4, 0);
    begin();
    PASS("40-", 5);
    begin();
    TRIPS("2RG", GUARD_DUAL, 2, 0);
    begin();
    TRIPS("70RY", GUARD_DUAL, 70, 0);
    begin();
    TRIPS("6YG", GUARD_DUAL, 6, 0);
    begin();
    TRIPS("3R", GUARD_UNUSED_LIT, 3, 0);
    begin();
    TRIPS("14Y", GUARD_UNUSED_LIT, 14, 0);
}

static void yellow_out_of_order(void)
{
    begin();
    PASS("2G 6G", 10);
    TRIPS("2G", GUARD_SKIPPED_YELLOW, 6, 0);
    begin();
    PASS("2g", 10);
    TRIPS("", GUARD_SKIPPED_YELLOW, 2, 0);
    begin();
    PASS("40G", 10);
    TRIPS("40-", GUARD_SKIPPED_YELLOW, 40, 0);
    begin();
    PASS("2G", 10);
    TRIPS("2G 6Y", GUARD_YELLOW_AFTER_RED, 6, 0);
    begin();
    PASS("14G", 10);
    PASS("", 10); /* a walk ends without yellow */
}

static void opening(void)
{
    begin();
    PASS("2Y 6Y", 30); /* start-up phases may begin with yellow at once, */
    begin();
    PASS("", 50);
    PASS("2Y 6G", 30); /* or after the start-up's all-red, */
    PASS("6G", 1);
    TRIPS("2Y 6G", GUARD_YELLOW_AFTER_RED, 2, 0); /* but only as the first right of way */
}

static void short_yellow(void)
{
    begin();
    PASS("2G 6G", 10);
    PASS("2Y 6G", 10);
    ASK("6G", 20, "2Y 6G"); /* red asked after 1.0 s of yellow */
    ASK("6Y", 30, "6Y");
    begin();
    PASS("2G", 10);
    PASS("2Y", 1);
    ASK("4G 70G", 29, "2Y");
    ASK("4G 70G", 10, ""); /* the red floor of 2 */
    PASS("4G 70G", 10);
    CHECK_INT(39, (int64_t)g.held_frames);
    CHECK_INT(3900, g.held_ms);
    PASS("4Y 70Y", 10);
    ASK("", 5, "4Y 70Y");
    PASS("FLASH", 10); /* flash holds nothing */
    CHECK_INT(44, (int64_t)g.held_frames);
    CHECK_INT(4400, g.held_ms);
}

static void short_red_clearance(void)
{
    begin();
    PASS("2G", 10);
    PASS("2Y", 30);
    PASS("", 4);
    ASK("4g", 6, ""); /* a start held is shown as a steady red */
    PASS("4g", 10);
    begin();
    PASS("14G", 10);
    ASK("4G", 10, ""); /* pedestrians have a red floor too */
    PASS("4G", 10);
    begin();
    card.red_floor_ms[2 - 1] = 0;
    PASS("2G", 10);
    PASS("2Y", 30);
    PASS("4G", 10); /* a floor of 0 lets yellow and green change in one frame */
}

static void intergreen(void)
{
    begin();
    card.intergreen_ds[2 - 1][4 - 1] = 60;
    PASS("2G", 10);
    PASS("2Y", 30);
    PASS("", 10);
    ASK("4G 70G", 20, "70G"); /* 6.0 s after the end of 2's green; 70 has no such pair */
    PASS("4G 70G", 10);
}

static void held_start_given_up(void)
{
    begin();
    PASS("2G", 10);
    PASS("2Y", 10);
    ASK("4G", 5, "2Y");
    ASK("4Y", 10, "2Y"); /* its green was never shown: nor is its yellow */
    ASK("", 5, "2Y");
    PASS("", 10);
    PASS("4G", 10);
    CHECK_INT(GUARD_OK, g.trip);
}

static void green_out_of_yellow(void)
{
    begin();
    PASS("2G 6G", 10);
    PASS("2Y 6G", 10);
    ASK("2G 6G", 20, "2Y 6G");
    ASK("2G 6G", 10, "6G");
    PASS("2G 6G", 10);
    CHECK_INT(GUARD_OK, g.trip);
}

static void flashing_yellow_is_made_steady(void)
{
    begin();
    PASS("2G", 10);
    ASK("2y", 30, "2Y");
    PASS("2r", 10);
}

static void flash_frames(void)
{
    begin();
    PASS("FLASH", 5);
    PASS("2G", 10);
    PASS("FLASH", 1); /* from green at once: a fault does not wait */

    /* green, two colours, steady, dark, yellow against the card, an unknown channel */
    static const char *const wrong[] = {"2g 4r 6y 14- 40- 70r", "2ry 4r 6y 14- 40- 70r",
                                        "2Y 4r 6y 14- 40- 70r", "2y 4- 6y 14- 40- 70r",
                                        "2y 4y 6y 14- 40- 70r", "2y 3r 4r 6y 14- 40- 70r"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct frame want = frame_of(wrong[i]);
        want.all_flash = true;
        begin();
        ask_frame(&want, 2, "FLASH", __LINE__);
        CHECK_INT(GUARD_OK, g.trip);
    }

    begin();
    struct frame all_red = frame_of("2r 4r 6r 14r 40r 70r");
    all_red.all_flash = true;
    guard_step(&g, &all_red, now_ms, &shown);
    CHECK_BYTES(&all_red.red, &shown.red, sizeof(shown.red));
    CHECK_INT(0, (int64_t)shown.yellow.word[0]);
    CHECK(shown.all_flash);
}

static void moment_of_flash_shortens_nothing(void)
{
    begin();
    PASS("2G", 10);
    PASS("FLASH", 1);
    ASK("4G", 39, ""); /* 3.0 s of yellow and 1.0 s of red, 0.1 s of it in flash */
    PASS("4G", 10);
    begin();
    PASS("2G", 10);
    PASS("2Y", 20);
    PASS("FLASH", 1);
    ASK("4G", 19, "");
    PASS("4G", 10);
    begin();
    PASS("2G", 10);
    TRIPS("2G 4G", GUARD_CONFLICT, 2, 4);
    guard_reset(&g);
    ASK("4G", 39, "");
    PASS("4G", 10);
}

static void clock_wobbles(void)
{
    begin();
    PASS("2G", 10);
    PASS("2Y", 29);
    now_ms -= 2000;
    ASK("", 1, "2Y"); /* time that runs backwards stands still */
    now_ms += 2000;
    PASS("", 10);
    PASS("4G", 10);
    now_ms -= 2000;
    PASS("4Y", 1); /* nor does the yellow seem to have begun earlier */
    now_ms += 2000;
    PASS("4Y", 27);
    ASK("", 1, "4Y");
    PASS("", 1);
    begin();
    now_ms += 30; /* the yellow begins late by less than half a tick and ends in time */
    PASS("2G", 10);
    PASS("2Y", 1);
    now_ms -= 30;
    PASS("2Y", 29);
    PASS("", 1);
    begin();
    card.yellow_floor_ms[2 - 1] = 2950;
    PASS("2G", 10);
    PASS("2Y", 29);
    ASK("", 1, "2Y"); /* but no floor is rounded down */
    PASS("", 1);
}

/* 6 is an arrow that yields to 4; 2 may show red-yellow; 70 is a bar signal. */
static void begin_arrow(void)
{
    begin();
    channel_add(&card.arrow, 6);
    channel_add(&card.yields[6 - 1], 4);
    channel_add(&card.yields[4 - 1], 6);
    channel_add(&card.red_yellow, 2);
    channel_add(&card.bar, 70);
}

static void arrow_yields(void)
{
    begin_arrow();
    PASS("6G", 30); /* protected */
    PASS("6Y", 30);
    PASS("", 10);
    PASS("4G", 20);
    PASS("4G 6y", 50);
    PASS("4Y 6Y", 30);
    PASS("", 10);
    PASS("4G 6r", 50); /* an arrow that flashes red */
    PASS("4G 6Y", 10);
    PASS("4Y 6Y", 20);
    PASS("4Y", 10);
    PASS("", 10);
    PASS("2G 6G", 1);
    CHECK_INT(GUARD_OK, g.trip);
    CHECK_INT(0, (int64_t)g.held_frames);
}

static void arrow_conflicts(void)
{
    begin_arrow();
    PASS("4G 6y", 10);
    TRIPS("6G", GUARD_SKIPPED_YELLOW, 4, 0);
    begin_arrow();
    PASS("4G 6y", 10);
    PASS("4Y 6y", 30);
    TRIPS("6G", GUARD_SKIPPED_YELLOW, 6, 0); /* it never turns into the protected green */
    begin_arrow();
    TRIPS("4G 6G", GUARD_CONFLICT, 4, 6);
    begin_arrow();
    TRIPS("6y 70G", GUARD_CONFLICT, 6, 70);
    begin_arrow();
    PASS("6G", 10);
    TRIPS("4G 6Y", GUARD_CONFLICT, 4, 6); /* the yellow of a protected green yields to nobody */
    begin_arrow();
    PASS("6G", 10);
    TRIPS("6y", GUARD_SKIPPED_YELLOW, 6, 0);
    begin_arrow();
    PASS("4G 6y", 10);
    TRIPS("4G", GUARD_SKIPPED_YELLOW, 6, 0);
    begin_arrow();
    PASS("4G 6r", 10);
    TRIPS("4G", GUARD_SKIPPED_YELLOW, 6, 0);
    begin_arrow();
    PASS("6G", 10);
    PASS("6Y", 30);
    ASK("4G 6y", 10, ""); /* the protected green is cleared for 4 before the arrow may flash beside it */
    PASS("4G 6y", 10);
}

static void dark_arrow_turns_yellow(void)
{
    begin_arrow();
    channel_add(&card.dark_ok, 6);
    PASS("4G 6-", 10);
    PASS("4Y", 30);
    PASS("6-", 20);
    PASS("6Y", 30);
    PASS("2G", 10);
    TRIPS("2G 6Y", GUARD_YELLOW_AFTER_RED, 6, 0);
    begin_arrow();
    channel_add(&card.dark_ok, 6);
    PASS("4G 6y", 10);
    PASS("4Y 6Y", 30);
    PASS("6-", 20);
    PASS("4G 6-", 10);
    TRIPS("4G 6Y", GUARD_CONFLICT, 4, 6); /* this yellow is that of a protected green */
}

static void red_yellow(void)
{
    begin_arrow();
    PASS("4G", 10);
    PASS("4Y", 10);
    PASS("4Y 2RY", 20);
    ASK("2G", 10, "2RY"); /* held by the red floor of 4 */
    PASS("2G", 10);
    TRIPS("2RY", GUARD_SKIPPED_YELLOW, 2, 0);
    begin_arrow();
    PASS("2RY", 10);
    TRIPS("", GUARD_RED_YELLOW_ALONE, 2, 0);
    begin_arrow();
    PASS("2RY", 10);
    TRIPS("2Y", GUARD_RED_YELLOW_ALONE, 2, 0);
    begin_arrow();
    PASS("2RY", 10);
    PASS("FLASH", 10);
    PASS("", 10);
    TRIPS("4RY", GUARD_DUAL, 4, 0);
    begin_arrow();
    ASK("2ry", 10, "2RY"); /* steady, whatever is asked */
}

static void bar_has_no_yellow(void)
{
    begin_arrow();
    PASS("70G", 10);
    PASS("70g", 40);
    PASS("", 5);
    ASK("2G", 5, "");
    PASS("2G", 10);
    TRIPS("2G 70Y", GUARD_UNUSED_LIT, 70, 0);
}

/* All of guard.c's table: one vehicle channel and one pedestrian, every shown and asked state. */
static void table(void)
{
    static const struct {
        const char *before;
        int ticks;
        const char *asked, *next; /* NULL: trips */
    } rows[] = {
        {"", 20, "", ""},          {"", 20, "4G", "4G"},      {"", 20, "4Y", "4Y"},
        {"4G", 10, "", NULL},      {"4G", 10, "4G", "4G"},    {"4G", 10, "4Y", "4Y"},
        {"4Y", 29, "", "4Y"},      {"4Y", 30, "", ""},        {"4Y", 29, "4Y", "4Y"},
        {"4Y", 30, "4Y", "4Y"},    {"4Y", 29, "4G", "4Y"},    {"4Y", 30, "4G", ""},
        {"", 20, "14G", "14G"},    {"14G", 10, "14G", "14G"}, {"14G", 10, "14g", "14g"},
        {"14G", 10, "14r", "14r"}, {"14G", 10, "", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        harness_at("row %zu: %d ticks of '%s', then '%s'", i, rows[i].ticks, rows[i].before, rows[i].asked);
        begin();
        PASS(rows[i].before, rows[i].ticks);
        ASK(rows[i].asked, 1, rows[i].next ? rows[i].next : "FLASH");
        CHECK_INT(rows[i].next ? GUARD_OK : GUARD_SKIPPED_YELLOW, g.trip);
    }
}

HARNESS_MAIN({"a legal cycle passes untouched", legal_cycle},
             {"conflicting indications never leave", conflicts},
             {"a trip is latched until reset", trips_latch},
             {"dark, dual and unknown lamps trip", single_channel_faults},
             {"skipped yellow and yellow after red trip", yellow_out_of_order},
             {"yellow may open after the start", opening},
             {"a short yellow is held to its floor", short_yellow},
             {"a short red clearance holds the green", short_red_clearance},
             {"an intergreen holds its own pair", intergreen},
             {"a start given up while held shows no yellow", held_start_given_up},
             {"green out of yellow passes through red", green_out_of_yellow},
             {"a flashing yellow is made steady", flashing_yellow_is_made_steady},
             {"flash shows the card's image or red", flash_frames},
             {"a moment of flash shortens no clearance", moment_of_flash_shortens_nothing},
             {"a start waits for clearing pedestrians", start_waits_for_clearing_pedestrians},
             {"a past in doubt is cleared first", past_in_doubt}, {"a flashing arrow yields", arrow_yields},
             {"an arrow is no green for those it yields to", arrow_conflicts},
             {"a dark arrow turns yellow", dark_arrow_turns_yellow},
             {"red-yellow leads to green", red_yellow}, {"a bar signal has no yellow", bar_has_no_yellow},
             {"a wobbling clock is borne", clock_wobbles}, {"every shown and asked state", table})
