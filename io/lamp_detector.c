#include "lamp_detector.h"

/* ---- what is told ---- */

void lamp_detector_missed(struct lamp_detector *d)
{
    d->whole = false;
}

static void take_groups(struct lamp_detector *d, const struct feed_config *config,
                        const struct feed_message *m)
{
    for (int i = 0; i < m->group_count; i++) {
        const struct feed_state *s = &m->group[i];
        const int no = config->group[s->group_ix].no;
        const int32_t min_change_ms = s->min_change_ms == CHANGE_UNKNOWN ? 0 : s->min_change_ms;
        channel_add(&d->told, no);
        d->group[no - 1] = (struct told_state){
            .color = s->color,
            .verified = s->verified,
            .enforceable = s->enforceable,
            .since_us = s->since_us,
            .ends_us = m->sent_us + min_change_ms * INT64_C(1000),
        };
    }
}

void lamp_detector_take(struct lamp_detector *d, const struct feed_config *config,
                        const struct feed_message *m, uint64_t lost)
{
    const bool anew = !d->heard || m->boot != d->boot;
    if (!anew && m->seq <= d->seq)
        return;
    if (anew || lost > 0 || m->state_seq != d->state_seq)
        d->whole = false;
    switch (m->kind) {
    case FEED_FULL:
        /* Within this process a full comes in one piece. */
        if (m->parts > 1)
            break;
        d->told = (struct channel_mask){0};
        take_groups(d, config, m);
        d->whole = true;
        d->state_seq = m->state_seq;
        break;
    case FEED_CHANGE:
        if (d->whole)
            take_groups(d, config, m);
        d->state_seq = m->seq;
        break;
    case FEED_ALIVE:
        break;
    }
    d->heard = true;
    d->boot = m->boot;
    d->seq = m->seq;
    d->sent_us = m->sent_us;
    d->valid = m->valid;
    d->synced = m->clock.state == CLOCK_SYNCED;
    d->reasons = m->reasons;
    d->messages++;
}

/* ---- what is asked ---- */

bool lamp_detector_knows(const struct lamp_detector *d, int64_t now_us)
{
    return d->whole && now_us - d->sent_us <= LAMP_SILENCE_US;
}

/* What may be said of a group at all; NULL: nothing. */
static const struct told_state *told(const struct lamp_detector *d, int group_no, int64_t now_us)
{
    const bool said =
        group_no != 0 && lamp_detector_knows(d, now_us) && d->valid && channel_has(&d->told, group_no);
    return said ? &d->group[group_no - 1] : NULL;
}

/* A camera that asks every now and then learns of the end of a red only afterwards: the red must have gone
 * out for it before. */
static int64_t red_until(const struct told_state *s, const struct lamp_detector_config *config)
{
    return config->lead_ms > 0 ? s->ends_us - config->lead_ms * INT64_C(1000) : INT64_MAX;
}

static bool shows_red(const struct told_state *s, const struct lamp_detector_config *config, int64_t now_us)
{
    return s->color == COLOR_RED && s->enforceable && now_us < red_until(s, config);
}

static bool is_on(const struct told_state *s, enum lamp_channel_color color,
                  const struct lamp_detector_config *config, int64_t now_us)
{
    switch (color) {
    case CHANNEL_RED:
        return shows_red(s, config, now_us);
    case CHANNEL_YELLOW:
        return s->verified && s->color == COLOR_YELLOW;
    case CHANNEL_GREEN:
        return s->verified && (s->color == COLOR_GREEN || s->color == COLOR_GREEN_FLASH);
    case CHANNEL_COLORS:
        break;
    }
    return false;
}

uint32_t lamp_detector_channels(const struct lamp_detector *d, const struct lamp_detector_config *config,
                                int64_t now_us)
{
    uint32_t on = 0;
    for (int i = 0; i < config->channel_count; i++) {
        const struct lamp_channel *channel = &config->channel[i];
        const struct told_state *s = told(d, channel->group_no, now_us);
        if (s && is_on(s, channel->color, config, now_us))
            on |= UINT32_C(1) << i;
    }
    return on;
}

int64_t lamp_detector_until(const struct lamp_detector *d, const struct lamp_detector_config *config,
                            int64_t now_us)
{
    if (!lamp_detector_knows(d, now_us))
        return INT64_MAX;
    int64_t until_us = d->sent_us + LAMP_SILENCE_US + 1;
    for (int i = 0; i < config->channel_count; i++) {
        const struct told_state *s = told(d, config->channel[i].group_no, now_us);
        if (s && shows_red(s, config, now_us) && red_until(s, config) < until_us)
            until_us = red_until(s, config);
    }
    return until_us;
}

uint8_t lamp_detector_color(const struct lamp_detector *d, const struct lamp_detector_config *config,
                            int group_no, int64_t now_us, int64_t *age_us)
{
    static const uint8_t code[] = {
        [COLOR_RED] = 0x10,        [COLOR_YELLOW] = 0x30,       [COLOR_GREEN] = 0x20,
        [COLOR_RED_FLASH] = 0x11,  [COLOR_YELLOW_FLASH] = 0x31, [COLOR_GREEN_FLASH] = 0x21,
        [COLOR_RED_YELLOW] = 0x40, [COLOR_DARK] = 0x01,
    };
    const struct told_state *s = told(d, group_no, now_us);
    *age_us = 0;
    if (!s || !s->verified || (s->color == COLOR_RED && !shows_red(s, config, now_us)))
        return 0;
    *age_us = now_us > s->since_us ? now_us - s->since_us : 0;
    return code[s->color];
}
