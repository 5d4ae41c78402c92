#include "store_file.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_OCTETS = 64,
    HEAD_OCTETS = 128,
    BODY_OCTETS_MAX = 4 * 1024 * 1024,
    DIGEST_TEXT = 2 * SHA256_DIGEST_LENGTH + 1,
};

static void digest_text(const char *body, size_t length, char text[DIGEST_TEXT])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)body, length, digest);
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        text += written;
        length -= (size_t)written;
    }
    return 0;
}

static int write_new(int dir, const char *name, const char *body, size_t length)
{
    char head[HEAD_OCTETS], digest[DIGEST_TEXT];
    digest_text(body, length, digest);
    int head_length = snprintf(head, sizeof head, "tsc-store 1 %zu %s\n", length, digest);
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    int result = write_all(fd, head, (size_t)head_length);
    if (result == 0)
        result = write_all(fd, body, length);
    if (result == 0)
        result = fsync(fd);
    int error = errno;
    if (close(fd) < 0 && result == 0)
        return -1;
    errno = error;
    return result;
}

/* Gives the present file a second name. At no moment is there no file under the first. Returns 1, 0 if
 * there is no file yet, or -1. */
static int keep_backup(int dir, const char *name, const char *backup)
{
    if (faccessat(dir, name, F_OK, 0) < 0)
        return errno == ENOENT ? 0 : -1;
    if (unlinkat(dir, backup, 0) < 0 && errno != ENOENT)
        return -1;
    return linkat(dir, name, dir, backup, 0) < 0 ? -1 : 1;
}

/* Takes the name from the new file again: what was refused must not act after a restart. */
static int put_back(int dir, const char *name, const char *backup, bool kept)
{
    int undone = kept ? renameat(dir, backup, dir, name) : unlinkat(dir, name, 0);
    return undone < 0 ? -1 : fsync(dir);
}

enum store_file_result store_file_write(int dir, const char *name, const char *body, size_t length)
{
    char fresh[NAME_OCTETS], backup[NAME_OCTETS];
    int kept;
    snprintf(fresh, sizeof fresh, "%s.new", name);
    snprintf(backup, sizeof backup, "%s.backup", name);
    if (write_new(dir, fresh, body, length) < 0 || (kept = keep_backup(dir, name, backup)) < 0 ||
        renameat(dir, fresh, dir, name) < 0) {
        int error = errno;
        unlinkat(dir, fresh, 0); /* what was begun must not fill a full disk */
        errno = error;
        return STORE_FILE_FAILED;
    }
    if (fsync(dir) == 0)
        return STORE_FILE_OK;
    int error = errno;
    int undone = put_back(dir, name, backup, kept);
    errno = error;
    return undone == 0 ? STORE_FILE_FAILED : STORE_FILE_UNSURE;
}

/* Reads a whole file. Returns its text, to be freed, or NULL with errno set. */
static char *read_whole(int dir, const char *name, size_t *length)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    struct stat stat;
    char *text = NULL;
    if (fstat(fd, &stat) == 0) {
        if (stat.st_size > HEAD_OCTETS + BODY_OCTETS_MAX)
            errno = EFBIG;
        else
            text = malloc((size_t)stat.st_size + 1);
    }
    *length = 0;
    while (text && *length < (size_t)stat.st_size) {
        ssize_t got = read(fd, text + *length, (size_t)stat.st_size - *length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            free(text);
            text = NULL;
        } else if (got == 0) {
            break;
        } else {
            *length += (size_t)got;
        }
    }
    if (text)
        text[*length] = '\0';
    int error = errno;
    close(fd);
    errno = error;
    return text;
}

/* Finds the body behind a head that fits it. Returns NULL if anything does not. */
static const char *whole_body(const char *text, size_t length, size_t *body_length)
{
    const char *end = memchr(text, '\n', length);
    char told[DIGEST_TEXT], found[DIGEST_TEXT];
    if (!end || sscanf(text, "tsc-store 1 %zu %64[0-9a-f]", body_length, told) != 2)
        return NULL;
    const char *body = end + 1;
    if (*body_length != length - (size_t)(body - text))
        return NULL;
    digest_text(body, *body_length, found);
    return strcmp(told, found) == 0 ? body : NULL;
}

static enum store_file_result read_one(int dir, const char *name, char **out, size_t *length)
{
    size_t text_length;
    char *text = read_whole(dir, name, &text_length);
    if (!text)
        return errno == ENOENT ? STORE_FILE_NONE : errno == EFBIG ? STORE_FILE_LOST : STORE_FILE_FAILED;
    const char *body = whole_body(text, text_length, length);
    if (!body) {
        free(text);
        return STORE_FILE_LOST;
    }
    memmove(text, body, *length + 1);
    *out = text;
    return STORE_FILE_OK;
}

/* A damaged file is put aside, so that it never becomes the backup of a sound one. */
static void put_aside(int dir, const char *name)
{
    char damaged[NAME_OCTETS];
    snprintf(damaged, sizeof damaged, "%s.damaged", name);
    renameat(dir, name, dir, damaged);
}

enum store_file_result store_file_read(int dir, const char *name, char **body, size_t *length)
{
    char backup[NAME_OCTETS];
    snprintf(backup, sizeof backup, "%s.backup", name);
    enum store_file_result result = read_one(dir, name, body, length);
    if (result == STORE_FILE_OK || result == STORE_FILE_FAILED)
        return result;
    enum store_file_result older = read_one(dir, backup, body, length);
    if (older == STORE_FILE_FAILED)
        return older;
    if (result == STORE_FILE_LOST)
        put_aside(dir, name);
    if (older == STORE_FILE_OK) {
        /* Where the backup cannot be given its old name back, it has been read all the same, and
         * the next write makes both anew. */
        int linked = linkat(dir, backup, dir, name, 0);
        (void)linked;
        return STORE_FILE_BACKUP;
    }
    return result == STORE_FILE_LOST || older == STORE_FILE_LOST ? STORE_FILE_LOST : STORE_FILE_NONE;
}
