/* Lines of a signal-state feed, one after the other: the receiver takes them or says why not, and answers of
 * a group are never sure of more than a message said. */
#include "../../io/sigstate_message.h"
#include "fuzz.h"
#include <string.h>

enum { LINES_MAX = 8 };

static void ask(const struct sigstate *s, int64_t now_us)
{
    int64_t at_us;
    struct sigstate_answer answer;
    if (sigstate_now(s, now_us, &at_us) != 0)
        return;
    for (int group_no = 0; group_no <= CHANNELS_MAX + 1; group_no++) {
        sigstate_at_mono(s, group_no, at_us, now_us, &answer);
        if (!answer.known)
            continue;
        FUZZ_REQUIRE(group_no >= 1 && group_no <= CHANNELS_MAX);
        FUZZ_REQUIRE((int)answer.color <= SIGSTATE_DARK);
        FUZZ_REQUIRE(!answer.enforceable ||
                     (answer.valid && answer.verified && answer.color == SIGSTATE_RED));
        sigstate_at_mono(s, group_no, at_us, now_us + 2 * SIGSTATE_SILENCE_US, &answer);
    }
}

/* Lines end with a newline, which is no part of any; the first octet says whether signatures are wanted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sigstate_key key = {"k1", "an example of a secret", 22};
    if (size == 0)
        return 0;
    struct sigstate *s = sigstate_open(&(struct sigstate_options){
        .controller = data[0] & 2 ? "quwo-01" : NULL, .keys = &key, .key_count = data[0] & 1});
    FUZZ_REQUIRE(s != NULL);
    int64_t now_us = 1000000;
    const char *at = (const char *)data + 1, *end = (const char *)data + size;
    for (int lines = 0; lines < LINES_MAX && at < end; lines++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        (void)sigstate_take(s, at, (size_t)(stop - at), now_us, 0);
        ask(s, now_us);
        now_us += 100000;
        at = newline ? newline + 1 : end;
    }
    (void)sigstate_reasons(s);
    sigstate_close(s);
    return 0;
}
