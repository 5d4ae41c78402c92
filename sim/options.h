/* The command line of tscsim. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "summary.h"

enum sim_mode { MODE_LIVE, MODE_RUN, MODE_FLEET, MODE_STEP };

struct options {
    enum sim_mode mode;
    const char *config_path; /* of the fleet: the directory */
    double hours;
    int64_t from_s; /* local time at the start; 0: not said */
    enum demand demand;
    uint64_t seed;
    int jobs;              /* threads of the fleet; 0: as many as there are processors */
    const char *json_path; /* NULL: standard output */
    const char *records;   /* directory for the cameras' records; NULL: none are written */
    const char *modbus;    /* NULL: as the config has it */
    const char *feed;      /* NULL: as the config has it */
    const char *note;      /* a line for the head of the screen; NULL: none */
    const char *status;    /* a file whose line is shown too; NULL: none */
    uint64_t start_mask;   /* phases that are green at 0 ms */
};

/* Reads the command line. Returns 0; 1 if help was asked for and printed; or -1 after saying on standard
 * error what is wrong. */
int options_parse(struct options *options, int argc, char **argv);

#endif
