/* The newest value of a struct, handed from one writing thread to any number of readers. The writer
 * never waits; a reader that was overtaken tries again. Every access is atomic, so that no tool and
 * no compiler sees a race. */
#ifndef CONTROLLER_SEQLOCK_H
#define CONTROLLER_SEQLOCK_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Words that a value of `size` octets takes. */
#define SEQLOCK_WORDS(size) (((size) + 7) / 8)

struct seqlock {
    _Atomic uint64_t version; /* odd while a write is under way; 0: never written */
};

/* Publishes `size` octets of `value` in `word`, which holds SEQLOCK_WORDS(size). One thread only. */
static inline void seqlock_write(struct seqlock *lock, _Atomic uint64_t *word, const void *value, size_t size)
{
    uint64_t version = atomic_load_explicit(&lock->version, memory_order_relaxed);
    atomic_store_explicit(&lock->version, version + 1, memory_order_relaxed);
    for (size_t done = 0; done < size; done += 8) {
        uint64_t octets = 0;
        memcpy(&octets, (const char *)value + done, size - done < 8 ? size - done : 8);
        /* Release, so that who reads this word also reads the odd version stored before it. */
        atomic_store_explicit(word++, octets, memory_order_release);
    }
    atomic_store_explicit(&lock->version, version + 2, memory_order_release);
}

/* Copies the newest value into `value`, zeros if there never was one. Returns the number of writes
 * so far. */
static inline uint64_t seqlock_read(const struct seqlock *lock, const _Atomic uint64_t *word, void *value,
                                    size_t size)
{
    uint64_t before, after;
    do {
        before = atomic_load_explicit(&lock->version, memory_order_acquire);
        for (size_t done = 0; done < size; done += 8) {
            uint64_t octets = atomic_load_explicit(&word[done / 8], memory_order_acquire);
            memcpy((char *)value + done, &octets, size - done < 8 ? size - done : 8);
        }
        after = atomic_load_explicit(&lock->version, memory_order_relaxed);
    } while (before != after || (before & 1));
    return before / 2;
}

#endif
