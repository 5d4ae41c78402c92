/* The key with which a controller signs evidence: Ed25519, kept as PEM in a file that nobody else may read.
 */
#ifndef CONTROLLER_EVIDENCE_KEY_H
#define CONTROLLER_EVIDENCE_KEY_H

#include <stddef.h>
#include <stdint.h>

enum {
    EVIDENCE_KEY_ID = 41, /* "ed25519:" and the first 16 octets of SHA-256 over the public key, in hex */
    EVIDENCE_SIGNATURE = 64,
    EVIDENCE_PUBLIC_PEM = 256,
};

extern const char evidence_key_name[]; /* of its file in a state directory */

struct evidence_key; /* a public key, and perhaps the private one that belongs to it */

/* Makes a key and its file, with the permissions 0600, durable before it returns. A file that is there
 * already is left alone. Returns 0, or -1 with the reason in `why`. */
int evidence_key_create(const char *path, char *why, size_t size);

/* Reads a private key or a public one. Returns 0, or -1 with the reason in `why`. */
int evidence_key_load(struct evidence_key **out, const char *path, char *why, size_t size);

/* NULL is allowed. */
void evidence_key_free(struct evidence_key *key);

void evidence_key_id(const struct evidence_key *key, char id[EVIDENCE_KEY_ID]);
int evidence_key_public(const struct evidence_key *key, char pem[EVIDENCE_PUBLIC_PEM]);

/* Returns 0, or -1: it is a public key. */
int evidence_key_sign(const struct evidence_key *key, const char *text, size_t length,
                      uint8_t signature[EVIDENCE_SIGNATURE]);

/* Returns 0 if the signature is true, else -1. */
int evidence_key_verify(const struct evidence_key *key, const char *text, size_t length,
                        const uint8_t signature[EVIDENCE_SIGNATURE]);

#endif
