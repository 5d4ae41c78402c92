/* What the fuzz targets share: numbers out of the fuzzer's octets, names and values near those of the object
 * table, and a controller's state to read and to write. A target is one LLVMFuzzerTestOneInput(); libFuzzer
 * brings the main program. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "../../ntcip/device.h"
#include "../../ntcip/set.h"

/* What must hold whatever comes in: the target ends there, and libFuzzer keeps the input. */
#define FUZZ_REQUIRE(condition) ((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))
void fuzz_broken(const char *what, const char *file, int line) __attribute__((noreturn));

/* One run of a target. Always 0, as libFuzzer wants it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- octets ---- */

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

/* The next octets as a number, zeros behind the end. */
uint32_t fuzz_number(struct fuzz_input *in, int octets);

/* 0..limit-1, from one octet or two. */
uint32_t fuzz_below(struct fuzz_input *in, uint32_t limit);

/* As many octets as are left, at most `max`, into `out`. Returns how many. */
size_t fuzz_octets(struct fuzz_input *in, uint8_t *out, size_t max);

/* ---- objects ---- */

/* A name: an instance that exists or nearly does, one cut short or drawn out, or any numbers. */
void fuzz_id(struct fuzz_input *in, struct object_id *out);

/* The same of the objects from element `first` of object_all on, `count` of them. */
void fuzz_id_among(struct fuzz_input *in, size_t first, size_t count, struct object_id *out);

/* A value: at and beside the bounds of the object where it is one, of another type, or anything. Long octets
 * are kept in `room` and belong to it. `object` may be NULL. */
enum { FUZZ_VALUE_ROOM = 1024 };
void fuzz_value(struct fuzz_input *in, const struct object *object, struct value *out,
                uint8_t room[FUZZ_VALUE_ROOM]);

/* ---- a controller ---- */

struct fuzz_world {
    struct database db;
    struct control control;
    struct engine_status status;
    struct object_extra extra;
    struct transaction transaction;
    struct database candidate;
    struct device device;
    uint8_t *long_value; /* not part of the state: where readers leave what a value does not hold */
};

/* The bundled junction, nothing commanded, nobody at work on it. The config is read the first time. */
void fuzz_world_init(struct fuzz_world *world);

void fuzz_world_view(const struct fuzz_world *world, struct object_view *out);

/* Whether a database passes every rule between objects. */
bool fuzz_is_sound(const struct database *db);

/* A varbind for the object of that name; rows a table does not have are 0. */
struct set_item fuzz_item(const char *name, int row1, int row2, int64_t number);

/* What a backend does when a stage has been accepted, and when not: `culprit` is the varbind to blame. */
void fuzz_world_commit(struct fuzz_world *world, const struct set_stage *stage);
void fuzz_world_refused(struct fuzz_world *world, const struct set_item *culprit, enum set_error error,
                        const struct database *staged);

/* Ticks go by, the engine's time and civil time with them. */
void fuzz_world_step(struct fuzz_world *world, uint32_t ticks);

#endif
