/* The MIB modules we write, as net-snmp's own tool reads them. */
#include "../../ntcip/mib.h"
#include "../../ntcip/object.h"
#include "harness.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/tsc-mib-XXXXXX";

static int set_up(void)
{
    setenv("SNMP_PERSISTENT_DIR", mkdtemp(directory) ? directory : "/nowhere", 1);
    setenv("SNMPCONFPATH", directory, 1);
    return 0;
}

static int tear_down(void)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    return system(command);
}

static void written(void)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/mibs", directory);
    CHECK_INT(0, mib_write(path));
    CHECK_INT(0, mib_write(path)); /* over what is there */
    CHECK_INT(-1, mib_write("/nowhere/at/all"));
}

/* Translates every name in one run; no warning may come with it. */
static void every_name_translates(void)
{
    static char command[32768];
    size_t length = (size_t)snprintf(command, sizeof(command),
                                     "snmptranslate -Pew -M %s/mibs -m ALL -IR -On 2>&1", directory);
    for (size_t i = 0; i < object_count; i++)
        length += (size_t)snprintf(command + length, sizeof(command) - length, " %s", object_all[i].name);
    FILE *pipe = popen(command, "r");
    if (!CHECK(pipe != NULL))
        return;
    char line[512];
    size_t ix = 0;
    while (fgets(line, sizeof(line), pipe)) {
        line[strcspn(line, "\n")] = '\0';
        /* Asked for warnings, it also tells that it passes over SNMPv2-SMI's macros, as it should. */
        if (line[0] == '\0' || strncmp(line, "Created directory", 17) == 0 ||
            strstr(line, "parsed and ignored"))
            continue;
        char expected[256] = "";
        for (int i = 0; ix < object_count && i < object_all[ix].id.length; i++)
            snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected), ".%u",
                     object_all[ix].id.arc[i]);
        if (!CHECK_STR(expected, line))
            break;
        ix++;
    }
    pclose(pipe);
    CHECK_INT((int64_t)object_count, (int64_t)ix);
}

static void translate(char *text, size_t size, const char *name)
{
    char command[256];
    snprintf(command, sizeof(command), "snmptranslate -M %s/mibs -m ALL -Td TSC-NTCIP1202-MIB::%s 2>&1",
             directory, name);
    FILE *pipe = popen(command, "r");
    if (!CHECK(pipe != NULL))
        return;
    text[fread(text, 1, size - 1, pipe)] = '\0';
    pclose(pipe);
}

static void details_survive(void)
{
    char text[4096] = "";
    translate(text, sizeof(text), "phaseStartup");
    CHECK(strstr(text, "INTEGER {other(1), phaseNotOn(2), greenWalk(3)") != NULL);
    CHECK(strstr(text, "MAX-ACCESS\tread-write") != NULL);
    CHECK(strstr(text, "DEFVAL\t{ other }") != NULL);
    translate(text, sizeof(text), "phaseYellowChange");
    CHECK(strstr(text, "UNITS\t\t\"tenths of a second\"") != NULL);
}

static void smilint_has_no_warning(void)
{
    char command[512];
    char text[4096];
    snprintf(
        command, sizeof(command),
        "for module in %s/mibs/TSC-*; do SMIPATH=%s/mibs smilint -s -l 3 $module || echo failed; done 2>&1",
        directory, directory);
    FILE *pipe = popen(command, "r");
    if (!CHECK(pipe != NULL))
        return;
    text[fread(text, 1, sizeof(text) - 1, pipe)] = '\0';
    pclose(pipe);
    CHECK_STR("", text);
}

HARNESS_MAIN_WITH(set_up, tear_down, {"the modules are written", written},
                  {"snmptranslate knows every name and has no complaint", every_name_translates},
                  {"syntax, units, access and default survive", details_survive},
                  {"smilint has no warning", smilint_has_no_warning}, )
