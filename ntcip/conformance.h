/* What is answered of each standard, and how, written from the object table. */
#ifndef NTCIP_CONFORMANCE_H
#define NTCIP_CONFORMANCE_H

#include <stdio.h>

/* Writes the document (docs/ntcip-conformance.md). Returns 0, or -1 if `out` failed. */
int conformance_write(FILE *out);

#endif
