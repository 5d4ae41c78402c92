/* Signatures of feed messages: after the JSON, once per key, a tab, the key id, a colon and the
 * HMAC-SHA-256 of the JSON's octets in hex. sigstate_verify.h checks them. */
#ifndef IO_FEED_SIGN_H
#define IO_FEED_SIGN_H

#include "io_config.h"

/* Whether the key signs at this moment of UTC: from its first instant on, and no longer at its last. */
bool feed_key_is_valid(const struct feed_key *key, int64_t utc_us);

/* Octets that the signatures of all keys take. */
size_t feed_sign_length(const struct feed_config *config);

/* Writes the signatures of `length` octets of JSON to `suffix`, which has room for
 * feed_sign_length(). Returns 0, or -1 if the crypto library fails. */
int feed_sign(const struct feed_config *config, const char *json, size_t length, char *suffix);

#endif
