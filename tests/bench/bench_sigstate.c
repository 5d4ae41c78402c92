/* What an answer costs a camera, beside what it costs to hear the message it comes from.
 *
 *     bench_sigstate TURNS     prints one line a turn: nanoseconds of an answer about the present, of one
 * about the oldest state kept, of checking one signature, of taking one whole message
 *
 * sigstate.sh takes the middle of the turns. */
#include "../../io/feed_sign.h"
#include "../../io/sigstate_message.h"
#include "../../io/sigstate_verify.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GROUPS = 8, QUESTIONS = 200000, LINES = 2000, TEXT = 16384, NORTH = 2 };

static const struct sigstate_key key = {"camera-1", "an example of a secret, 32 octets", 32};
static const int64_t utc_us = INT64_C(1795334400000000);

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void junction(struct feed_config *config)
{
    strcpy(config->controller, "quwo-01");
    config->key_count = 1;
    strcpy(config->key[0].id, key.id);
    memcpy(config->key[0].secret, key.secret, key.secret_length);
    config->key[0].secret_length = (uint8_t)key.secret_length;
    config->group_count = GROUPS;
    for (int i = 0; i < GROUPS; i++)
        config->group[i] = (struct feed_group){.no = (uint8_t)(i + 1),
                                               .name = "北进口直行",
                                               .phase_no = (uint8_t)(i + 1),
                                               .approach = "N",
                                               .movements = MOVE_THROUGH,
                                               .lane_count = 2,
                                               .lane = {1, 2}};
}

/* The `n`th full: a colour lit a second before, by turns red and green, and enforceable when red. */
static void full(struct feed_message *m, int n)
{
    const bool red = n % 2 == 0;
    *m = (struct feed_message){.kind = FEED_FULL,
                               .boot = 7,
                               .seq = (uint64_t)n + 1,
                               .sent_us = (n + 2) * INT64_C(1000000),
                               .clock = {CLOCK_SYNCED, 400, utc_us},
                               .valid = true,
                               .part = 1,
                               .parts = 1,
                               .group_count = GROUPS};
    for (int i = 0; i < GROUPS; i++)
        m->group[i] = (struct feed_state){.group_ix = (uint8_t)i,
                                          .color = red ? COLOR_RED : COLOR_GREEN,
                                          .since_us = m->sent_us - 900000,
                                          .red_since_us = m->sent_us - 900000,
                                          .yellow_since_us = -1,
                                          .max_change_ms = CHANGE_UNKNOWN,
                                          .verified = true,
                                          .enforceable = red,
                                          .enforceable_since_us = red ? m->sent_us - 900000 : -1};
}

/* A signed full, `n` seconds after the beginning. Returns its length. */
static size_t write_line(const struct feed_config *config, int n, char *line)
{
    struct feed_message m;
    full(&m, n);
    const int length = feed_encode(config, &m, line, TEXT);
    if (length < 0 || feed_sign(config, line, (size_t)length, line + length) != 0)
        exit(1);
    return (size_t)length + feed_sign_length(config);
}

/* Nanoseconds of one answer of `s` about the instant `back_us` before the newest message, its `n`th. */
static double question_ns(const struct sigstate *s, int n, int64_t back_us, bool expected)
{
    struct sigstate_answer answer;
    const int64_t now_us = (n + 2) * INT64_C(1000000);
    const int64_t begun_ns = now_ns();
    int right = 0;
    for (int i = 0; i < QUESTIONS; i++)
        right += sigstate_at(s, 1 + i % GROUPS, utc_us + now_us - back_us, now_us, &answer) == expected;
    const double ns = (double)(now_ns() - begun_ns) / QUESTIONS;
    if (right != QUESTIONS || !answer.known) {
        fprintf(stderr, "a wrong answer: %s\n", sigstate_why_text(answer.why));
        exit(1);
    }
    return ns;
}

static void turn(const struct feed_config *config)
{
    static char line[LINES][TEXT];
    static size_t length[LINES];
    struct verifier verifier;
    struct sigstate *s =
        sigstate_open(&(struct sigstate_options){.keys = &key, .key_count = 1, .clock_error_us = 20000});
    if (!s || verifier_open(&verifier, &key, 1) != 0)
        exit(1);
    for (int n = 0; n < LINES; n++)
        length[n] = write_line(config, n, line[n]);
    int64_t begun_ns = now_ns();
    for (int n = 0; n < LINES; n++) {
        if (verifier_check(&verifier, line[n], length[n]) != SIGSTATE_TAKEN)
            exit(1);
    }
    const double verify_ns = (double)(now_ns() - begun_ns) / LINES;
    begun_ns = now_ns();
    for (int n = 0; n < LINES - 1; n++) {
        const int64_t now_us = (n + 2) * INT64_C(1000000);
        if (sigstate_take(s, line[n], length[n], now_us, utc_us + now_us) != SIGSTATE_TAKEN)
            exit(1);
    }
    const double take_ns = (double)(now_ns() - begun_ns) / (LINES - 1);
    const int newest = LINES - 2; /* a red */
    printf("%.1f %.1f %.1f %.1f\n", question_ns(s, newest, 100000, true),
           question_ns(s, newest, (SIGSTATE_HISTORY - 2) * INT64_C(1000000) + 100000, true), verify_ns,
           take_ns);
    sigstate_close(s);
}

int main(int argc, char **argv)
{
    static struct feed_config config;
    const int turns = argc == 2 ? atoi(argv[1]) : 0;
    if (turns <= 0) {
        fprintf(stderr, "usage: bench_sigstate TURNS\n");
        return 2;
    }
    junction(&config);
    for (int i = 0; i < turns; i++)
        turn(&config);
    return 0;
}
