/* What must survive a restart survives it, whatever was cut, flipped or full. */
#include "../../controller/store.h"
#include "../../controller/store_file.h"
#include "../../ntcip/object.h"
#include "harness.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WHY = 256, PATH = 64, FILE_OCTETS = 64 * 1024 };

static char dir_path[PATH];
static int dir;
static struct database db, other;
static uint8_t digest[STORE_DIGEST];

static int set_up(void)
{
    snprintf(dir_path, sizeof dir_path, "/tmp/test_store.XXXXXX");
    if (!mkdtemp(dir_path))
        return -1;
    dir = open(dir_path, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < STORE_DIGEST; i++)
        digest[i] = (uint8_t)(i * 7);
    object_defaults(&db);
    db.phase[1].minimum_green_s = 12;
    db.phase[1].ring_no = 1;
    db.sequence[0][0].count = 1;
    db.sequence[0][0].number[0] = 2;
    signal(SIGXFSZ, SIG_IGN);
    return dir < 0 ? -1 : 0;
}

static void clear_directory(void)
{
    DIR *list = opendir(dir_path);
    const struct dirent *entry;
    while (list && (entry = readdir(list)))
        unlinkat(dir, entry->d_name, 0);
    if (list)
        closedir(list);
}

static int tear_down(void)
{
    clear_directory();
    close(dir);
    return rmdir(dir_path);
}

static struct store *open_store(void)
{
    char why[WHY];
    struct store *store = NULL;
    if (store_open(&store, dir_path, why, sizeof why) < 0)
        CHECK_FAIL("%s", why);
    return store;
}

/* From here on no file can grow beyond `octets`: as if the disk were full. */
static void limit_files(rlim_t octets)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = octets;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void unlimit_files(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* This many times to come a directory cannot be made durable, as on a disk that goes bad. */
static int directory_syncs_failing;

/* Stands before the C library's, for the store as well. */
int fsync(int fd)
{
    struct stat stat;
    if (directory_syncs_failing > 0 && fstat(fd, &stat) == 0 && S_ISDIR(stat.st_mode)) {
        directory_syncs_failing--;
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

static size_t read_raw(const char *name, char *out)
{
    int fd = openat(dir, name, O_RDONLY);
    ssize_t length = fd < 0 ? 0 : read(fd, out, FILE_OCTETS);
    close(fd);
    return length < 0 ? 0 : (size_t)length;
}

static void write_raw(const char *name, const char *text, size_t length)
{
    unlinkat(dir, name, 0); /* a link to the backup must not be written through */
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK_INT((int64_t)length, write(fd, text, length));
    close(fd);
}

static void a_database_comes_back(void)
{
    clear_directory();
    char why[WHY];
    uint8_t found_digest[STORE_DIGEST];
    struct store *store = open_store();
    CHECK_INT(0, store_load(store, found_digest, &other, why, sizeof why));
    CHECK_INT(0, store_save(store, digest, &db, why, sizeof why));
    store_close(store);
    store = open_store();
    CHECK_INT(1, store_load(store, found_digest, &other, why, sizeof why));
    CHECK_STR("", why);
    CHECK_BYTES(digest, found_digest, sizeof digest);
    CHECK_BYTES(&db, &other, sizeof db);
    store_close(store);
}

/* Stores minimum green 12, then 13. */
static void save_two(struct store *store)
{
    char why[WHY];
    clear_directory();
    db.phase[1].minimum_green_s = 12;
    CHECK_INT(0, store_save(store, digest, &db, why, sizeof why));
    db.phase[1].minimum_green_s = 13;
    CHECK_INT(0, store_save(store, digest, &db, why, sizeof why));
}

static void expect_backup(struct store *store)
{
    char why[WHY];
    uint8_t found_digest[STORE_DIGEST];
    if (!CHECK_INT(1, store_load(store, found_digest, &other, why, sizeof why)))
        return;
    CHECK_INT(12, other.phase[1].minimum_green_s);
    CHECK(strstr(why, "damaged") != NULL);
    CHECK_INT(0, faccessat(dir, "database.damaged", F_OK, 0));
    /* The backup has taken the place of the damaged one. */
    CHECK_INT(1, store_load(store, found_digest, &other, why, sizeof why));
    CHECK_STR("", why);
}

static void a_torn_file_gives_way_to_the_one_before(void)
{
    static char text[FILE_OCTETS];
    struct store *store = open_store();
    save_two(store);
    size_t length = read_raw("database", text);
    for (size_t cut = 0; cut < length && !harness_failed(); cut += cut < 100 ? 1 : 61) {
        harness_at("cut at %zu of %zu", cut, length);
        save_two(store);
        write_raw("database", text, cut);
        expect_backup(store);
    }
    store_close(store);
}

static void a_flipped_bit_is_noticed(void)
{
    static char text[FILE_OCTETS];
    struct store *store = open_store();
    save_two(store);
    size_t length = read_raw("database", text);
    for (size_t at = 0; at < length && !harness_failed(); at += 61) {
        harness_at("bit of octet %zu", at);
        save_two(store);
        text[at] ^= 4;
        write_raw("database", text, length);
        text[at] ^= 4;
        expect_backup(store);
    }
    store_close(store);
}

static void two_damaged_files_are_told_and_put_aside(void)
{
    char why[WHY];
    uint8_t found_digest[STORE_DIGEST];
    struct store *store = open_store();
    save_two(store);
    write_raw("database", "nothing", 7);
    write_raw("database.backup", "nothing", 7);
    CHECK_INT(-1, store_load(store, found_digest, &other, why, sizeof why));
    CHECK(strstr(why, "damaged") != NULL);
    store_close(store);
}

static void what_does_not_load_is_told(void)
{
    static const char body[] = "{\"asc_digest\": \"00\", \"asc\": {\"phaseTable\": 5}}";
    char why[WHY];
    uint8_t found_digest[STORE_DIGEST];
    clear_directory();
    struct store *store = open_store();
    CHECK_INT(STORE_FILE_OK, store_file_write(dir, "database", body, sizeof body - 1));
    CHECK_INT(-1, store_load(store, found_digest, &other, why, sizeof why));
    CHECK(strstr(why, "does not make sense") != NULL);
    store_close(store);
}

static void a_full_disk_leaves_the_old_file(void)
{
    char why[WHY] = "";
    uint8_t found_digest[STORE_DIGEST];
    struct store *store = open_store();
    save_two(store);
    db.phase[1].minimum_green_s = 14;
    limit_files(200);
    CHECK_INT(-1, store_save(store, digest, &db, why, sizeof why));
    unlimit_files();
    CHECK(why[0] != '\0');
    CHECK_INT(1, store_load(store, found_digest, &other, why, sizeof why));
    CHECK_INT(13, other.phase[1].minimum_green_s);
    CHECK_INT(-1, faccessat(dir, "database.new", F_OK, 0));
    store_close(store);
}

static void a_rename_that_may_not_last_is_undone(void)
{
    char why[WHY] = "";
    uint8_t found_digest[STORE_DIGEST];
    struct store *store = open_store();
    clear_directory();
    directory_syncs_failing = 1;
    CHECK_INT(-1, store_save(store, digest, &db, why, sizeof why));
    CHECK_INT(0, store_load(store, found_digest, &other, why, sizeof why));
    save_two(store);
    db.phase[1].minimum_green_s = 14;
    directory_syncs_failing = 1;
    CHECK_INT(-1, store_save(store, digest, &db, why, sizeof why));
    CHECK_STR(strerror(EIO), why);
    CHECK_INT(1, store_load(store, found_digest, &other, why, sizeof why));
    CHECK_INT(13, other.phase[1].minimum_green_s);
    CHECK_STR("", why);
    store_close(store);
}

static void a_rename_that_cannot_be_undone_for_certain_is_told(void)
{
    char why[WHY] = "";
    uint8_t found_digest[STORE_DIGEST];
    struct store *store = open_store();
    save_two(store);
    db.phase[1].minimum_green_s = 14;
    directory_syncs_failing = 2;
    CHECK_INT(-1, store_save(store, digest, &db, why, sizeof why));
    CHECK_INT(0, directory_syncs_failing);
    CHECK(strstr(why, "a restart may use either") != NULL);
    CHECK_INT(1, store_load(store, found_digest, &other, why, sizeof why));
    CHECK_INT(13, other.phase[1].minimum_green_s);
    store_close(store);
}

static void a_retired_database_is_kept_as_previous(void)
{
    char why[WHY];
    uint8_t found_digest[STORE_DIGEST];
    struct store *store = open_store();
    save_two(store);
    CHECK_INT(0, store_retire(store, why, sizeof why));
    CHECK_INT(0, store_load(store, found_digest, &other, why, sizeof why));
    CHECK_INT(0, faccessat(dir, "database.previous", F_OK, 0));
    CHECK_INT(0, store_retire(store, why, sizeof why)); /* nothing there: nothing to do */
    store_close(store);
}

static void every_start_counts(void)
{
    char why[WHY];
    struct store_identity first, next;
    clear_directory();
    for (uint32_t start = 1; start <= 3; start++) {
        struct store *store = open_store();
        CHECK_INT(0, store_count_start(store, 0, &next, why, sizeof why));
        CHECK_INT(start, next.boots);
        if (start == 1)
            first = next;
        CHECK_BYTES(first.engine_seed, next.engine_seed, STORE_SEED);
        store_close(store);
    }
    /* The backup is one start behind: the count may jump, but never repeat. */
    write_raw("identity", "torn", 4);
    struct store *store = open_store();
    CHECK_INT(-1, store_count_start(store, 0, &next, why, sizeof why));
    CHECK_INT(4, next.boots);
    CHECK_BYTES(first.engine_seed, next.engine_seed, STORE_SEED);
    store_close(store);
}

static void a_count_that_is_lost_or_cannot_be_kept_means_a_new_name(void)
{
    char why[WHY];
    struct store_identity first, next;
    clear_directory();
    struct store *store = open_store();
    store_count_start(store, 0, &first, why, sizeof why);
    limit_files(10);
    CHECK_INT(-1, store_count_start(store, 0, &next, why, sizeof why));
    unlimit_files();
    CHECK_INT(1, next.boots);
    CHECK(memcmp(first.engine_seed, next.engine_seed, STORE_SEED) != 0);
    write_raw("identity", "torn", 4);
    write_raw("identity.backup", "torn", 4);
    CHECK_INT(-1, store_count_start(store, 0, &next, why, sizeof why));
    CHECK_INT(1, next.boots);
    CHECK(memcmp(first.engine_seed, next.engine_seed, STORE_SEED) != 0);
    store_close(store);
}

static void expect_feed_boot(int64_t expected, struct store *store, int64_t utc_ms)
{
    char why[WHY];
    struct store_identity identity;
    store_count_start(store, utc_ms, &identity, why, sizeof why);
    CHECK_INT(expected, (int64_t)identity.feed_boot);
}

static void the_feeds_boot_only_grows(void)
{
    const int64_t now_ms = 1800000000000;
    clear_directory();
    struct store *store = open_store();
    expect_feed_boot(1, store, 0);
    expect_feed_boot(2, store, 1577836799999); /* in 2019: the clock was never set */
    expect_feed_boot(now_ms, store, now_ms);
    expect_feed_boot(now_ms + 1, store, now_ms - 100);
    expect_feed_boot(now_ms + 2, store, 0);
    limit_files(10);
    expect_feed_boot(now_ms + 3, store, 0);
    expect_feed_boot(now_ms + 50, store, now_ms + 50);
    unlimit_files();
    expect_feed_boot(now_ms + 60, store, now_ms + 60);
    write_raw("identity", "torn", 4);
    expect_feed_boot(now_ms + 4, store, 0); /* the backup is one start behind */
    write_raw("identity", "torn", 4);
    write_raw("identity.backup", "torn", 4);
    expect_feed_boot(now_ms + 70, store, now_ms + 70);
    store_close(store);
}

static void an_identity_without_the_feeds_boot_counts_on(void)
{
    static const char body[] = "{\"boots\": 7, \"engine_seed\": \"0102030405060708090a0b0c\"}\n";
    char why[WHY];
    struct store_identity next;
    clear_directory();
    struct store *store = open_store();
    CHECK_INT(STORE_FILE_OK, store_file_write(dir, "identity", body, sizeof body - 1));
    CHECK_INT(0, store_count_start(store, 0, &next, why, sizeof why));
    CHECK_INT(8, next.boots);
    CHECK_INT(8, (int64_t)next.feed_boot);
    CHECK_INT(0x0c, next.engine_seed[STORE_SEED - 1]);
    store_close(store);
}

static void one_directory_one_controller(void)
{
    char why[WHY];
    struct store *second = NULL, *first = open_store();
    CHECK_INT(-1, store_open(&second, dir_path, why, sizeof why));
    CHECK(strstr(why, "another controller") != NULL);
    store_close(first);
    first = open_store();
    store_close(first);
    CHECK_INT(-1, store_open(&second, "/proc/nowhere/tsc", why, sizeof why));
    CHECK(strstr(why, "/proc/nowhere/tsc") != NULL);
}

static bool wait_for_store(struct store *store)
{
    struct pollfd fd = {.fd = store_event_fd(store), .events = POLLIN};
    return poll(&fd, 1, 10000) == 1;
}

static void the_thread_saves_and_tells(void)
{
    char why[WHY];
    bool saved = false;
    uint8_t found_digest[STORE_DIGEST];
    clear_directory();
    struct store *store = open_store();
    CHECK_INT(0, store_start(store));
    CHECK(!store_finished(store, &saved, why, sizeof why));
    db.phase[1].minimum_green_s = 21;
    CHECK_INT(0, store_submit(store, digest, &db));
    CHECK_INT(-1, store_submit(store, digest, &db));
    CHECK(wait_for_store(store));
    CHECK(store_finished(store, &saved, why, sizeof why));
    CHECK(saved);
    limit_files(10);
    CHECK_INT(0, store_submit(store, digest, &db));
    CHECK(wait_for_store(store));
    unlimit_files();
    CHECK(store_finished(store, &saved, why, sizeof why));
    CHECK(!saved && why[0]);
    CHECK_INT(1, store_load(store, found_digest, &other, why, sizeof why));
    CHECK_INT(21, other.phase[1].minimum_green_s);
    store_close(store);
}

HARNESS_MAIN_WITH(set_up, tear_down, {"a database comes back", a_database_comes_back},
                  {"a torn file gives way to the one before", a_torn_file_gives_way_to_the_one_before},
                  {"a flipped bit is noticed", a_flipped_bit_is_noticed},
                  {"two damaged files are told and put aside", two_damaged_files_are_told_and_put_aside},
                  {"what does not load is told", what_does_not_load_is_told},
                  {"a full disk leaves the old file", a_full_disk_leaves_the_old_file},
                  {"a rename that may not last is undone", a_rename_that_may_not_last_is_undone},
                  {"a rename that cannot be undone for certain is told",
                   a_rename_that_cannot_be_undone_for_certain_is_told},
                  {"a retired database is kept as previous", a_retired_database_is_kept_as_previous},
                  {"every start counts", every_start_counts},
                  {"a count that is lost or cannot be kept means a new name",
                   a_count_that_is_lost_or_cannot_be_kept_means_a_new_name},
                  {"the feed's boot only grows", the_feeds_boot_only_grows},
                  {"an identity without the feed's boot counts on",
                   an_identity_without_the_feeds_boot_counts_on},
                  {"one directory, one controller", one_directory_one_controller},
                  {"the thread saves and tells", the_thread_saves_and_tells}, )
