/* Lines of a signal-state feed, one after the other: the receiver takes them or says why not, counts each of
 * them once, and answers of a group are never sure of more than a message said. */
#include "../../io/sigstate_message.h"
#include "fuzz.h"
#include <string.h>

enum { LINES_MAX = 8, WANTS_SIGNATURE = 1, WANTS_NAME = 2, HAS_UTC = 4 };

/* The clock of whoever wrote the seeds. */
static const int64_t seeds_utc_us = INT64_C(1795334400000000);

static void check(const struct sigstate_answer *answer, int group_no)
{
    FUZZ_REQUIRE(answer->enforceable == (answer->why == SIGSTATE_ENFORCEABLE));
    FUZZ_REQUIRE(sigstate_why_text(answer->why)[0] != '?');
    if (!answer->known) {
        FUZZ_REQUIRE(!answer->enforceable);
        return;
    }
    FUZZ_REQUIRE(group_no >= 1 && group_no <= SIGSTATE_GROUPS_MAX);
    FUZZ_REQUIRE((int)answer->color <= SIGSTATE_DARK);
    FUZZ_REQUIRE(!answer->enforceable ||
                 (answer->valid && answer->verified && answer->color == SIGSTATE_RED));
}

static void ask(const struct sigstate *s, int64_t now_us)
{
    int64_t at_us;
    struct sigstate_answer answer;
    if (sigstate_now(s, now_us, &at_us) != 0)
        return;
    for (int group_no = 0; group_no <= SIGSTATE_GROUPS_MAX + 1; group_no++) {
        sigstate_at_mono(s, group_no, at_us, now_us, &answer);
        check(&answer, group_no);
        sigstate_at_mono(s, group_no, at_us, now_us + 2 * SIGSTATE_SILENCE_US, &answer);
        check(&answer, group_no);
        sigstate_at(s, group_no, seeds_utc_us + now_us, now_us, &answer);
        check(&answer, group_no);
    }
    const struct sigstate_group *group;
    for (int ix = 0; (group = sigstate_group(s, ix)) != NULL; ix++) {
        FUZZ_REQUIRE(group->no >= 1 && group->no <= SIGSTATE_GROUPS_MAX);
        FUZZ_REQUIRE(strlen(group->name) < sizeof group->name &&
                     strlen(group->approach) < sizeof group->approach);
        FUZZ_REQUIRE(group->lane_count <= SIGSTATE_LANES_MAX && sigstate_kind_text(group->kind) != NULL);
    }
}

/* Lines end with a newline, which is no part of any; the first octet says what kind of receiver hears them.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sigstate_key key = {"k1", "an example of a secret", 22};
    if (size == 0)
        return 0;
    struct sigstate *s =
        sigstate_open(&(struct sigstate_options){.controller = data[0] & WANTS_NAME ? "quwo-01" : NULL,
                                                 .keys = &key,
                                                 .key_count = data[0] & WANTS_SIGNATURE,
                                                 .clock_error_us = 20000});
    FUZZ_REQUIRE(s != NULL);
    int64_t now_us = 1000000;
    uint64_t lines = 0;
    const char *at = (const char *)data + 1, *end = (const char *)data + size;
    for (; lines < LINES_MAX && at < end; lines++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        (void)sigstate_take(s, at, (size_t)(stop - at), now_us,
                            data[0] & HAS_UTC ? seeds_utc_us + now_us : 0);
        ask(s, now_us);
        now_us += 100000;
        at = newline ? newline + 1 : end;
    }
    struct sigstate_counts c;
    sigstate_counts(s, &c);
    FUZZ_REQUIRE(lines == c.taken + c.old + c.malformed + c.not_signed + c.unknown_key + c.forged +
                              c.foreign + c.replayed);
    (void)sigstate_reasons(s);
    sigstate_close(s);
    return 0;
}
