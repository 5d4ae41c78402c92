#include "fleet.h"

/* What a point comes to, or all of them. */
struct totals {
    uint64_t vehicles, served, cycles;
    double delay_s;
    uint64_t captured_of[CAMERA_KINDS];
    struct offence_score score; /* of all kinds together */
};

static void add(struct totals *totals, const struct summary *summary)
{
    totals->vehicles += summary->traffic.vehicles;
    totals->served += summary->traffic.served;
    totals->cycles += summary->cycles;
    totals->delay_s += summary->traffic.delay_s;
    for (enum camera_kind kind = CAMERA_RED_LIGHT; kind < CAMERA_KINDS; kind++) {
        const struct offence_score *score = &summary->score[kind];
        totals->captured_of[kind] += score->captured;
        totals->score.captured += score->captured;
        totals->score.missed += score->missed;
        totals->score.false_captures += score->false_captures;
        totals->score.voided += score->voided;
        totals->score.unfit += score->unfit;
    }
}

static struct totals sum_up(const struct fleet *fleet)
{
    struct totals totals = {0};
    for (int i = 0; i < fleet->count; i++)
        add(&totals, &fleet->point[i].summary);
    return totals;
}

static void print_row(const char *id, const struct totals *totals, double wall_s, FILE *out)
{
    const struct offence_score *score = &totals->score;
    const double share = offence_score_share(score);
    fprintf(out, "%-12s %8llu %7llu %7.1f", id, (unsigned long long)totals->vehicles,
            (unsigned long long)totals->cycles,
            totals->served > 0 ? totals->delay_s / (double)totals->served : 0);
    for (enum camera_kind kind = CAMERA_RED_LIGHT; kind < CAMERA_KINDS; kind++)
        fprintf(out, " %7llu", (unsigned long long)totals->captured_of[kind]);
    fprintf(out, " %6llu %5llu %6llu", (unsigned long long)score->missed,
            (unsigned long long)score->false_captures, (unsigned long long)score->voided);
    if (share < 0)
        fprintf(out, " %9s", "-");
    else
        fprintf(out, " %8.3f%%", 100 * share);
    fprintf(out, " %7.1f\n", wall_s);
}

void fleet_print_table(const struct fleet *fleet, FILE *out)
{
    fprintf(out, "%-12s %8s %7s %7s %7s %7s %7s %6s %5s %6s %9s %7s\n", "point", "vehicles", "cycles",
            "delay_s", "red", "wrong", "parked", "missed", "false", "voided", "qualified", "wall_s");
    for (int i = 0; i < fleet->count; i++) {
        const struct summary *summary = &fleet->point[i].summary;
        struct totals one = {0};
        add(&one, summary);
        print_row(summary->id, &one, summary->wall_s, out);
    }
    const struct totals totals = sum_up(fleet);
    print_row("all", &totals, fleet->wall_s, out);
}

/* As far as it is known: where no record was submitted there is no share. */
static void print_totals(const struct totals *totals, FILE *out)
{
    const struct offence_score *score = &totals->score;
    const double share = offence_score_share(score);
    fprintf(out, "\"captured\":%llu,\"missed\":%llu,\"false_captures\":%llu,\"voided\":%llu,",
            (unsigned long long)score->captured, (unsigned long long)score->missed,
            (unsigned long long)score->false_captures, (unsigned long long)score->voided);
    if (share < 0)
        fputs("\"qualified_share\":null", out);
    else
        fprintf(out, "\"qualified_share\":%.6f", share);
}

int fleet_print_json(const struct fleet *fleet, FILE *out)
{
    const struct totals totals = sum_up(fleet);
    fprintf(out, "{\"wall_s\":%.3f,\"seed\":%llu,", fleet->wall_s, (unsigned long long)fleet->seed);
    print_totals(&totals, out);
    fputs(",\"points\":[", out);
    for (int i = 0; i < fleet->count; i++) {
        if (i > 0)
            fputc(',', out);
        summary_put(&fleet->point[i].summary, out);
    }
    fputs("]}\n", out);
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
