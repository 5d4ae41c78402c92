#include "tscbm.h"

/* The head is that of an STMP answer for dynamic object 13, then the number of blocks. */
enum { HEAD = 0xCD };

/* ---- writing ---- */

static uint8_t *put16(uint8_t *at, uint16_t value)
{
    *at++ = (uint8_t)(value >> 8);
    *at++ = (uint8_t)value;
    return at;
}

static uint8_t *put_change(uint8_t *at, const struct spat_change *change)
{
    return put16(put16(at, change->min_ds), change->max_ds);
}

void tscbm_make(struct tscbm *message, const struct spat *spat, uint8_t form, int64_t utc_us)
{
    int64_t utc_ms = utc_us < 0 ? 0 : utc_us / 1000;
    bool calls = form & TSCBM_CALLS;
    *message = (struct tscbm){
        .spat = *spat,
        .calls = calls,
        .version = calls ? 2 : 1,
        .second_of_day = (uint32_t)(utc_ms / 1000 % TSCBM_DAY_S),
        .millisecond = (uint16_t)(utc_ms % 1000),
    };
}

size_t tscbm_encode(const struct tscbm *message, uint8_t out[TSCBM_LENGTH_CALLS])
{
    const struct spat *s = &message->spat;
    const uint16_t mask[] = {
        s->red,         s->yellow,         s->green,         s->dont_walk, s->ped_clear,        s->walk,
        s->overlap_red, s->overlap_yellow, s->overlap_green, s->flashing,  s->overlap_flashing,
    };
    uint8_t *at = out;
    *at++ = HEAD;
    *at++ = SPAT_ROWS;
    for (int i = 0; i < SPAT_ROWS; i++) {
        *at++ = (uint8_t)(i + 1);
        at = put_change(at, &s->vehicle[i]);
        at = put_change(at, &s->pedestrian[i]);
        at = put_change(at, &s->overlap[i]);
    }
    for (size_t i = 0; i < sizeof mask / sizeof *mask; i++)
        at = put16(at, mask[i]);
    *at++ = s->status;
    *at++ = s->action_no;
    *at++ = (uint8_t)(message->version << 3 | (message->discontinuity & 7));
    *at++ = s->tick_octet;
    *at++ = (uint8_t)(message->second_of_day >> 16);
    at = put16(at, (uint16_t)message->second_of_day);
    at = put16(at, message->millisecond);
    if (message->calls)
        at = put16(put16(at, s->ped_pressed), s->ped_call);
    return (size_t)(at - out);
}

/* ---- reading ---- */

static uint16_t get16(const uint8_t **at)
{
    uint16_t value = (uint16_t)((*at)[0] << 8 | (*at)[1]);
    *at += 2;
    return value;
}

static void get_change(const uint8_t **at, struct spat_change *change)
{
    change->min_ds = get16(at);
    change->max_ds = get16(at);
}

static int read_blocks(const uint8_t **at, struct spat *s)
{
    if (*(*at)++ != HEAD || *(*at)++ != SPAT_ROWS)
        return -1;
    for (int i = 0; i < SPAT_ROWS; i++) {
        if (*(*at)++ != i + 1)
            return -1;
        get_change(at, &s->vehicle[i]);
        get_change(at, &s->pedestrian[i]);
        get_change(at, &s->overlap[i]);
    }
    return 0;
}

int tscbm_decode(const uint8_t *octet, size_t length, struct tscbm *message)
{
    struct tscbm m = {.calls = length == TSCBM_LENGTH_CALLS};
    struct spat *s = &m.spat;
    uint16_t *const mask[] = {
        &s->red,         &s->yellow,         &s->green,         &s->dont_walk, &s->ped_clear,        &s->walk,
        &s->overlap_red, &s->overlap_yellow, &s->overlap_green, &s->flashing,  &s->overlap_flashing,
    };
    const uint8_t *at = octet;
    if ((length != TSCBM_LENGTH && !m.calls) || read_blocks(&at, s) != 0)
        return -1;
    for (size_t i = 0; i < sizeof mask / sizeof *mask; i++)
        *mask[i] = get16(&at);
    s->status = *at++;
    s->action_no = *at++;
    m.version = *at >> 3;
    m.discontinuity = *at++ & 7;
    s->tick_octet = *at++;
    m.second_of_day = (uint32_t)*at++ << 16;
    m.second_of_day |= get16(&at);
    m.millisecond = get16(&at);
    if (m.calls) {
        s->ped_pressed = get16(&at);
        s->ped_call = get16(&at);
    }
    if (m.second_of_day > TSCBM_DAY_S || m.millisecond > 999)
        return -1;
    *message = m;
    return 0;
}
