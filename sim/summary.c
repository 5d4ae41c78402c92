#include "summary.h"
#include <string.h>

static const char *const demand_names[] = {"night", "low", "medium", "high", "day"};

const char *demand_name(enum demand demand)
{
    return demand_names[demand];
}

int demand_parse(const char *text, enum demand *demand)
{
    for (enum demand d = DEMAND_NIGHT; d <= DEMAND_DAY; d++) {
        if (strcmp(text, demand_names[d]) == 0) {
            *demand = d;
            return 0;
        }
    }
    return -1;
}

/* A text as JSON. The config was valid UTF-8, so only what JSON itself reserves needs care. */
static void print_text(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(out, "\\u%04x", *text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void print_count(const char *key, uint64_t count, FILE *out)
{
    fprintf(out, ",\"%s\":%llu", key, (unsigned long long)count);
}

/* -1: nothing to divide by. */
static void print_share(double share, FILE *out)
{
    if (share < 0)
        fputs(",\"qualified_share\":null", out);
    else
        fprintf(out, ",\"qualified_share\":%.6f", share);
}

static void print_score(const char *key, const struct offence_score *score, FILE *out)
{
    fprintf(out, ",\"%s\":{\"passages\":%llu", key, (unsigned long long)score->passages);
    print_count("violations", score->violations, out);
    print_count("watched", score->watched, out);
    print_count("captured", score->captured, out);
    print_count("missed", score->missed, out);
    print_count("false_captures", score->false_captures, out);
    print_count("voided", score->voided, out);
    fputs(",\"void_reasons\":{", out);
    for (enum camera_void why = 0; why < VOID_REASONS; why++)
        fprintf(out, "%s\"%s\":%llu", why == 0 ? "" : ",", camera_void_name(why),
                (unsigned long long)score->void_reason[why]);
    fputc('}', out);
    print_share(offence_score_share(score), out);
    fputc('}', out);
}

static void print_scores(const struct summary *summary, FILE *out)
{
    static const char *const keys[CAMERA_KINDS] = {"red_light", "wrong_way", "parking"};
    for (enum camera_kind kind = CAMERA_RED_LIGHT; kind < CAMERA_KINDS; kind++)
        print_score(keys[kind], &summary->score[kind], out);
    print_share(offence_scores_share(summary->score), out);
}

static double mean(double sum, uint64_t count)
{
    return count > 0 ? sum / (double)count : 0;
}

static void print_speeds(const char *key, const struct traffic_speeds *speeds, FILE *out)
{
    fprintf(out, "\"%s\":{\"passed\":%llu", key, (unsigned long long)speeds->passed);
    print_count("over_limit", speeds->over, out);
    fprintf(out, ",\"over_share\":%.4f,\"kmh_mean\":%.2f}", mean((double)speeds->over, speeds->passed),
            3.6 * mean(speeds->sum_ms, speeds->passed));
}

void summary_put(const struct summary *summary, FILE *out)
{
    static const char *const invariant[INVARIANTS] = {"conflict", "order", "yellow", "clearance",
                                                      "indication"};
    const struct traffic_totals *traffic = &summary->traffic;
    const struct pedestrian_totals *walkers = &summary->pedestrians;
    fputs("{\"id\":", out);
    print_text(summary->id, out);
    print_count("seed", summary->seed, out);
    fprintf(out, ",\"demand\":\"%s\",\"seconds\":%.1f,\"wall_s\":%.3f", demand_name(summary->demand),
            summary->seconds, summary->wall_s);
    print_count("vehicles", traffic->vehicles, out);
    print_count("served", traffic->served, out);
    print_count("turned_away", traffic->turned_away, out);
    fprintf(out, ",\"delay_s_mean\":%.3f,\"stops_per_vehicle\":%.4f", mean(traffic->delay_s, traffic->served),
            mean((double)traffic->stops, traffic->served));
    fprintf(out, ",\"speed\":{\"approach_m\":%.0f,", TRAFFIC_APPROACH_M);
    print_speeds("approach", &traffic->approach, out);
    fputc(',', out);
    print_speeds("stop_line", &traffic->stop_line, out);
    fputc('}', out);
    print_count("pedestrians", walkers->arrived, out);
    fprintf(out, ",\"pedestrian_wait_s_mean\":%.3f", mean(walkers->wait_s, walkers->crossed));
    print_count("cycles", summary->cycles, out);
    if (summary->has_guard)
        print_count("guard_trips", summary->guard_trips, out);
    uint64_t total = 0;
    for (int i = 0; i < INVARIANTS; i++)
        total += summary->breaches[i];
    print_count("invariant_violations", total, out);
    for (int i = 0; i < INVARIANTS; i++)
        fprintf(out, "%s\"%s\":%llu", i == 0 ? ",\"invariants\":{" : ",", invariant[i],
                (unsigned long long)summary->breaches[i]);
    fputc('}', out);
    print_scores(summary, out);
    fputc('}', out);
}

int summary_print(const struct summary *summary, FILE *out)
{
    summary_put(summary, out);
    fputc('\n', out);
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
