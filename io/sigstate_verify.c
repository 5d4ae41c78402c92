#include "sigstate_verify.h"
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

enum { MAC_OCTETS = 32, MAC_HEX = 2 * MAC_OCTETS, KEY_ID_MAX = 32 };

static bool is_key_id(const char *id)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    const size_t length = id ? strlen(id) : 0;
    return length > 0 && length <= KEY_ID_MAX && strspn(id, letters) == length;
}

static int prepare(struct verify_key *key, const struct sigstate_key *from)
{
    if (!is_key_id(from->id) || !from->secret || from->secret_length == 0 ||
        from->secret_length > SIGSTATE_SECRET_MAX)
        return -1;
    strcpy(key->id, from->id);
    memcpy(key->inner, from->secret, from->secret_length);
    memcpy(key->outer, from->secret, from->secret_length);
    for (int i = 0; i < VERIFY_BLOCK; i++) {
        key->inner[i] ^= 0x36;
        key->outer[i] ^= 0x5C;
    }
    return 0;
}

int verifier_open(struct verifier *v, const struct sigstate_key *keys, int key_count)
{
    if (key_count < 0 || key_count > SIGSTATE_KEYS_MAX || (key_count > 0 && !keys)) {
        errno = EINVAL;
        return -1;
    }
    for (int i = 0; i < key_count; i++) {
        if (prepare(&v->key[i], &keys[i]) != 0) {
            errno = EINVAL;
            return -1;
        }
    }
    v->key_count = key_count;
    if (key_count == 0)
        return 0;
    v->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    v->digest = EVP_MD_CTX_new();
    /* From here on the context is only begun anew, which costs no memory. */
    if (!v->sha256 || !v->digest || EVP_DigestInit_ex2(v->digest, v->sha256, NULL) != 1) {
        errno = ENOMEM;
        return -1;
    }
    return 0;
}

void verifier_close(struct verifier *v)
{
    EVP_MD_CTX_free(v->digest);
    EVP_MD_free(v->sha256);
    OPENSSL_cleanse(v, sizeof *v);
}

static bool digest(EVP_MD_CTX *ctx, const uint8_t *block, const void *data, size_t length,
                   uint8_t out[MAC_OCTETS])
{
    return EVP_DigestInit_ex2(ctx, NULL, NULL) == 1 && EVP_DigestUpdate(ctx, block, VERIFY_BLOCK) == 1 &&
           EVP_DigestUpdate(ctx, data, length) == 1 && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

static bool is_true(struct verifier *v, const struct verify_key *key, const char *json, size_t length,
                    const char hex[MAC_HEX])
{
    static const char digit[] = "0123456789abcdef";
    uint8_t mac[MAC_OCTETS];
    char expected[MAC_HEX];
    if (!digest(v->digest, key->inner, json, length, mac) ||
        !digest(v->digest, key->outer, mac, sizeof mac, mac))
        return false;
    for (int i = 0; i < MAC_OCTETS; i++) {
        expected[2 * i] = digit[mac[i] >> 4];
        expected[2 * i + 1] = digit[mac[i] & 0xF];
    }
    return CRYPTO_memcmp(expected, hex, MAC_HEX) == 0;
}

size_t verifier_json_length(const char *line, size_t length)
{
    const char *tab = memchr(line, '\t', length);
    return tab ? (size_t)(tab - line) : length;
}

enum sigstate_result verifier_check(struct verifier *v, const char *line, size_t length)
{
    const size_t json_length = verifier_json_length(line, length);
    const char *end = line + length;
    const char *at = line + json_length;
    enum sigstate_result result = at < end ? SIGSTATE_UNKNOWN_KEY : SIGSTATE_UNSIGNED;
    if (v->key_count == 0)
        return SIGSTATE_TAKEN;
    for (int fields = 0; at < end && fields < 2 * SIGSTATE_KEYS_MAX; fields++) {
        const char *id = at + 1; /* behind the tab */
        const char *next = memchr(id, '\t', (size_t)(end - id));
        const size_t field = (size_t)((next ? next : end) - id);
        at = next ? next : end;
        for (int i = 0; i < v->key_count; i++) {
            const size_t id_length = strlen(v->key[i].id);
            if (field <= id_length || memcmp(id, v->key[i].id, id_length) != 0 || id[id_length] != ':')
                continue;
            if (field == id_length + 1 + MAC_HEX &&
                is_true(v, &v->key[i], line, json_length, id + id_length + 1))
                return SIGSTATE_TAKEN;
            result = SIGSTATE_FORGED;
        }
    }
    return result;
}
