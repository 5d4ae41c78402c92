/* Overlaps by example: what each kind shows beside its phases, told as a trace of one letter and the second
 * for every change: R red, Y yellow, G green, - dark; small letters flash. W, C and D are walk, clearance
 * and don't walk. */
#include "../../phases/engine.h"
#include "harness.h"
#include "plans.h"
#include <stdio.h>

enum { CALLS_MAX = 16 };

static struct database db;
static struct plan plan;
static struct engine engine;

/* Detectors and buttons that are on in [from, to). */
static struct call {
    int from_ds, to_ds;
    uint64_t vehicle, pedestrian;
} calls[CALLS_MAX];
static int call_count;
static void (*meanwhile)(int at_ds); /* before each tick */

/* Two rings of four phases, yellow 4.0 and red clearance 1.0, but 3 with yellow 3.0. */
static void begin(void)
{
    plans_eight(&db);
    for (int ix = 0; ix < 8; ix++)
        db.phase[ix].yellow_ds = 40;
    db.phase[3 - 1].yellow_ds = 30;
    call_count = 0;
    meanwhile = NULL;
}

static void members(struct phase_list *list, const char *numbers)
{
    list->count = 0;
    for (; *numbers; numbers++)
        list->number[list->count++] = (uint8_t)(*numbers - '0');
}

static struct overlap_row *overlap(int no, enum overlap_type type, const char *included, const char *modifier)
{
    struct overlap_row *row = &db.overlap[no - 1];
    *row = (struct overlap_row){.type = (uint8_t)type, .after_modifier = 1};
    members(&row->included, included);
    members(&row->modifier, modifier);
    return row;
}

static void call(double from_s, double to_s, uint64_t vehicle, uint64_t pedestrian)
{
    calls[call_count++] =
        (struct call){(int)(from_s * 10 + 0.5), (int)(to_s * 10 + 0.5), vehicle, pedestrian};
}

static char letter(int no)
{
    struct engine_status s;
    engine_get_status(&engine, &s);
    bool flashes = mask_has(s.overlap_flashing, no);
    bool walks = plan.structure.overlap[no - 1].type == OVERLAP_PEDESTRIAN;
    if (mask_has(s.overlap_green, no))
        return walks ? 'W' : flashes ? 'g' : 'G';
    if (mask_has(s.overlap_yellow, no))
        return walks ? 'C' : flashes ? 'y' : 'Y';
    if (mask_has(s.overlap_red, no))
        return walks ? 'D' : flashes ? 'r' : 'R';
    return '-';
}

static char phase_letter(int no)
{
    return mask_has(engine.ctl.green, no) ? 'G' : mask_has(engine.ctl.yellow, no) ? 'Y' : 'R';
}

static void tick(int at_ds)
{
    struct inputs in = {0};
    struct frame frame;
    for (int i = 0; i < call_count; i++)
        if (at_ds >= calls[i].from_ds && at_ds < calls[i].to_ds) {
            in.vehicle.word[0] |= calls[i].vehicle;
            in.pedestrian |= calls[i].pedestrian;
        }
    if (meanwhile)
        meanwhile(at_ds);
    engine_step(&engine, &in, 1, &frame);
}

/* Starts with `start` green and plays until `until_s`: the changes of overlap `overlap_no` and of phase
 * `phase_no` as two lines. */
static const char *played(uint64_t start, int overlap_no, int phase_no, int until_s)
{
    static char text[2][256];
    size_t used[2] = {0, 0};
    char last[2] = {0, 0};
    plan_compile(&plan, &db, 1);
    CHECK_INT(0, engine_init_green(&engine, &plan, start));
    for (int at_ds = 0; at_ds <= until_s * 10; at_ds++) {
        tick(at_ds);
        char now[2] = {letter(overlap_no), phase_letter(phase_no)};
        for (int i = 0; i < 2; i++)
            if (now[i] != last[i] && used[i] < sizeof text[i]) {
                used[i] += (size_t)snprintf(text[i] + used[i], sizeof text[i] - used[i], "%s%c %d.%d",
                                            last[i] ? ", " : "", now[i], at_ds / 10, at_ds % 10);
                last[i] = now[i];
            }
    }
    static char both[520];
    snprintf(both, sizeof both, "%s / %s", text[0], text[1]);
    return both;
}
