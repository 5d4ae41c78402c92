#include "fleet.h"

/* What all points come to. */
struct totals {
    uint64_t vehicles, served, cycles;
    double delay_s;
    struct red_light_score red_light;
};

static void add(struct totals *totals, const struct summary *summary)
{
    const struct red_light_score *score = &summary->red_light;
    totals->vehicles += summary->traffic.vehicles;
    totals->served += summary->traffic.served;
    totals->cycles += summary->cycles;
    totals->delay_s += summary->traffic.delay_s;
    totals->red_light.passages += score->passages;
    totals->red_light.violations += score->violations;
    totals->red_light.watched += score->watched;
    totals->red_light.captured += score->captured;
    totals->red_light.false_captures += score->false_captures;
    totals->red_light.voided += score->voided;
}

static struct totals sum_up(const struct fleet *fleet)
{
    struct totals totals = {0};
    for (int i = 0; i < fleet->count; i++)
        add(&totals, &fleet->point[i].summary);
    return totals;
}

/* Of the records, in per cent; where there are none, none is bad. */
static double qualified(const struct red_light_score *score)
{
    uint64_t bad = score->voided + score->false_captures;
    return score->captured > 0 ? 100.0 * (double)(score->captured - bad) / (double)score->captured : 100;
}

static void print_row(const char *id, const struct totals *totals, double wall_s, FILE *out)
{
    const struct red_light_score *score = &totals->red_light;
    double delay_s = totals->served > 0 ? totals->delay_s / (double)totals->served : 0;
    uint64_t missed = score->watched - (score->captured - score->false_captures);
    fprintf(out, "%-12s %9llu %7llu %8.1f %8llu %7llu %6llu %7llu %10.3f %7.1f\n", id,
            (unsigned long long)totals->vehicles, (unsigned long long)totals->cycles, delay_s,
            (unsigned long long)score->captured, (unsigned long long)missed,
            (unsigned long long)score->false_captures, (unsigned long long)score->voided, qualified(score),
            wall_s);
}

void fleet_print_table(const struct fleet *fleet, FILE *out)
{
    fprintf(out, "%-12s %9s %7s %8s %8s %7s %6s %7s %10s %7s\n", "point", "vehicles", "cycles", "delay s",
            "captured", "missed", "false", "voided", "qualified", "wall s");
    for (int i = 0; i < fleet->count; i++) {
        const struct summary *summary = &fleet->point[i].summary;
        struct totals one = {0};
        add(&one, summary);
        print_row(summary->id, &one, summary->wall_s, out);
    }
    struct totals totals = sum_up(fleet);
    print_row("all", &totals, fleet->wall_s, out);
}

int fleet_print_json(const struct fleet *fleet, FILE *out)
{
    struct totals totals = sum_up(fleet);
    fprintf(out, "{\"wall_s\":%.3f,\"qualified_share\":%.6f,\"points\":[", fleet->wall_s,
            qualified(&totals.red_light) / 100);
    for (int i = 0; i < fleet->count; i++) {
        fputs(i == 0 ? "" : ",", out);
        summary_put(&fleet->point[i].summary, out);
    }
    fputs("]}\n", out);
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
