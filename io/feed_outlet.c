#include "feed_outlet.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct waiting_message {
    struct feed_message message;
    uint64_t lost; /* how many before it found no room */
};

struct feed_outlet {
    int fd;
    uint64_t lost; /* the writer's own */
    atomic_uint put, taken;
    struct waiting_message waiting[FEED_OUTLET_MESSAGES];
};

struct feed_outlet *feed_outlet_new(void)
{
    struct feed_outlet *outlet = calloc(1, sizeof *outlet);
    if (!outlet)
        return NULL;
    outlet->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (outlet->fd < 0) {
        free(outlet);
        return NULL;
    }
    return outlet;
}

void feed_outlet_free(struct feed_outlet *outlet)
{
    if (!outlet)
        return;
    close(outlet->fd);
    free(outlet);
}

int feed_outlet_fd(const struct feed_outlet *outlet)
{
    return outlet->fd;
}

void feed_outlet_put(struct feed_outlet *outlet, const struct feed_message *message)
{
    const unsigned put = atomic_load_explicit(&outlet->put, memory_order_relaxed);
    if (put - atomic_load_explicit(&outlet->taken, memory_order_acquire) == FEED_OUTLET_MESSAGES) {
        outlet->lost++;
        return;
    }
    struct waiting_message *w = &outlet->waiting[put % FEED_OUTLET_MESSAGES];
    w->message = *message;
    w->lost = outlet->lost;
    outlet->lost = 0;
    atomic_store_explicit(&outlet->put, put + 1, memory_order_release);
    const uint64_t one = 1;
    (void)!write(outlet->fd, &one, sizeof one);
}

bool feed_outlet_take(struct feed_outlet *outlet, struct feed_message *message, uint64_t *lost)
{
    const unsigned taken = atomic_load_explicit(&outlet->taken, memory_order_relaxed);
    if (taken == atomic_load_explicit(&outlet->put, memory_order_acquire)) {
        /* Lowered before looking once more: what is put in between raises it again. */
        uint64_t count;
        (void)!read(outlet->fd, &count, sizeof count);
        if (taken == atomic_load_explicit(&outlet->put, memory_order_acquire))
            return false;
    }
    const struct waiting_message *w = &outlet->waiting[taken % FEED_OUTLET_MESSAGES];
    *message = w->message;
    *lost = w->lost;
    atomic_store_explicit(&outlet->taken, taken + 1, memory_order_release);
    return true;
}
