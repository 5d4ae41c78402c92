/* The simulation's own random numbers (splitmix64): the same on every machine. One generator per
 * stream, so that a new draw in one part does not disturb the others. */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_u64(struct rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Stream number `stream` of the run with `seed`. */
static inline struct rng rng_stream(uint64_t seed, uint64_t stream)
{
    struct rng rng = {seed};
    rng.state = rng_u64(&rng) ^ (stream * UINT64_C(0xd1342543de82ef95));
    rng_u64(&rng);
    return rng;
}

/* Uniform in [0, 1), in steps of 2^-53: exact in a double. */
static inline double rng_unit(struct rng *rng)
{
    return (double)(rng_u64(rng) >> 11) * 0x1p-53;
}

/* Uniform in [from, to). */
static inline double rng_between(struct rng *rng, double from, double to)
{
    return from + (to - from) * rng_unit(rng);
}

/* About normal with mean 0 and deviation 1, never beyond 3.5: the sum of four uniform draws, for sines and
 * logarithms are not the same everywhere. */
static inline double rng_normal(struct rng *rng)
{
    const double root_3 = 1.7320508075688772;
    double sum = rng_unit(rng) + rng_unit(rng);
    sum += rng_unit(rng) + rng_unit(rng);
    return (sum - 2) * root_3;
}

static inline bool rng_chance(struct rng *rng, double probability)
{
    return rng_unit(rng) < probability;
}

#endif
