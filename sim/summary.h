/* What a run comes to, as one JSON object on one line. */
#ifndef SIM_SUMMARY_H
#define SIM_SUMMARY_H

#include "checker.h"
#include "pedestrians.h"
#include "referee.h"
#include "traffic.h"
#include <stdio.h>

struct summary {
    const char *id;
    uint64_t seed;
    enum demand demand;
    double seconds; /* simulated */
    double wall_s;
    uint64_t cycles;
    bool has_guard; /* the controller ran within this program, so its guard's trips are known */
    uint64_t guard_trips;
    struct traffic_totals traffic;
    struct pedestrian_totals pedestrians;
    uint64_t breaches[INVARIANTS];
    struct offence_score score[CAMERA_KINDS];
};

/* Writes the summary as a JSON object; a failure stands in the stream. */
void summary_put(const struct summary *summary, FILE *out);

/* The same and a newline. Returns 0, or -1 if the stream failed. */
int summary_print(const struct summary *summary, FILE *out);

const char *demand_name(enum demand demand);

/* Returns 0, or -1 if there is no such demand. */
int demand_parse(const char *text, enum demand *demand);

#endif
