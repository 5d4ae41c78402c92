#include "event_watch.h"

bool event_condition_valid(const struct event_condition *condition)
{
    switch (condition->mode) {
    case EVENT_OTHER:
        return false;
    case EVENT_ON_CHANGE:
        return true;
    case EVENT_GREATER:
    case EVENT_SMALLER:
        return condition->value2 >= 0;
    case EVENT_HYSTERESIS:
        return condition->value != condition->value2;
    case EVENT_PERIODIC:
        return condition->value > 0;
    case EVENT_ANDED:
        return condition->value != 0 && condition->value2 >= 0;
    }
    return false;
}

bool event_mode_numeric(enum event_mode mode)
{
    return mode == EVENT_GREATER || mode == EVENT_SMALLER || mode == EVENT_HYSTERESIS || mode == EVENT_ANDED;
}

static int64_t period_ds(const struct event_condition *condition)
{
    return (int64_t)condition->value * 10;
}

void event_watch_begin(struct event_watch *watch, const struct event_condition *condition, int64_t now_ds)
{
    *watch = (struct event_watch){.due_ds = now_ds + period_ds(condition)};
}

static bool changed(struct event_watch *watch, const struct event_sample *sample)
{
    bool differs = watch->seen && sample->present && sample->digest != watch->digest;
    watch->seen = sample->present;
    watch->digest = sample->digest;
    return differs;
}

/* The samples are a tenth of a second apart, so what holds at both ends of the hold time has held for at
 * least that long, and what holds a tenth longer is never missed. */
static bool held(struct event_watch *watch, bool holds, int32_t hold_ds, int64_t now_ds)
{
    if (holds && !watch->holds)
        watch->since_ds = now_ds;
    watch->holds = holds;
    watch->told = watch->told && holds;
    if (!holds || watch->told || now_ds - watch->since_ds < hold_ds)
        return false;
    watch->told = true;
    return true;
}

/* Each bound is told once, and again only after the other one was passed. */
static bool beyond(struct event_watch *watch, const struct event_condition *condition,
                   const struct event_sample *sample)
{
    int32_t low = condition->value < condition->value2 ? condition->value : condition->value2;
    int32_t high = condition->value < condition->value2 ? condition->value2 : condition->value;
    bool above = sample->present && sample->number > high;
    bool below = sample->present && sample->number < low;
    bool occurs = (above && !watch->told_above) || (below && !watch->told_below);
    if (above || below) {
        watch->told_above = above;
        watch->told_below = below;
    }
    return occurs;
}

/* Periods that passed while nobody looked are left out, not made up for. */
static bool due(struct event_watch *watch, const struct event_condition *condition, int64_t now_ds)
{
    if (now_ds < watch->due_ds)
        return false;
    watch->due_ds += ((now_ds - watch->due_ds) / period_ds(condition) + 1) * period_ds(condition);
    return true;
}

bool event_watch_step(struct event_watch *watch, const struct event_condition *condition,
                      const struct event_sample *sample, int64_t now_ds)
{
    int64_t number = sample->number;
    bool there = sample->present;
    switch (condition->mode) {
    case EVENT_OTHER:
        return false;
    case EVENT_ON_CHANGE:
        return changed(watch, sample);
    case EVENT_GREATER:
        return held(watch, there && number > condition->value, condition->value2, now_ds);
    case EVENT_SMALLER:
        return held(watch, there && number < condition->value, condition->value2, now_ds);
    case EVENT_HYSTERESIS:
        return beyond(watch, condition, sample);
    case EVENT_PERIODIC:
        return due(watch, condition, now_ds);
    case EVENT_ANDED:
        return held(watch, there && (uint32_t)number & (uint32_t)condition->value, condition->value2, now_ds);
    }
    return false;
}
