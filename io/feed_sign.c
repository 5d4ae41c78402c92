#include "feed_sign.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum { MAC_OCTETS = 32, MAC_HEX = 2 * MAC_OCTETS };

static int mac_hex(const struct feed_key *key, const char *json, size_t length, char hex[MAC_HEX])
{
    static const char digit[] = "0123456789abcdef";
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int mac_length = 0;
    if (!HMAC(EVP_sha256(), key->secret, key->secret_length, (const unsigned char *)json, length, mac,
              &mac_length) ||
        mac_length != MAC_OCTETS)
        return -1;
    for (int i = 0; i < MAC_OCTETS; i++) {
        hex[2 * i] = digit[mac[i] >> 4];
        hex[2 * i + 1] = digit[mac[i] & 0xF];
    }
    return 0;
}

bool feed_key_is_valid(const struct feed_key *key, int64_t utc_us)
{
    return (key->from_us == 0 || utc_us >= key->from_us) && (key->until_us == 0 || utc_us < key->until_us);
}

size_t feed_sign_length(const struct feed_config *config)
{
    size_t length = 0;
    for (int i = 0; i < config->key_count; i++)
        length += 1 + strlen(config->key[i].id) + 1 + MAC_HEX;
    return length;
}

int feed_sign(const struct feed_config *config, const char *json, size_t length, char *suffix)
{
    for (int i = 0; i < config->key_count; i++) {
        const struct feed_key *key = &config->key[i];
        const size_t id_length = strlen(key->id);
        *suffix++ = '\t';
        memcpy(suffix, key->id, id_length);
        suffix += id_length;
        *suffix++ = ':';
        if (mac_hex(key, json, length, suffix) != 0)
            return -1;
        suffix += MAC_HEX;
    }
    return 0;
}
