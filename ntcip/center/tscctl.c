#include "../../controller/evidence.h"
#include "../../controller/utc_text.h"
#include "fetch.h"
#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum exit_code { EXIT_WELL = 0, EXIT_FAULTS = 1, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 3 };

enum { PATH_OCTETS = 1024, WHY_OCTETS = 1024, FILE_OCTETS_MAX = 64 * 1024 };

static const char help[] =
    "usage: tscctl evidence CONTROLLER GROUP UTC [--key FILE]\n"
    "       tscctl verify FILE --key PUBLIC\n"
    "       tscctl key new DIR | show FILE\n"
    "       tscctl journal check FILE\n"
    "       tscctl help\n"
    "\n"
    "The centre's hand. What it says of the past is in docs/evidence.md.\n"
    "\n"
    "  evidence      what a lamp group showed at an instant, what came before and after, whether it may\n"
    "                be held against anyone, and the controller's signature. CONTROLLER is http://HOST:PORT "
    "of a\n"
    "                running tscd, its state directory, or a journal file. Away from the controller, --key\n"
    "                names the key to sign with; default evidence.key beside the journal\n"
    "  verify        whether such an answer (FILE, or - for standard input) is unchanged and signed with "
    "the\n"
    "                key whose public part is in PUBLIC\n"
    "  key new       makes a controller's key, DIR/evidence.key; never overwrites one\n"
    "  key show      prints its id and its public part; FILE may be a state directory\n"
    "  journal check whether a row was changed, added or removed; FILE may be a state directory\n"
    "\n"
    "UTC: 2026-11-22T08:00:00.123456Z, the decimals as many as you have, up to six.\n"
    "Exit status: 0 well; 1 the journal does not reach that instant, the signature is false, rows were\n"
    "changed; 2 wrong usage, an unknown group, a file that cannot be read; 3 the controller is not\n"
    "reached, or cannot answer.\n";

__attribute__((format(printf, 2, 3))) static int fail(enum exit_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("tscctl: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return (int)code;
}

static int usage(const char *reason)
{
    return fail(EXIT_USAGE, "%s; tscctl help tells more", reason);
}

/* What was not written to the end was not said. */
static int flushed(enum exit_code code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return (int)code;
    return fail(EXIT_ENVIRONMENT, "standard output: %s", strerror(errno));
}

/* ---- files ---- */

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* FILE itself, or NAME in it if it is a directory. */
static void file_in(const char *path, const char *name, char out[PATH_OCTETS])
{
    if (is_directory(path))
        snprintf(out, PATH_OCTETS, "%s/%s", path, name);
    else
        snprintf(out, PATH_OCTETS, "%s", path);
}

static int open_journal(const char *path, struct journal **journal)
{
    char file[PATH_OCTETS], why[WHY_OCTETS];
    file_in(path, "journal.db", file);
    if (journal_open_to_read(journal, file, why, sizeof why) == 0)
        return 0;
    return fail(EXIT_USAGE, "%s: %s", file, access(file, R_OK) < 0 ? strerror(errno) : why);
}

/* Reads a whole file, or standard input, of no more than FILE_OCTETS_MAX. */
static int read_text(const char *path, char text[FILE_OCTETS_MAX], size_t *length)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!file)
        return fail(EXIT_USAGE, "%s: %s", path, strerror(errno));
    *length = fread(text, 1, FILE_OCTETS_MAX, file);
    const bool whole = !ferror(file) && *length < FILE_OCTETS_MAX;
    const int error = ferror(file) ? errno : EFBIG;
    if (file != stdin)
        fclose(file);
    return whole ? 0 : fail(EXIT_USAGE, "%s: %s", path, strerror(error));
}

/* ---- evidence ---- */

struct question {
    const char *controller;
    int group_no;
    const char *at;
    int64_t at_utc_us;
    const char *key; /* NULL: the one beside the journal */
};

static int ask_controller(const struct question *q)
{
    char path[128], why[WHY_OCTETS], *text = NULL;
    size_t length = 0;
    snprintf(path, sizeof path, "/evidence?group=%d&at=%s", q->group_no, q->at);
    const int status = fetch(q->controller, path, &text, &length, why, sizeof why);
    if (status < 0)
        return fail(status == FETCH_MALFORMED ? EXIT_USAGE : EXIT_ENVIRONMENT, "%s", why);
    int result;
    if (status == 200) {
        fwrite(text, 1, length, stdout);
        result = flushed(EXIT_WELL);
    } else {
        text[strcspn(text, "\r\n")] = '\0';
        result = fail(status == 400   ? EXIT_USAGE
                      : status == 404 ? EXIT_FAULTS
                                      : EXIT_ENVIRONMENT,
                      "%s: %s", q->controller, text);
    }
    free(text);
    return result;
}

/* The key to sign with. Without one beside the journal the answer stays unsigned, and that is said. */
static int load_key(const struct question *q, struct evidence_key **key)
{
    char path[PATH_OCTETS], copy[PATH_OCTETS], why[WHY_OCTETS];
    if (q->key) {
        snprintf(path, sizeof path, "%s", q->key);
    } else if (is_directory(q->controller)) {
        file_in(q->controller, evidence_key_name, path);
    } else {
        snprintf(copy, sizeof copy, "%s", q->controller);
        file_in(dirname(copy), evidence_key_name, path);
    }
    if (evidence_key_load(key, path, why, sizeof why) == 0)
        return 0;
    if (q->key)
        return fail(EXIT_USAGE, "%s", why);
    *key = NULL;
    fprintf(stderr, "tscctl: not signed: %s\n", why);
    return 0;
}

static int write_evidence(const struct question *q, const struct evidence *evidence)
{
    char text[EVIDENCE_TEXT];
    struct evidence_key *key = NULL;
    const int loaded = load_key(q, &key);
    if (loaded != 0)
        return loaded;
    const int length = evidence_write(evidence, key, text);
    evidence_key_free(key);
    if (length < 0)
        return fail(EXIT_USAGE, "it cannot be signed: is the key a private one?");
    fwrite(text, 1, (size_t)length, stdout);
    return flushed(EXIT_WELL);
}

static int read_journal(const struct question *q)
{
    static struct evidence evidence;
    struct journal *journal = NULL;
    char why[WHY_OCTETS];
    const int opened = open_journal(q->controller, &journal);
    if (opened != 0)
        return opened;
    const enum evidence_result found =
        evidence_find(journal, q->group_no, q->at_utc_us, &evidence, why, sizeof why);
    journal_close(journal);
    switch (found) {
    case EVIDENCE_FOUND:
        return write_evidence(q, &evidence);
    case EVIDENCE_NOT_REACHED:
        return fail(EXIT_FAULTS, "%s: %s", q->controller, why);
    case EVIDENCE_NO_GROUP:
    case EVIDENCE_FAILED:
        break;
    }
    return fail(EXIT_USAGE, "%s: %s", q->controller, why);
}

static int command_evidence(int count, char **word, const char *key)
{
    if (count != 3)
        return usage("evidence needs CONTROLLER, GROUP and UTC");
    struct question q = {.controller = word[0], .at = word[2], .key = key};
    char *end;
    const long group_no = strtol(word[1], &end, 10);
    if (*end || end == word[1] || group_no < 1 || group_no > CHANNELS_MAX)
        return fail(EXIT_USAGE, "\"%s\" is not the number of a lamp group, 1 to %d", word[1], CHANNELS_MAX);
    q.group_no = (int)group_no;
    if (utc_parse(q.at, &q.at_utc_us) < 0)
        return fail(EXIT_USAGE, "\"%s\" is not UTC such as 2026-11-22T08:00:00.123456Z", q.at);
    if (strncmp(q.controller, "http://", 7) != 0)
        return read_journal(&q);
    return key ? usage("--key is for journals: a controller signs with its own") : ask_controller(&q);
}

/* ---- verify ---- */

/* The facts that whoever verifies wants to see at once. */
static void print_facts(const char *text)
{
    static const char *const keys[] = {
        "controller: ", "group: ", "instant: ", "state: ", "enforceable: ", "why-not: ", "key: "};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *line = text;
        while (line && strncmp(line, keys[i], strlen(keys[i])) != 0) {
            line = strchr(line, '\n');
            line = line ? line + 1 : NULL;
        }
        if (line)
            printf("%.*s\n", (int)strcspn(line, "\n"), line);
    }
}

static int command_verify(int count, char **word, const char *key_path)
{
    static char text[FILE_OCTETS_MAX + 1];
    struct evidence_key *key = NULL;
    char why[WHY_OCTETS];
    size_t length = 0;
    if (count != 1 || !key_path)
        return usage("verify needs FILE and --key PUBLIC");
    if (evidence_key_load(&key, key_path, why, sizeof why) < 0)
        return fail(EXIT_USAGE, "%s", why);
    int result = read_text(word[0], text, &length);
    if (result == 0) {
        text[length] = '\0';
        if (evidence_check(text, length, key, why, sizeof why) < 0) {
            result = fail(EXIT_FAULTS, "%s: %s", word[0], why);
        } else {
            puts("the signature is true");
            print_facts(text);
            result = flushed(EXIT_WELL);
        }
    }
    evidence_key_free(key);
    return result;
}

/* ---- keys ---- */

static int key_show(const char *path)
{
    char file[PATH_OCTETS], why[WHY_OCTETS], id[EVIDENCE_KEY_ID], pem[EVIDENCE_PUBLIC_PEM];
    struct evidence_key *key = NULL;
    file_in(path, evidence_key_name, file);
    if (evidence_key_load(&key, file, why, sizeof why) < 0)
        return fail(EXIT_USAGE, "%s", why);
    evidence_key_id(key, id);
    const int made = evidence_key_public(key, pem);
    evidence_key_free(key);
    if (made < 0)
        return fail(EXIT_ENVIRONMENT, "out of memory");
    printf("%s\n%s", id, pem); /* readers of PEM pass over what stands before it */
    return flushed(EXIT_WELL);
}

static int key_new(const char *dir)
{
    char file[PATH_OCTETS], why[WHY_OCTETS];
    if (!is_directory(dir))
        return fail(EXIT_USAGE, "%s: not a directory", dir);
    file_in(dir, evidence_key_name, file);
    if (access(file, F_OK) == 0)
        return fail(EXIT_USAGE, "%s is there already: put it away first", file);
    if (evidence_key_create(file, why, sizeof why) < 0)
        return fail(EXIT_ENVIRONMENT, "%s", why);
    return key_show(file);
}

static int command_key(int count, char **word)
{
    if (count == 2 && strcmp(word[0], "new") == 0)
        return key_new(word[1]);
    if (count == 2 && strcmp(word[0], "show") == 0)
        return key_show(word[1]);
    return usage("key needs new DIR or show FILE");
}

/* ---- journal ---- */

static int command_journal(int count, char **word)
{
    struct journal *journal = NULL;
    struct journal_audit audit;
    if (count != 2 || strcmp(word[0], "check") != 0)
        return usage("journal needs check FILE");
    const int opened = open_journal(word[1], &journal);
    if (opened != 0)
        return opened;
    const bool read = journal_audit(journal, &audit) == 0;
    int result;
    if (!read)
        result = fail(EXIT_FAULTS, "%s: %s", word[1], journal_error(journal));
    else if (audit.wrong_from > 0)
        result = fail(EXIT_FAULTS, "%s: reports %lld to %lld are not as they were sealed", word[1],
                      (long long)audit.wrong_from, (long long)audit.wrong_to);
    else
        result = EXIT_WELL;
    if (result == EXIT_WELL) {
        printf("%lld reports, %lld to %lld, in %lld batches: every seal holds\n", (long long)audit.reports,
               (long long)audit.first_report, (long long)audit.last_report, (long long)audit.seals);
        result = flushed(EXIT_WELL);
    }
    journal_close(journal);
    return result;
}

/* Takes "--key FILE" out of the words. Returns how many are left, or -1. */
static int take_key(int count, char **word, const char **key)
{
    int left = 0;
    for (int i = 0; i < count; i++) {
        if (strcmp(word[i], "--key") == 0 && i + 1 < count && !*key)
            *key = word[++i];
        else if (strncmp(word[i], "--", 2) == 0)
            return -1;
        else
            word[left++] = word[i];
    }
    return left;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "", *key = NULL;
    if (strcmp(command, "help") == 0 || strcmp(command, "--help") == 0) {
        fputs(help, stdout);
        return flushed(EXIT_WELL);
    }
    const int count = argc > 2 ? take_key(argc - 2, argv + 2, &key) : 0;
    if (count < 0)
        return usage("an option that is not known, or that needs a value");
    if (strcmp(command, "evidence") == 0)
        return command_evidence(count, argv + 2, key);
    if (strcmp(command, "verify") == 0)
        return command_verify(count, argv + 2, key);
    if (key)
        return usage("--key does not belong there");
    if (strcmp(command, "key") == 0)
        return command_key(count, argv + 2);
    if (strcmp(command, "journal") == 0)
        return command_journal(count, argv + 2);
    return usage(argc > 1 ? "an unknown command" : "a command is needed");
}
