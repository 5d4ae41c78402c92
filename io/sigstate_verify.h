/* Signatures at the receiver: HMAC-SHA-256 over what was prepared at the start, so that checking one
 * allocates nothing. Private to the receiver. */
#ifndef IO_SIGSTATE_VERIFY_H
#define IO_SIGSTATE_VERIFY_H

#include "sigstate.h"

enum { VERIFY_BLOCK = 64 };

struct verify_key {
    char id[33];
    uint8_t inner[VERIFY_BLOCK], outer[VERIFY_BLOCK]; /* the secret, padded as RFC 2104 says */
};

struct verifier {
    struct evp_md_st *sha256;
    struct evp_md_ctx_st *digest;
    int key_count;
    struct verify_key key[SIGSTATE_KEYS_MAX];
};

/* `v` is all zero before. Returns 0, or -1 with errno EINVAL or ENOMEM; verifier_close() in either case. */
int verifier_open(struct verifier *v, const struct sigstate_key *keys, int key_count);
void verifier_close(struct verifier *v);

/* Length of the JSON in a signed or unsigned line: what comes before the first tab. */
size_t verifier_json_length(const char *line, size_t length);

/* SIGSTATE_TAKEN if one of the line's signatures is true for one of the keys, or if there are no keys; else
 * SIGSTATE_UNSIGNED, SIGSTATE_UNKNOWN_KEY or SIGSTATE_FORGED. */
enum sigstate_result verifier_check(struct verifier *v, const char *line, size_t length);

#endif
