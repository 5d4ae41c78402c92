#include "evidence_key.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PUBLIC_OCTETS = 32, PATH_OCTETS = 1024 };

const char evidence_key_name[] = "evidence.key";

struct evidence_key {
    EVP_PKEY *pkey;
    char id[EVIDENCE_KEY_ID];
};

/* ---- files ---- */

/* The name, too, must be on the disk before anything is signed with the key. */
static int sync_directory(const char *path)
{
    char copy[PATH_OCTETS];
    snprintf(copy, sizeof copy, "%s", path);
    const int dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return -1;
    const int result = fsync(dir);
    close(dir);
    return result;
}

static int write_key(EVP_PKEY *pkey, int fd)
{
    FILE *file = fdopen(fd, "w");
    if (!file) {
        close(fd);
        return -1;
    }
    bool good = PEM_write_PKCS8PrivateKey(file, pkey, NULL, NULL, 0, NULL, NULL) == 1;
    good = fflush(file) == 0 && fsync(fd) == 0 && good;
    return fclose(file) == 0 && good ? 0 : -1;
}

/* Written under another name first: a cut may leave no key, but never half of one. */
static int place_key(EVP_PKEY *pkey, const char *path)
{
    char fresh[PATH_OCTETS];
    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
        errno = ENAMETOOLONG;
        return -1;
    }
    unlink(fresh);
    const int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    const int result = write_key(pkey, fd) < 0 || link(fresh, path) < 0 ? -1 : sync_directory(path);
    const int error = errno;
    unlink(fresh);
    errno = error;
    return result;
}

int evidence_key_create(const char *path, char *why, size_t size)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (!pkey) {
        snprintf(why, size, "no key can be made");
        return -1;
    }
    const int result = place_key(pkey, path);
    if (result < 0)
        snprintf(why, size, "%s: %s", path, strerror(errno));
    EVP_PKEY_free(pkey);
    return result;
}

/* A passphrase is never asked for: nobody sits before a controller. */
static int no_passphrase(char *buffer, int size, int writing, void *arg)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)arg;
    return 0;
}

static EVP_PKEY *read_pem(FILE *file)
{
    EVP_PKEY *pkey = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    if (pkey)
        return pkey;
    rewind(file);
    return PEM_read_PUBKEY(file, NULL, no_passphrase, NULL);
}

static int set_id(struct evidence_key *key)
{
    uint8_t public[PUBLIC_OCTETS], digest[EVP_MAX_MD_SIZE];
    size_t length = sizeof public;
    if (!EVP_PKEY_is_a(key->pkey, "ED25519") ||
        EVP_PKEY_get_raw_public_key(key->pkey, public, &length) != 1 ||
        EVP_Digest(public, length, digest, NULL, EVP_sha256(), NULL) != 1)
        return -1;
    int at = snprintf(key->id, sizeof key->id, "ed25519:");
    for (int i = 0; i < 16; i++)
        at += snprintf(key->id + at, sizeof key->id - (size_t)at, "%02x", digest[i]);
    return 0;
}

int evidence_key_load(struct evidence_key **out, const char *path, char *why, size_t size)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        snprintf(why, size, "%s: %s", path, strerror(errno));
        return -1;
    }
    struct evidence_key *key = calloc(1, sizeof *key);
    if (key)
        key->pkey = read_pem(file);
    fclose(file);
    if (key && key->pkey && set_id(key) == 0) {
        *out = key;
        return 0;
    }
    snprintf(why, size, "%s: not an Ed25519 key in PEM", path);
    evidence_key_free(key);
    return -1;
}

void evidence_key_free(struct evidence_key *key)
{
    if (key)
        EVP_PKEY_free(key->pkey);
    free(key);
}

/* ---- use ---- */

void evidence_key_id(const struct evidence_key *key, char id[EVIDENCE_KEY_ID])
{
    memcpy(id, key->id, EVIDENCE_KEY_ID);
}

int evidence_key_public(const struct evidence_key *key, char pem[EVIDENCE_PUBLIC_PEM])
{
    BIO *bio = BIO_new(BIO_s_mem());
    int length = 0;
    if (bio && PEM_write_bio_PUBKEY(bio, key->pkey) == 1)
        length = BIO_read(bio, pem, EVIDENCE_PUBLIC_PEM - 1);
    BIO_free(bio);
    if (length <= 0)
        return -1;
    pem[length] = '\0';
    return 0;
}

int evidence_key_sign(const struct evidence_key *key, const char *text, size_t length,
                      uint8_t signature[EVIDENCE_SIGNATURE])
{
    size_t signed_length = EVIDENCE_SIGNATURE;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool good = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
                      EVP_DigestSign(context, signature, &signed_length, (const uint8_t *)text, length) == 1;
    EVP_MD_CTX_free(context);
    return good && signed_length == EVIDENCE_SIGNATURE ? 0 : -1;
}

int evidence_key_verify(const struct evidence_key *key, const char *text, size_t length,
                        const uint8_t signature[EVIDENCE_SIGNATURE])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool good =
        context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
        EVP_DigestVerify(context, signature, EVIDENCE_SIGNATURE, (const uint8_t *)text, length) == 1;
    EVP_MD_CTX_free(context);
    return good ? 0 : -1;
}
