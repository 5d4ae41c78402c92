/* The MIB modules of what the agent answers, written from the object table. */
#ifndef NTCIP_MIB_H
#define NTCIP_MIB_H

/* Writes the modules into the directory `path`, which is created if it is not there. Returns 0, or
 * -1 with errno set. Blocks on the disk. */
int mib_write(const char *path);

#endif
