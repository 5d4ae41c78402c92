#include "../ntcip/agent.h"
#include "../ntcip/conformance.h"
#include "../ntcip/mib.h"
#include "config_read.h"
#include "run.h"
#include "version.h"
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_OCTETS = 512, WHY_OCTETS = 256 };

static const char help[] =
    "usage: tscd -c CONFIG [-s STATE_DIR] [--snmp ADDR]... [--stmp ADDR]... [--feed ADDR]...\n"
    "            [--http ADDR] [--modbus ADDR] [--status FILE]\n"
    "       tscd --check -c CONFIG\n"
    "       tscd --mib DIR | --conformance FILE\n"
    "\n"
    "Runs the signal controller of one junction.\n"
    "\n"
    "  -c, --config CONFIG  the config file (docs/config.md)\n"
    "  -s, --state DIR      where timing set by the centre is kept; default /var/lib/tsc for root,\n"
    "                       else $XDG_STATE_HOME/tsc or ~/.local/state/tsc\n"
    "      --snmp ADDR      answer SNMP here instead of where the config says; may be repeated\n"
    "      --stmp ADDR      the same for STMP\n"
    "      --feed ADDR      serve the signal-state feed here instead; may be repeated\n"
    "      --http ADDR      answer evidence over HTTP here (docs/evidence.md)\n"
    "      --modbus ADDR    the cabinet's field I/O is there instead\n"
    "      --status FILE    keep a line there that says how the feed and its clock are doing\n"
    "      --check          say whether the config may run, one line per fault\n"
    "      --mib DIR        write the MIB modules of what is answered\n"
    "      --conformance FILE\n"
    "                       write what is answered of each standard, and what is not\n"
    "      --help, --version\n"
    "\n"
    "Addresses: udp:127.0.0.1:1161, udp6:[::1]:1161, tcp:..., tcp6:...; port 0 is any free one.\n"
    "Exit status: 0 well, 1 faults in the config, 2 wrong usage or unreadable config, 3 a port, a\n"
    "permission or a directory is missing.\n";

struct options {
    const char *config;
    const char *state;
    const char *status;
    const char *mib;
    const char *conformance;
    const char *http;
    const char *modbus;
    const char *snmp[LISTEN_MAX];
    int snmp_count;
    const char *stmp[LISTEN_MAX];
    int stmp_count;
    const char *feed[FEED_LISTEN_MAX];
    int feed_count;
    bool check;
};

__attribute__((format(printf, 1, 2))) static int usage(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("tscd: ", stderr);
    vfprintf(stderr, format, args);
    fputs("\ntscd --help tells more\n", stderr);
    va_end(args);
    return -1;
}

static int add_address(const char **list, int *count, int max, const char *option)
{
    if (*count == max)
        return usage("%s: at most %d addresses", option, max);
    list[(*count)++] = optarg;
    return 0;
}

enum option_value {
    OPTION_SNMP = 256,
    OPTION_STMP,
    OPTION_FEED,
    OPTION_HTTP,
    OPTION_MODBUS,
    OPTION_MIB,
    OPTION_CONFORMANCE,
    OPTION_CHECK,
    OPTION_STATUS,
    OPTION_HELP,
    OPTION_VERSION
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"state", required_argument, NULL, 's'},
    {"snmp", required_argument, NULL, OPTION_SNMP},
    {"stmp", required_argument, NULL, OPTION_STMP},
    {"feed", required_argument, NULL, OPTION_FEED},
    {"http", required_argument, NULL, OPTION_HTTP},
    {"modbus", required_argument, NULL, OPTION_MODBUS},
    {"mib", required_argument, NULL, OPTION_MIB},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"status", required_argument, NULL, OPTION_STATUS},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"conformance", required_argument, NULL, OPTION_CONFORMANCE},
    {NULL, 0, NULL, 0},
};

/* Returns 0 to go on, 1 if all is done, -1 after telling what is wrong. */
static int parse_options(struct options *options, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "c:s:", long_options, NULL)) != -1) {
        int result = 0;
        switch (option) {
        case 'c':
            options->config = optarg;
            break;
        case 's':
            options->state = optarg;
            break;
        case OPTION_SNMP:
            result = add_address(options->snmp, &options->snmp_count, LISTEN_MAX, "--snmp");
            break;
        case OPTION_STMP:
            result = add_address(options->stmp, &options->stmp_count, LISTEN_MAX, "--stmp");
            break;
        case OPTION_FEED:
            result = add_address(options->feed, &options->feed_count, FEED_LISTEN_MAX, "--feed");
            break;
        case OPTION_HTTP:
            options->http = optarg;
            break;
        case OPTION_MODBUS:
            options->modbus = optarg;
            break;
        case OPTION_MIB:
            options->mib = optarg;
            break;
        case OPTION_CONFORMANCE:
            options->conformance = optarg;
            break;
        case OPTION_CHECK:
            options->check = true;
            break;
        case OPTION_STATUS:
            options->status = optarg;
            break;
        case OPTION_HELP:
            fputs(help, stdout);
            return 1;
        case OPTION_VERSION:
            puts("tscd " TSC_VERSION);
            return 1;
        default: /* getopt_long() has told */
            return -1;
        }
        if (result < 0)
            return result;
    }
    if (optind < argc)
        return usage("what is \"%s\"?", argv[optind]);
    return options->config || options->mib || options->conformance ? 0
                                                                   : usage("a config is needed: -c CONFIG");
}

/* ---- options over the config ---- */

/* --snmp or --stmp, in the place of what the section of that name says. */
static int apply_listen(const char *section, bool present, const char *const addresses[], int count,
                        char listen[][SNMP_ADDRESS_TEXT], uint8_t *listen_count)
{
    char why[WHY_OCTETS];
    if (count && !present)
        return usage("--%s: the config has no %s section: nobody may ask", section, section);
    for (int i = 0; i < count; i++) {
        if (agent_check_listen(addresses[i], why, sizeof why) < 0)
            return usage("--%s: %s", section, why);
        snprintf(listen[i], SNMP_ADDRESS_TEXT, "%s", addresses[i]);
        *listen_count = (uint8_t)(i + 1);
    }
    return 0;
}

static int apply_feed(struct config *config, const struct options *options)
{
    char why[WHY_OCTETS];
    struct address address;
    for (int i = 0; i < options->feed_count; i++) {
        if (config_parse_address(&address, options->feed[i], CONFIG_TCP, why, sizeof why) < 0)
            return usage("--feed: %s", why);
        snprintf(config->feed.listen[i], sizeof config->feed.listen[i], "%s", options->feed[i]);
        config->feed.listen_count = (uint8_t)(i + 1);
        config->has_feed = true;
    }
    return 0;
}

static int apply_options(struct config *config, const struct options *options)
{
    char why[WHY_OCTETS];
    struct address address;
    struct snmp_config *snmp = &config->snmp;
    struct stmp_config *stmp = &config->stmp;
    if (apply_listen("snmp", snmp->present, options->snmp, options->snmp_count, snmp->listen,
                     &snmp->listen_count) < 0 ||
        apply_listen("stmp", stmp->present, options->stmp, options->stmp_count, stmp->listen,
                     &stmp->listen_count) < 0 ||
        apply_feed(config, options) < 0)
        return -1;
    if (options->http) {
        if (config_parse_address(&address, options->http, CONFIG_TCP, why, sizeof why) < 0)
            return usage("--http: %s", why);
        snprintf(config->http_listen, sizeof config->http_listen, "%s", options->http);
    }
    if (options->modbus) {
        if (config_parse_address(&address, options->modbus, CONFIG_TCP, why, sizeof why) < 0)
            return usage("--modbus: %s", why);
        config_address_host(&address, config->cabinet.host, sizeof config->cabinet.host);
        config->cabinet.port = address_port(&address);
    }
    return config->cabinet.port ? 0 : usage("the cabinet's Modbus address needs a port");
}

/* ---- the rest ---- */

static void print_fault(void *arg, const char *line)
{
    (void)arg;
    puts(line);
}

static void print_fault_error(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static int default_state(char *path, size_t size)
{
    const char *state_home = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (geteuid() == 0)
        snprintf(path, size, "/var/lib/tsc");
    else if (state_home && state_home[0] == '/')
        snprintf(path, size, "%s/tsc", state_home);
    else if (home && home[0] == '/')
        snprintf(path, size, "%s/.local/state/tsc", home);
    else
        return usage("neither XDG_STATE_HOME nor HOME says where state is kept: -s STATE_DIR");
    return 0;
}

static int write_mib(const char *path)
{
    if (mib_write(path) == 0)
        return EXIT_WELL;
    fprintf(stderr, "tscd: %s: %s\n", path, strerror(errno));
    return EXIT_ENVIRONMENT;
}

static int write_conformance(const char *path)
{
    FILE *out = fopen(path, "w");
    bool failed = !out || conformance_write(out) < 0;
    if (out && fclose(out) != 0)
        failed = true;
    if (!failed)
        return EXIT_WELL;
    fprintf(stderr, "tscd: %s: %s\n", path, strerror(errno));
    return EXIT_ENVIRONMENT;
}

static int check_config(struct config *config, const char *path)
{
    int result = config_load(config, path, CONFIG_WHOLE, print_fault, NULL);
    if (result == 0)
        printf("%s: may run\n", path);
    return result;
}

static int run(struct config *config, const struct options *options)
{
    char state[PATH_OCTETS];
    int result = config_load(config, options->config, CONFIG_WHOLE, print_fault_error, NULL);
    if (result != 0)
        return result;
    if (apply_options(config, options) < 0)
        return EXIT_USAGE;
    if (options->state)
        snprintf(state, sizeof state, "%s", options->state);
    else if (default_state(state, sizeof state) < 0)
        return EXIT_USAGE;
    return (int)run_controller(config, &(struct run_files){options->config, state, options->status});
}

int main(int argc, char **argv)
{
    struct options options = {.config = NULL};
    int parsed = parse_options(&options, argc, argv);
    if (parsed != 0)
        return parsed < 0 ? EXIT_USAGE : EXIT_WELL;
    if (options.mib)
        return write_mib(options.mib);
    if (options.conformance)
        return write_conformance(options.conformance);
    struct config *config = calloc(1, sizeof *config);
    if (!config) {
        fputs("tscd: out of memory\n", stderr);
        return EXIT_ENVIRONMENT;
    }
    int result = options.check ? check_config(config, options.config) : run(config, &options);
    free(config);
    return result;
}
