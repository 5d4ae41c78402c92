/* The controller as a process: opens everything, says that it is ready, serves until it is told to
 * stop. */
#ifndef CONTROLLER_RUN_H
#define CONTROLLER_RUN_H

#include "config.h"

enum exit_code {
    EXIT_WELL = 0,
    EXIT_FAULTS = 1,      /* the config has faults */
    EXIT_USAGE = 2,       /* wrong options, or a config that cannot be read */
    EXIT_ENVIRONMENT = 3, /* port, permission, directory */
};

struct run_files {
    const char *config;
    const char *state_dir;
    const char *status; /* where a line about how it is doing is kept; NULL: nowhere */
};

/* Runs the controller of a sound config. Every port is open
 * before anything begins to work; one that is taken ends the start. At SIGHUP the feed's keys, and nothing
 * else, are read anew from the config file. Returns when SIGTERM or SIGINT has come and all is
 * stopped. */
enum exit_code run_controller(struct config *config, const struct run_files *files);

#endif
