/* One value in the Basic Encoding Rules of SNMP (RFC 1157, RFC 3417): {type, length, value}. Pure. */
#ifndef NTCIP_BER_H
#define NTCIP_BER_H

#include "value.h"
#include <stddef.h>

/* Writes `value` into `out`, lengths and integers in their shortest form. Returns how many octets were
 * written, or -1 if it does not fit in `size` or the value has no type of SNMP; `out` is then of no use. */
int ber_encode(const struct value *value, uint8_t *out, size_t size);

/* Writes the value that is none: NULL. Returns 2, or -1 if it does not fit. */
int ber_encode_null(uint8_t *out, size_t size);

#endif
