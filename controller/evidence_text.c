#include "evidence.h"
#include "utc_text.h"
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char title[] = "tsc-evidence: 1\n";
static const char signature_key[] = "signature: ";

enum {
    SIGNATURE_TEXT = 4 * ((EVIDENCE_SIGNATURE + 2) / 3), /* in Base64 */
    SIGNATURE_LINE = sizeof signature_key - 1 + SIGNATURE_TEXT + 1,
};

/* ---- putting together ---- */

struct text {
    char *at;
    char *end;
    bool full;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(t->at, (size_t)(t->end - t->at), format, args);
    va_end(args);
    if (length < 0 || length >= t->end - t->at)
        t->full = true;
    else
        t->at += length;
}

static void put_utc(struct text *t, const char *key, int64_t utc_us)
{
    char utc[UTC_TEXT] = "-";
    if (utc_us >= 0 && utc_us != INT64_MAX)
        utc_print(utc_us, utc);
    put(t, "%s%s", key, utc);
}

static void put_utc_line(struct text *t, const char *key, int64_t utc_us)
{
    put_utc(t, key, utc_us);
    put(t, "\n");
}

/* Microseconds, not negative, as milliseconds with their decimals. */
static void put_ms(struct text *t, const char *key, int64_t us)
{
    put(t, "%s%" PRId64 ".%03d", key, us / 1000, (int)(us % 1000));
}

static void put_words(struct text *t, uint32_t bits, int count, const char *word_of(int), char comma)
{
    bool any = false;
    for (int i = 0; i < count; i++) {
        if (!(bits >> i & 1U))
            continue;
        if (any)
            put(t, "%c", comma);
        put(t, "%s", word_of(i));
        any = true;
    }
    if (!any)
        put(t, "-");
}

static const char *doubt_word(int ix)
{
    static const char *const words[] = {"unknown",    "clock-set-back", "not-red", "invalid",
                                        "unverified", "not-proven",     "edge",    "not-settled"};
    return words[ix];
}

static const char *gap_words(enum journal_kind kind)
{
    switch (kind) {
    case JOURNAL_START:
        return "the controller was not running";
    case JOURNAL_MISSED:
        return "messages were missed";
    case JOURNAL_REFUSED:
        return "the disk refused them";
    case JOURNAL_CLOCK:
        return "the clock was stepped";
    case JOURNAL_FULL:
    case JOURNAL_CHANGE:
    case JOURNAL_ALIVE:
    case JOURNAL_STOP:
        break;
    }
    return "?";
}

static void put_moment(struct text *t, const char *key, const struct evidence_moment *m)
{
    put_utc(t, key, m->from_utc_us);
    if (!m->known) {
        put(t, " gap: %s\n", gap_words(m->gap));
        return;
    }
    put(t, " %s", feed_color_name(m->color));
    put_utc(t, " since=", m->since_utc_us);
    put_ms(t, " error-ms=", m->since_error_us);
    put(t, " verified=%s reasons=", m->verified ? "yes" : "no");
    put_words(t, m->reasons, FEED_REASONS, feed_reason_name, ',');
    put_utc(t, " enforceable-since=", m->enforceable_from_utc_us);
    put(t, " report=%" PRId64 "\n", m->report);
}

static void put_state(struct text *t, const struct evidence *e)
{
    const struct evidence_moment *m = &e->moment[e->at_ix];
    put_utc_line(t, "since: ", m->since_utc_us);
    put_ms(t, "since-error-ms: ", m->since_error_us);
    put_ms(t, "\nage-ms: ", e->at_utc_us > m->since_utc_us ? e->at_utc_us - m->since_utc_us : 0);
    put_utc_line(t, "\nred-since: ", m->red_since_utc_us);
    put_utc_line(t, "yellow-since: ", m->yellow_since_utc_us);
    put(t, "yellow-ms: %d\n", m->yellow_ms);
    put(t, "verified: %s\nvalid: %s\nreasons: ", m->verified ? "yes" : "no", m->valid ? "yes" : "no");
    put_words(t, m->reasons, FEED_REASONS, feed_reason_name, ' ');
    put_utc_line(t, "\nenforceable-since: ", m->enforceable_from_utc_us);
    put(t, "clock: %s\n", feed_clock_name(m->clock));
    put_ms(t, "clock-error-ms: ", m->clock_error_us);
    put(t, "\n");
}

/* How many moments began before the instant, where none holds it. */
static int count_before(const struct evidence *e)
{
    int count = 0;
    while (count < e->count && e->moment[count].from_utc_us <= e->at_utc_us)
        count++;
    return count;
}

static void put_sequence(struct text *t, const struct evidence *e)
{
    const int before = e->at_ix >= 0 ? e->at_ix : count_before(e);
    const int after = e->at_ix >= 0 ? e->at_ix + 1 : before;
    for (int i = before > EVIDENCE_TOLD ? before - EVIDENCE_TOLD : 0; i < before; i++)
        put_moment(t, "before: ", &e->moment[i]);
    if (e->at_ix >= 0)
        put_moment(t, "at: ", &e->moment[e->at_ix]);
    for (int i = after; i < e->count && i < after + EVIDENCE_TOLD; i++)
        put_moment(t, "after: ", &e->moment[i]);
}

static void put_facts(struct text *t, const struct evidence *e)
{
    put(t, "%scontroller: %s\nboot: %" PRIu64 "\n", title, e->controller, e->boot);
    put(t, "group: %d\nwiring: %s\n", e->group_no, e->wiring);
    put_utc_line(t, "instant: ", e->at_utc_us);
    put(t, "state: %s\n", e->known ? feed_color_name(e->moment[e->at_ix].color) : "unknown");
    put(t, "enforceable: %s\nwhy-not: ", e->enforceable ? "yes" : "no");
    put_words(t, e->why_not, 8, doubt_word, ' ');
    put(t, "\n");
    if (e->known)
        put_state(t, e);
    put_utc_line(t, e->in_gap ? "gap-from: " : "unbroken-from: ", e->unbroken_from_utc_us);
    put_utc_line(t, e->in_gap ? "gap-to: " : "unbroken-to: ", e->unbroken_to_utc_us);
    put_sequence(t, e);
    put_utc_line(t, "journal-from: ", e->first_utc_us);
    put_utc_line(t, "journal-to: ", e->last_utc_us);
    put(t, "journal-seal: %" PRId64 " ", e->seal_report);
    for (int i = 0; i < JOURNAL_DIGEST; i++)
        put(t, "%02x", e->seal[i]);
    put(t, "\n");
}

/* "signature: BASE64\n" */
static void print_signature(const uint8_t signature[EVIDENCE_SIGNATURE], char line[SIGNATURE_LINE + 1])
{
    char base64[SIGNATURE_TEXT + 1];
    EVP_EncodeBlock((unsigned char *)base64, signature, EVIDENCE_SIGNATURE);
    snprintf(line, SIGNATURE_LINE + 1, "%s%s\n", signature_key, base64);
}

int evidence_write(const struct evidence *evidence, const struct evidence_key *key, char text[EVIDENCE_TEXT])
{
    struct text t = {text, text + EVIDENCE_TEXT, false};
    char id[EVIDENCE_KEY_ID] = "none";
    if (key)
        evidence_key_id(key, id);
    put_facts(&t, evidence);
    put(&t, "key: %s\n", id);
    if (key && !t.full) {
        uint8_t signature[EVIDENCE_SIGNATURE];
        char line[SIGNATURE_LINE + 1];
        if (evidence_key_sign(key, text, (size_t)(t.at - text), signature) < 0)
            return -1;
        print_signature(signature, line);
        put(&t, "%s", line);
    }
    return t.full ? -1 : (int)(t.at - text);
}

/* ---- checking ---- */

/* One signature is written in one way only: Base64 alone would let the last bits be anything. */
static int take_signature(const char *line, uint8_t signature[EVIDENCE_SIGNATURE])
{
    uint8_t decoded[EVIDENCE_SIGNATURE + 2];
    char again[SIGNATURE_LINE + 1];
    if (EVP_DecodeBlock(decoded, (const unsigned char *)line + sizeof signature_key - 1, SIGNATURE_TEXT) !=
        sizeof decoded)
        return -1;
    print_signature(decoded, again);
    if (memcmp(line, again, SIGNATURE_LINE) != 0)
        return -1;
    memcpy(signature, decoded, EVIDENCE_SIGNATURE);
    return 0;
}

int evidence_check(const char *text, size_t length, const struct evidence_key *key, char *why, size_t size)
{
    uint8_t signature[EVIDENCE_SIGNATURE];
    char id[EVIDENCE_KEY_ID], key_line[EVIDENCE_KEY_ID + 8];
    evidence_key_id(key, id);
    const size_t key_length = (size_t)snprintf(key_line, sizeof key_line, "\nkey: %s\n", id);
    if (length < sizeof title - 1 + key_length + SIGNATURE_LINE ||
        memcmp(text, title, sizeof title - 1) != 0 ||
        take_signature(text + length - SIGNATURE_LINE, signature) < 0) {
        snprintf(why, size, "not a signed evidence");
        return -1;
    }
    const size_t signed_length = length - SIGNATURE_LINE;
    if (memcmp(text + signed_length - key_length, key_line, key_length) != 0) {
        snprintf(why, size, "not signed with this key, which is %s", id);
        return -1;
    }
    if (evidence_key_verify(key, text, signed_length, signature) < 0) {
        snprintf(why, size, "the signature is false: the text has been changed, or the signature");
        return -1;
    }
    return 0;
}
