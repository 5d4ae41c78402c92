/* The SNMP agent on its own: a database of defaults that stands still, controls that take what is SET,
 * and each way a backend may answer. What the integration tests and the throughput bench of the agent
 * run against. */
#include "../../ntcip/agent.h"
#include "../../ntcip/device.h"
#include "../../phases/plan.h"
#include "host_loop.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct host {
    struct agent *agent;
    struct sets *sets;
    struct event_base *base;
    struct database db;
    struct control control;
    struct engine_status status;
    struct object_extra extra;
    struct transaction transaction;
    struct database candidate;
    struct device device;
    uint8_t long_value[VALUE_LONG_MAX];
    int wait_ms; /* a SET becomes durable after so long; 0: at once */
    bool refuse; /* nothing can be stored */
};

static void view(void *arg, struct object_view *out)
{
    struct host *host = arg;
    *out = (struct object_view){
        .db = &host->db,
        .control = &host->control,
        .status = &host->status,
        .extra = &host->extra,
        .transaction = &host->transaction,
        .candidate = &host->candidate,
        .device = &host->device,
        .long_value = host->long_value,
    };
}

static void prepared(void *arg)
{
    struct host *host = arg;
    sets_prepared(host->sets, !host->refuse);
}

static enum agent_prepare prepare(void *arg, const struct set_stage *stage)
{
    struct host *host = arg;
    if (!stage->db_changed) {
        return PREPARE_DONE;
    }
    if (host->wait_ms > 0 && host_loop_later(host->base, host->wait_ms, prepared, host) == 0) {
        printf("waiting\n");
        fflush(stdout);
        return PREPARE_WAIT;
    }
    return host->refuse ? PREPARE_REFUSED : PREPARE_DONE;
}

static void commit(void *arg, const struct set_stage *stage)
{
    struct host *host = arg;
    set_transact(stage, &host->db, &host->transaction, &host->candidate, 0);
    if (stage->db_changed) {
        host->db = stage->db;
        host->extra.database_id = object_database_id(&host->db);
    }
    for (size_t ix = 0; ix < stage->op_count; ix++) {
        control_apply(&host->control, &stage->op[ix]);
    }
    set_call_device(stage, &host->device);
}

static void refused(void *arg, const struct set_item *culprit, enum set_error error,
                    const struct database *staged)
{
    struct host *host = arg;
    struct object_view then;
    view(host, &then);
    then.db = staged;
    device_refused(&host->device, &then, culprit, error);
}

static void audit(void *arg, const struct agent_audit *record)
{
    (void)arg;
    printf("audit %s %s %s varbinds=%zu %s", record->who, record->source, record->version, record->count,
           set_error_name(record->result->error));
    if (record->result->error != SET_OK) {
        printf(" index=%d: %s", record->result->index, record->result->message);
    }
    printf("\n");
    fflush(stdout);
}

static void log_line(void *arg, int level, const char *line)
{
    (void)arg;
    fprintf(stderr, "%d %s\n", level, line);
}

static int role_named(const char *name, enum snmp_role *role)
{
    static const char *const names[] = {"monitor", "operator", "engineer", "admin"};
    for (size_t ix = 0; ix < sizeof(names) / sizeof(names[0]); ix++) {
        if (strcmp(name, names[ix]) == 0) {
            *role = (enum snmp_role)ix;
            return 0;
        }
    }
    return -1;
}

/* NAME,NETWORK,ROLE[,v1] */
static int parse_community(const char *text, struct snmp_config *config)
{
    struct snmp_community *c = &config->community[config->community_count];
    char role[16], v1[8] = "";
    if (config->community_count == SNMP_COMMUNITIES_MAX ||
        sscanf(text, "%32[^,],%63[^,],%15[^,],%7s", c->community, c->from, role, v1) < 3 ||
        role_named(role, &c->role) != 0) {
        return -1;
    }
    c->v1 = strcmp(v1, "v1") == 0;
    config->community_count++;
    return 0;
}

/* NAME,ROLE,AUTH,PRIV,AUTH_PASS,PRIV_PASS */
static int parse_user(const char *text, struct snmp_config *config)
{
    struct snmp_user *u = &config->user[config->user_count];
    char role[16];
    if (config->user_count == SNMP_USERS_MAX ||
        sscanf(text, "%32[^,],%15[^,],%15[^,],%15[^,],%64[^,],%64s", u->user, role, u->auth, u->priv,
               u->auth_pass, u->priv_pass) != 6 ||
        role_named(role, &u->role) != 0) {
        return -1;
    }
    config->user_count++;
    return 0;
}

static int parse_listen(const char *text, struct snmp_config *config)
{
    if (config->listen_count == LISTEN_MAX || strlen(text) >= SNMP_ADDRESS_TEXT) {
        return -1;
    }
    snprintf(config->listen[config->listen_count++], SNMP_ADDRESS_TEXT, "%s", text);
    return 0;
}

struct options {
    struct snmp_config config;
    struct agent_engine engine;
};

static int parse_options(int argc, char **argv, struct options *options, struct host *host)
{
    static const struct option known[] = {{"listen", required_argument, NULL, 'l'},
                                          {"community", required_argument, NULL, 'c'},
                                          {"user", required_argument, NULL, 'u'},
                                          {"boots", required_argument, NULL, 'b'},
                                          {"rate", required_argument, NULL, 'r'},
                                          {"wait-ms", required_argument, NULL, 'w'},
                                          {"refuse", no_argument, NULL, 'f'},
                                          {"structure-at-once", no_argument, NULL, 's'},
                                          {NULL, 0, NULL, 0}};
    struct snmp_config *config = &options->config;
    config->present = true;
    int option, result = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1 && result == 0) {
        switch (option) {
        case 'l':
            result = parse_listen(optarg, config);
            break;
        case 'c':
            result = parse_community(optarg, config);
            break;
        case 'u':
            result = parse_user(optarg, config);
            break;
        case 'b':
            options->engine.boots = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        case 'r': /* of each source, loopback included */
            config->rate_per_source = (uint32_t)strtoul(optarg, NULL, 10);
            config->rate_loopback = true;
            break;
        case 'w':
            host->wait_ms = atoi(optarg);
            break;
        case 'f':
            host->refuse = true;
            break;
        case 's':
            config->structure_at_once = true;
            break;
        default:
            result = -1;
        }
    }
    return result == 0 && optind == argc ? 0 : -1;
}

static void print_ready(const struct agent *agent)
{
    printf("agent_host ready ");
    for (size_t ix = 0; ix < agent_address_count(agent); ix++) {
        char address[SNMP_ADDRESS_TEXT];
        agent_address(agent, ix, address, sizeof(address));
        printf("%s%s", ix == 0 ? "snmp=" : ",", address);
    }
    printf("\n");
    fflush(stdout);
}

static void print_counters(const struct agent *agent)
{
    struct agent_counters c;
    agent_get_counters(agent, &c);
    printf("received=%llu not_allowed=%llu over_source=%llu unknown=%llu denied=%llu answered=%llu "
           "sets_taken=%llu sets_refused=%llu\n",
           (unsigned long long)c.received, (unsigned long long)c.not_allowed,
           (unsigned long long)c.over_source, (unsigned long long)c.unknown, (unsigned long long)c.denied,
           (unsigned long long)c.answered, (unsigned long long)c.sets_taken,
           (unsigned long long)c.sets_refused);
}

/* The status of an engine that has not begun. */
static void stand_still(struct host *host)
{
    static struct plan plan;
    static struct engine engine;
    plan_compile(&plan, &host->db, 1);
    engine_init(&engine, &plan);
    engine_get_status(&engine, &host->status);
}

int main(int argc, char **argv)
{
    static struct host host;
    static struct options options;
    options.engine.boots = 1;
    agent_engine_id(&options.engine, (const uint8_t *)"agent-host-1");
    if (parse_options(argc, argv, &options, &host) != 0) {
        fprintf(stderr, "agent_host: wrong usage\n");
        return 2;
    }
    object_defaults(&host.db);
    stand_still(&host);
    transaction_init(&host.transaction);
    device_init(&host.device);
    host.extra = (struct object_extra){.version = "agent_host", .database_id = object_database_id(&host.db)};
    host.base = host_loop_new();
    const struct agent_backend backend = {.arg = &host,
                                          .view = view,
                                          .prepare = prepare,
                                          .commit = commit,
                                          .refused = refused,
                                          .audit = audit,
                                          .log = log_line};
    char message[200] = "memory is short";
    int result = AGENT_NO_MEMORY;
    host.sets = sets_new(&backend, options.config.structure_at_once);
    if (host.sets != NULL) {
        result = agent_start(&host.agent, &options.config, &options.engine, host.sets, host.base, message,
                             sizeof(message));
    }
    if (result != AGENT_OK) {
        fprintf(stderr, "agent_host: %s\n", message);
        sets_free(host.sets);
        host_loop_free(host.base);
        return result == AGENT_NO_PORT ? 3 : 1;
    }
    print_ready(host.agent);
    host_loop_run(host.base);
    print_counters(host.agent);
    agent_free(host.agent);
    sets_free(host.sets);
    host_loop_free(host.base);
    return 0;
}
