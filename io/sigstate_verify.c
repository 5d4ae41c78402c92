#include "sigstate_verify.h"
#include <openssl/crypto.h>
#include <string.h>

enum { MAC_OCTETS = SHA256_DIGEST_LENGTH, MAC_HEX = 2 * MAC_OCTETS, KEY_ID_MAX = 32 };

static bool is_key_id(const char *id)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    const size_t length = id ? strlen(id) : 0;
    return length > 0 && length <= KEY_ID_MAX && strspn(id, letters) == length;
}

/* RFC 2104: the secret on either side of the text, told apart by these. */
static void begin(SHA256_CTX *digest, const struct sigstate_key *key, uint8_t pad)
{
    uint8_t block[SHA256_CBLOCK] = {0};
    memcpy(block, key->secret, key->secret_length);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= pad;
    SHA256_Init(digest);
    SHA256_Update(digest, block, sizeof block);
    OPENSSL_cleanse(block, sizeof block);
}

static int prepare(struct verify_key *key, const struct sigstate_key *from)
{
    if (!is_key_id(from->id) || !from->secret || from->secret_length == 0 ||
        from->secret_length > SIGSTATE_SECRET_MAX)
        return -1;
    memcpy(key->id, from->id, strlen(from->id) + 1);
    begin(&key->inner, from, 0x36);
    begin(&key->outer, from, 0x5C);
    return 0;
}

int verifier_open(struct verifier *v, const struct sigstate_key *keys, int key_count)
{
    if (key_count < 0 || key_count > SIGSTATE_KEYS_MAX || (key_count > 0 && !keys))
        return -1;
    for (int i = 0; i < key_count; i++) {
        if (prepare(&v->key[i], &keys[i]) != 0)
            return -1;
    }
    v->key_count = key_count;
    return 0;
}

void verifier_close(struct verifier *v)
{
    OPENSSL_cleanse(v, sizeof *v);
}

static bool is_true(const struct verify_key *key, const char *json, size_t length, const char hex[MAC_HEX])
{
    static const char digit[] = "0123456789abcdef";
    SHA256_CTX inner = key->inner, outer = key->outer;
    uint8_t mac[MAC_OCTETS];
    char expected[MAC_HEX];
    SHA256_Update(&inner, json, length);
    SHA256_Final(mac, &inner);
    SHA256_Update(&outer, mac, sizeof mac);
    SHA256_Final(mac, &outer);
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

enum sigstate_result verifier_check(const struct verifier *v, const char *line, size_t length)
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
                is_true(&v->key[i], line, json_length, id + id_length + 1))
                return SIGSTATE_TAKEN;
            result = SIGSTATE_FORGED;
        }
    }
    return result;
}
