/* The receiver allocates when it is opened and never after, whatever it hears. Every malloc() of our own code
 * goes through this file (the linker's --wrap), every one of libcrypto's by its own hook. */
#include "sigstate_server.h"
#include <openssl/crypto.h>
#include <stdlib.h>

enum { NORTH = 20, ROUNDS = 200 };

static struct server server;
static long allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    allocations++;
    return __real_realloc(old, size);
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return malloc(size);
}

static void *crypto_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return realloc(old, size);
}

static void crypto_free(void *block, const char *file, int line)
{
    (void)file, (void)line;
    free(block);
}

static int set_up(void)
{
    return CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) == 1 ? 0 : -1;
}

/* What the receiver allocates while it hears one good line, bad ones of every kind, and questions. */
static long allocations_of_a_round(struct sigstate *s, const char *good, size_t length)
{
    static char bad[SERVER_LINE_OCTETS], deep[SIGSTATE_LINE_MAX];
    struct sigstate_answer answer;
    const long before = allocations;
    const int64_t now_us = sigstate_now_us();
    sigstate_take(s, good, length, now_us, 0);
    memcpy(bad, good, length);
    bad[length - 1] ^= 1;
    sigstate_take(s, bad, length, now_us, 0); /* forged */
    sigstate_take(s, good, length / 2, now_us, 0);
    sigstate_take(s, good, (size_t)((const char *)memchr(good, '\t', length) - good), now_us,
                  0); /* not signed */
    memset(deep, '[', sizeof deep);
    sigstate_take(s, deep, sizeof deep, now_us, 0);
    for (int group_no = 0; group_no <= SIGSTATE_GROUPS_MAX + 1; group_no++)
        sigstate_at(s, group_no, INT64_C(1795334400000000), now_us, &answer);
    return allocations - before;
}

static void hearing_and_asking_allocate_nothing(void)
{
    const struct sigstate_key key = {"camera-1", "a secret of the test", 20};
    server_begin(&server, &key);
    const long before = allocations;
    OPENSSL_free(OPENSSL_malloc(1));
    CHECK_INT(1, allocations - before); /* libcrypto's are seen as well */
    struct sigstate *signed_only = sigstate_open(&(struct sigstate_options){.keys = &key, .key_count = 1});
    struct sigstate *anybody = sigstate_open(&(struct sigstate_options){0});
    CHECK_INT(3, allocations - before);
    long more = 0;
    for (int i = 0; i < ROUNDS; i++) {
        fixture_show(&server.feed, RIGHT, i % 2 ? COLOR_RED : COLOR_GREEN);
        fixture_tick(&server.feed);
        server_write_full(&server);
        more += allocations_of_a_round(signed_only, server.line, server.length - 1);
        more += allocations_of_a_round(anybody, server.line, server.length - 1);
    }
    CHECK_INT(0, more);
    CHECK_INT(ROUNDS, server_taken(signed_only));
    CHECK_INT(ROUNDS, server_taken(anybody));
    sigstate_close(signed_only);
    sigstate_close(anybody);
    server_end(&server);
}

static void following_allocates_nothing(void)
{
    const struct sigstate_key key = {"camera-1", "a secret of the test", 20};
    server_begin(&server, &key);
    if (!server_open(&server, "tcp:127.0.0.1:0"))
        return;
    struct sigstate *s =
        sigstate_open(&(struct sigstate_options){.address = server.address, .keys = &key, .key_count = 1});
    long more = 0;
    for (int connection = 1; connection <= 2; connection++) {
        long before = allocations;
        if (!server_accept(&server, s))
            return;
        more += allocations - before;
        server_write_full(&server);
        server_send(&server, server.line, server.length);
        before = allocations;
        server_wait(s, connection);
        server_hang_up(&server);
        sigstate_follow(s, 100);
        more += allocations - before;
    }
    CHECK_INT(0, more);
    sigstate_close(s);
    server_end(&server);
}

HARNESS_MAIN_WITH(set_up, NULL, {"hearing and asking allocate nothing", hearing_and_asking_allocate_nothing},
                  {"following allocates nothing", following_allocates_nothing}, )
