/* The strict first walk over a JSON text: says where it breaks the grammar, and on which line each
 * value stands. */
#ifndef NTCIP_DOCUMENT_SCAN_H
#define NTCIP_DOCUMENT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan_fault {
    int line;
    const char *reason; /* constant text */
};

/* Walks `length` octets. lines[] gets one number per value in the order in which values begin, a
 * member's being the line of its key; negative if the value is a number with a fraction or an
 * exponent. A text of n octets has at most n values. Returns their count, or -1 with `fault`. */
long document_scan(const char *text, size_t length, int *lines, struct scan_fault *fault);

/* Whether the octets are UTF-8 without control characters: what may stand in a text as it is. */
bool document_is_plain_text(const uint8_t *octet, size_t length);

#endif
