/* Any file as a config: faults are told, and one without them can be written and read again. */
#include "../../controller/config.h"
#include "../../ntcip/json.h"
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void count_line(void *arg, const char *line)
{
    FUZZ_REQUIRE(line[0] != '\0');
    ++*(int *)arg;
}

static void count_fault(void *arg, int line, const char *key, const char *reason)
{
    (void)key;
    FUZZ_REQUIRE(line > 0 && reason[0] != '\0');
    ++*(int *)arg;
}

/* What json_print_asc() makes of a sound database is that database. It takes so much longer than the rest
 * that only every eighth input comes to it. */
static void check_round_trip(const struct database *db, size_t size)
{
    if (size % 8 != 0)
        return;
    static struct database again;
    char *text = NULL;
    size_t length = 0;
    int faults = 0;
    struct document document;
    struct document_node root;
    FILE *out = open_memstream(&text, &length);
    FUZZ_REQUIRE(out && json_print_asc(db, out, 0) == 0);
    fclose(out);
    FUZZ_REQUIRE(document_parse(&document, text, length, count_fault, &faults) == 0);
    document_root(&document, &root);
    FUZZ_REQUIRE(json_load_asc(&root, &again) == 0 && faults == 0);
    FUZZ_REQUIRE(memcmp(db, &again, sizeof again) == 0);
    document_free(&document);
    free(text);
}

/* The `asc` section alone, with nothing around it that must be right first. */
static void load_asc(const char *text, size_t length)
{
    static struct database db;
    struct document document;
    struct document_node root;
    int faults = 0;
    if (document_parse(&document, text, length, count_fault, &faults) != 0) {
        FUZZ_REQUIRE(faults > 0);
        return;
    }
    document_root(&document, &root);
    int found = json_load_asc(&root, &db);
    FUZZ_REQUIRE(found <= faults);
    if (faults == 0) {
        FUZZ_REQUIRE(fuzz_is_sound(&db));
        check_round_trip(&db, length);
    }
    document_free(&document);
}

static void load_file(const uint8_t *data, size_t size)
{
    static struct config config;
    char path[64];
    int lines = 0;
    int fd = memfd_create("config", MFD_CLOEXEC);
    FUZZ_REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int result = config_load(&config, path, CONFIG_WHOLE, count_line, &lines);
    close(fd);
    FUZZ_REQUIRE((result == 0) == (lines == 0));
    if (result == 0)
        check_round_trip(&config.db, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    load_asc((const char *)data, size);
    load_file(data, size);
    return 0;
}
