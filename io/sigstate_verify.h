/* Signatures at the receiver: HMAC-SHA-256 over what was prepared at the start, so that checking one
 * allocates nothing. Private to the receiver. */
#ifndef IO_SIGSTATE_VERIFY_H
#define IO_SIGSTATE_VERIFY_H

#include "sigstate.h"

/* The part of libcrypto that keeps the state of a digest with its caller. What came after it allocates at
 * every beginning. */
#define OPENSSL_API_COMPAT 10101
#include <openssl/sha.h>

struct verify_key {
    char id[33];
    SHA256_CTX inner, outer; /* begun with the secret, padded as RFC 2104 says */
};

struct verifier {
    int key_count;
    struct verify_key key[SIGSTATE_KEYS_MAX];
};

/* Returns 0, or -1 if the keys are not as sigstate.h says. */
int verifier_open(struct verifier *v, const struct sigstate_key *keys, int key_count);

/* Forgets the keys. */
void verifier_close(struct verifier *v);

/* Length of the JSON in a signed or unsigned line: what comes before the first tab. */
size_t verifier_json_length(const char *line, size_t length);

/* SIGSTATE_TAKEN if one of the line's signatures is true for one of the keys, or if there are no keys; else
 * SIGSTATE_UNSIGNED, SIGSTATE_UNKNOWN_KEY or SIGSTATE_FORGED. */
enum sigstate_result verifier_check(const struct verifier *v, const char *line, size_t length);

#endif
