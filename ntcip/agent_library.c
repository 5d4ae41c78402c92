#include "agent_library.h"
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#include <string.h>
#include <syslog.h>

static const char application[] = "tsc";

static int forward_log(int major, int minor, void *server, void *client)
{
    (void)major;
    (void)minor;
    const struct snmp_log_message *m = server;
    const struct agent_backend *backend = sets_backend(client);
    char line[200];
    snprintf(line, sizeof(line), "snmp library: %s", m->msg);
    line[strcspn(line, "\n")] = '\0';
    backend->log(backend->arg, m->priority, line);
    return 0;
}

static void listen_to_library(struct sets *sets)
{
    netsnmp_register_loghandler(NETSNMP_LOGHANDLER_CALLBACK, LOG_NOTICE);
    if (sets_backend(sets)->log != NULL) {
        snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, forward_log, sets);
    }
}

void library_keep_quiet(void)
{
    snmp_unregister_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, forward_log, NULL, 0);
}

static bool opens(const struct snmp_config *config, bool v1)
{
    bool found = config->name_network_count > 0;
    for (size_t ix = 0; ix < config->community_count; ix++) {
        found = found || !v1 || config->community[ix].v1;
    }
    return found;
}

static void set_flag(int which, bool value)
{
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, which, value);
}

static void configure(const struct snmp_config *config)
{
    set_flag(NETSNMP_DS_LIB_DONT_READ_CONFIGS, true);
    set_flag(NETSNMP_DS_LIB_DONT_PERSIST_STATE, true);
    set_flag(NETSNMP_DS_LIB_DONT_LOAD_HOST_FILES, true);
    set_flag(NETSNMP_DS_LIB_ALARM_DONT_USE_SIG, true);
    set_flag(NETSNMP_DS_LIB_DISABLE_V1, !opens(config, true));
    set_flag(NETSNMP_DS_LIB_DISABLE_V2c, !opens(config, false));
    set_flag(NETSNMP_DS_LIB_DISABLE_V3, config->user_count == 0);
    /* It would look for MIBs, certificates and old state in half a dozen places and make a directory for
     * some of it, whatever it was told above: point it to where nothing can be. */
    setenv("MIBS", "", 1);
    netsnmp_set_mib_directory("/dev/null");
    set_configuration_directory("/dev/null");
    set_persistent_directory("/dev/null");
    setenv("SNMPCONFPATH", "/dev/null", 1);
}

/* The only way to give the library its engine is by lines of a config file it never reads. It takes
 * a boot count as the last one's and adds 1; without the old identifier it would begin again at 1. */
static void queue_engine(const struct agent_engine *engine)
{
    char hex[2 * AGENT_ENGINE_ID_MAX + 1];
    for (size_t ix = 0; ix < engine->id_length; ix++) {
        snprintf(hex + 2 * ix, 3, "%02x", engine->id[ix]);
    }
    char line[128];
    snprintf(line, sizeof(line), "exactEngineID 0x%s", hex);
    netsnmp_config_remember(line);
    snprintf(line, sizeof(line), "oldEngineID 0x%s", hex);
    netsnmp_config_remember(line);
    snprintf(line, sizeof(line), "engineBoots %lu", (unsigned long)engine->boots - 1);
    netsnmp_config_remember(line);
}

enum { PROTOCOL_ARCS = 10 }; /* of every identifier of a protocol */

static const oid *auth_protocol(const char *name)
{
    static const struct {
        const char *name;
        const oid *protocol;
    } known[] = {{"SHA-256", usmHMAC192SHA256AuthProtocol},
                 {"SHA-384", usmHMAC256SHA384AuthProtocol},
                 {"SHA-512", usmHMAC384SHA512AuthProtocol}};
    for (size_t ix = 0; ix < sizeof(known) / sizeof(known[0]); ix++) {
        if (strcmp(name, known[ix].name) == 0) {
            return known[ix].protocol;
        }
    }
    return NULL;
}

/* Derives one localized key, which the library will free. Returns its length, or 0. */
static size_t derive_key(const oid *auth, const char *passphrase, const struct agent_engine *engine,
                         size_t longest, u_char **out)
{
    u_char master[USM_AUTH_KU_LEN], local[USM_AUTH_KU_LEN];
    size_t master_length = sizeof(master), local_length = sizeof(local);
    size_t length = 0;
    if (generate_Ku(auth, PROTOCOL_ARCS, (const u_char *)passphrase, strlen(passphrase), master,
                    &master_length) == SNMPERR_SUCCESS &&
        generate_kul(auth, PROTOCOL_ARCS, engine->id, engine->id_length, master, master_length, local,
                     &local_length) == SNMPERR_SUCCESS) {
        length = local_length < longest ? local_length : longest;
        *out = netsnmp_memdup(local, length);
        length = *out != NULL ? length : 0;
    }
    explicit_bzero(master, sizeof(master));
    explicit_bzero(local, sizeof(local));
    return length;
}

static bool fill_user(struct usmUser *user, const struct snmp_user *config, const struct agent_engine *engine)
{
    enum { AES_128_KEY = 16 };
    const oid *auth = auth_protocol(config->auth);
    SNMP_FREE(user->authProtocol); /* a new user comes with the protocols "none" */
    SNMP_FREE(user->privProtocol);
    user->engineID = netsnmp_memdup(engine->id, engine->id_length);
    user->engineIDLen = engine->id_length;
    user->name = strdup(config->user);
    user->secName = strdup(config->user);
    user->authProtocol = snmp_duplicate_objid(auth, PROTOCOL_ARCS);
    user->authProtocolLen = PROTOCOL_ARCS;
    user->privProtocol = snmp_duplicate_objid(usmAESPrivProtocol, PROTOCOL_ARCS);
    user->privProtocolLen = PROTOCOL_ARCS;
    user->authKeyLen = derive_key(auth, config->auth_pass, engine, USM_AUTH_KU_LEN, &user->authKey);
    user->privKeyLen = derive_key(auth, config->priv_pass, engine, AES_128_KEY, &user->privKey);
    user->userStatus = SNMP_ROW_ACTIVE;
    user->userStorageType = SNMP_STORAGE_READONLY;
    return user->engineID != NULL && user->name != NULL && user->secName != NULL &&
           user->authProtocol != NULL && user->privProtocol != NULL && user->authKeyLen > 0 &&
           user->privKeyLen == AES_128_KEY;
}

static int add_user(const struct snmp_user *config, const struct agent_engine *engine, char *message,
                    size_t size)
{
    if (config->user[0] == '\0' || auth_protocol(config->auth) == NULL ||
        strcmp(config->priv, "AES-128") != 0) {
        snprintf(message, size, "user %s: needs a name, auth SHA-256, SHA-384 or SHA-512, and priv AES-128",
                 config->user);
        return AGENT_BAD_CONFIG;
    }
    if (usm_get_user(engine->id, engine->id_length, config->user) != NULL) {
        snprintf(message, size, "user %s stands there twice", config->user);
        return AGENT_BAD_CONFIG;
    }
    struct usmUser *user = usm_create_user();
    if (user == NULL || !fill_user(user, config, engine)) {
        usm_free_user(user);
        snprintf(message, size, "user %s: cannot derive the keys (passphrases need 8 characters or more)",
                 config->user);
        return AGENT_BAD_CONFIG;
    }
    usm_add_user(user);
    return AGENT_OK;
}

int library_start(const struct snmp_config *config, const struct agent_engine *engine, struct sets *sets,
                  char *message, size_t size)
{
    listen_to_library(sets);
    configure(config);
    queue_engine(engine);
    init_snmp(application);
    int result = AGENT_OK;
    for (size_t ix = 0; ix < config->user_count && result == AGENT_OK; ix++) {
        result = add_user(&config->user[ix], engine, message, size);
    }
    return result;
}

void library_stop(void)
{
    library_keep_quiet();
    snmp_shutdown(application);
    shutdown_snmp_logging();
}
