/* Small files that survive a power cut: each carries its length and SHA-256, is written beside the old
 * one, made durable, and then takes its place; the one before stays as NAME.backup. Everything here
 * blocks on the disk. */
#ifndef CONTROLLER_STORE_FILE_H
#define CONTROLLER_STORE_FILE_H

#include <stddef.h>

enum store_file_result {
    STORE_FILE_OK = 0,
    STORE_FILE_NONE = 1,    /* there is neither the file nor a backup */
    STORE_FILE_BACKUP = 2,  /* the file was damaged: its backup was read and has taken its place */
    STORE_FILE_LOST = -1,   /* both are damaged: put aside as NAME.damaged */
    STORE_FILE_FAILED = -2, /* the system refused; errno says why */
    STORE_FILE_UNSURE = -3, /* so it did, and too late: a restart may find the old file or the new one */
};

/* Replaces NAME in the directory `dir`. Returns STORE_FILE_OK, or with errno set STORE_FILE_FAILED, where
 * the old file stands as it was, or STORE_FILE_UNSURE. */
enum store_file_result store_file_write(int dir, const char *name, const char *body, size_t length);

/* Reads NAME into *body (to be freed, ends in a 0 that `length` does not count). */
enum store_file_result store_file_read(int dir, const char *name, char **body, size_t *length);

#endif
