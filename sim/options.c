#include "options.h"
#include "../io/address.h"
#include "fleet.h"
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double HOURS_MAX = 100 * 366 * 24;

static const char usage[] =
    "usage: tscsim live -c CONFIG [--demand LEVEL] [--seed N] [--modbus ADDR] [--feed ADDR] [--json FILE]\n"
    "            [--records DIR] [--note TEXT] [--status FILE]\n"
    "       tscsim run -c CONFIG --hours H [--from WHEN] [--demand LEVEL] [--seed N] [--json FILE]\n"
    "            [--records DIR]\n"
    "       tscsim fleet --configs DIR --hours H [--from WHEN] [--demand LEVEL] [--seed N] [--jobs N]\n"
    "            [--json FILE] [--records DIR]\n"
    "       tscsim step -c CONFIG [--start PHASE,...]\n"
    "\n"
    "live   the intersection in real time: a controller drives it over Modbus TCP and tells its cameras "
    "over\n"
    "       the feed\n"
    "run    the intersection and its controller in virtual time; ends with a JSON summary\n"
    "fleet  the same for every *.json of a directory, on all processors; ends with a table and one JSON\n"
    "       object\n"
    "step   the controller alone in lock-step: one line in, one answer out (sim/README.md)\n"
    "\n"
    "LEVEL  night, low, medium (if it is not given), high, or day (of a fleet): each of those at its hours\n"
    "WHEN   local time at the start: 2026-01-05T07:00, a Monday, if it is not given\n"
    "ADDR   tcp:127.0.0.1:1502, tcp6:[::1]:1502; --modbus takes port 0 for any free one\n"
    "--records DIR   where each record of a camera is written: a JSON file and three pictures "
    "(docs/cameras.md)\n";

enum option_letter {
    OPTION_CONFIGS = 256,
    OPTION_HOURS,
    OPTION_FROM,
    OPTION_DEMAND,
    OPTION_SEED,
    OPTION_JOBS,
    OPTION_JSON,
    OPTION_RECORDS,
    OPTION_MODBUS,
    OPTION_FEED,
    OPTION_START,
    OPTION_NOTE,
    OPTION_STATUS,
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"configs", required_argument, NULL, OPTION_CONFIGS},
    {"hours", required_argument, NULL, OPTION_HOURS},
    {"from", required_argument, NULL, OPTION_FROM},
    {"demand", required_argument, NULL, OPTION_DEMAND},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"json", required_argument, NULL, OPTION_JSON},
    {"records", required_argument, NULL, OPTION_RECORDS},
    {"modbus", required_argument, NULL, OPTION_MODBUS},
    {"feed", required_argument, NULL, OPTION_FEED},
    {"start", required_argument, NULL, OPTION_START},
    {"note", required_argument, NULL, OPTION_NOTE},
    {"status", required_argument, NULL, OPTION_STATUS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int __attribute__((format(printf, 1, 2))) wrong(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("tscsim: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\n", stderr);
    va_end(arguments);
    return -1;
}

static int parse_hours(struct options *options, const char *text)
{
    char *end;
    errno = 0;
    options->hours = strtod(text, &end);
    if (end == text || *end != '\0' || errno != 0 || !isfinite(options->hours) || options->hours <= 0 ||
        options->hours > HOURS_MAX)
        return wrong("--hours %s: expected a number above 0", text);
    return 0;
}

static int parse_from(struct options *options, const char *text)
{
    struct tm when = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M", &when);
    if (!end || *end != '\0')
        return wrong("--from %s: expected a local time such as 2026-01-05T07:00", text);
    options->from_s = timegm(&when);
    return options->from_s > 0 ? 0 : wrong("--from %s: before 1970", text);
}

static int parse_seed(struct options *options, const char *text)
{
    char *end;
    errno = 0;
    options->seed = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0)
        return wrong("--seed %s: expected a whole number from 0", text);
    return 0;
}

static int parse_jobs(struct options *options, const char *text)
{
    char *end;
    errno = 0;
    long jobs = strtol(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0 || jobs < 1 || jobs > FLEET_JOBS_MAX)
        return wrong("--jobs %s: expected a whole number from 1 to %d", text, FLEET_JOBS_MAX);
    options->jobs = (int)jobs;
    return 0;
}

static int parse_start(struct options *options, const char *text)
{
    const char *next = text;
    do {
        char *end;
        long no = strtol(next, &end, 10);
        if (!isdigit((unsigned char)*next) || (*end != ',' && *end != '\0') || no < 1 || no > PHASES_MAX)
            return wrong("--start %s: expected phases from 1 to %d, such as 2,6", text, PHASES_MAX);
        options->start_mask |= mask_of((int)no);
        next = *end == ',' ? end + 1 : end;
    } while (*next != '\0' || next[-1] == ',');
    return 0;
}

static int check_address(const char *option, const char *text)
{
    struct address address;
    if (address_parse(&address, text) < 0 || !address.stream)
        return wrong("%s %s: expected an address such as tcp:127.0.0.1:1502", option, text);
    return 0;
}

static int parse_option(struct options *options, int letter, const char *text)
{
    switch (letter) {
    case 'c':
    case OPTION_CONFIGS:
        options->config_path = text;
        return 0;
    case OPTION_HOURS:
        return parse_hours(options, text);
    case OPTION_FROM:
        return parse_from(options, text);
    case OPTION_DEMAND:
        return demand_parse(text, &options->demand) == 0
                   ? 0
                   : wrong("--demand %s: expected night, low, medium, high or day", text);
    case OPTION_SEED:
        return parse_seed(options, text);
    case OPTION_JOBS:
        return parse_jobs(options, text);
    case OPTION_JSON:
        options->json_path = text;
        return 0;
    case OPTION_RECORDS:
        options->records = text;
        return 0;
    case OPTION_MODBUS:
        options->modbus = text;
        return check_address("--modbus", text);
    case OPTION_FEED:
        options->feed = text;
        return check_address("--feed", text);
    case OPTION_START:
        return parse_start(options, text);
    case OPTION_NOTE:
        options->note = text;
        return 0;
    case OPTION_STATUS:
        options->status = text;
        return 0;
    default:
        return -1; /* getopt has said why */
    }
}

/* Which options go with which mode. */
static bool goes_with(enum sim_mode mode, int letter)
{
    bool what =
        letter == OPTION_DEMAND || letter == OPTION_SEED || letter == OPTION_JSON || letter == OPTION_RECORDS;
    bool when = letter == OPTION_HOURS || letter == OPTION_FROM;
    switch (mode) {
    case MODE_LIVE:
        return letter == 'c' || what || letter == OPTION_MODBUS || letter == OPTION_FEED ||
               letter == OPTION_NOTE || letter == OPTION_STATUS;
    case MODE_RUN:
        return letter == 'c' || what || when;
    case MODE_FLEET:
        return letter == OPTION_CONFIGS || what || when || letter == OPTION_JOBS;
    case MODE_STEP:
        return letter == 'c' || letter == OPTION_START;
    }
    return false;
}

static const char *option_name(int letter)
{
    const struct option *option = long_options;
    while (option->val != letter)
        option++;
    return option->name;
}

static int parse_mode(enum sim_mode *mode, const char *text)
{
    static const char *const names[] = {"live", "run", "fleet", "step"};
    for (enum sim_mode m = MODE_LIVE; m <= MODE_STEP; m++) {
        if (strcmp(text, names[m]) == 0) {
            *mode = m;
            return 0;
        }
    }
    return wrong("%s: expected live, run, fleet or step", text);
}

int options_parse(struct options *options, int argc, char **argv)
{
    *options = (struct options){.demand = DEMAND_MEDIUM, .seed = 1};
    if (argc < 2) {
        fputs(usage, stderr);
        return -1;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        fputs(usage, stdout);
        return 1;
    }
    if (parse_mode(&options->mode, argv[1]) < 0)
        return -1;
    if (options->mode == MODE_FLEET)
        options->demand = DEMAND_DAY;
    int letter;
    while ((letter = getopt_long(argc - 1, argv + 1, "c:h", long_options, NULL)) != -1) {
        if (letter == 'h') {
            fputs(usage, stdout);
            return 1;
        }
        if (letter != '?' && !goes_with(options->mode, letter))
            return wrong("--%s does not go with %s", option_name(letter), argv[1]);
        if (parse_option(options, letter, optarg) < 0)
            return -1;
    }
    if (optind < argc - 1)
        return wrong("%s: unexpected", argv[1 + optind]);
    if (!options->config_path)
        return wrong(options->mode == MODE_FLEET ? "--configs DIR is missing" : "-c CONFIG is missing");
    if ((options->mode == MODE_RUN || options->mode == MODE_FLEET) && options->hours <= 0)
        return wrong("--hours is missing");
    return 0;
}
