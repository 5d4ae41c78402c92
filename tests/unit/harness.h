/* What every test program shares: a table of tests, checks that say what was expected and what came,
 * and a main. Built on CUnit.
 *
 *     static void conflict_latches_flash(void)
 *     {
 *         CHECK_INT(GUARD_CONFLICT, guard_step(&g, &want, 100, &out));
 *     }
 *
 *     HARNESS_MAIN(
 *         {"a conflicting frame latches flash", conflict_latches_flash},
 *     )
 *
 * Each test prints one line, `ok PROGRAM: NAME` or `FAIL PROGRAM: NAME` with the failed checks indented
 * below; ./check counts these lines. `PROGRAM PART` runs the tests whose name contains PART. A program in
 * which nothing ran, or whose set-up failed, has failed. */
#ifndef TESTS_UNIT_HARNESS_H
#define TESTS_UNIT_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct harness_test {
    const char *name;
    void (*run)(void);
};

/* Every check evaluates its arguments once and returns whether it held, so that a test may stop:
 * `if (!CHECK(p)) return;`. */
#define CHECK(condition)          harness_check((condition), #condition, __FILE__, __LINE__)
#define CHECK_INT(expected, came) harness_check_int((expected), (came), #came, __FILE__, __LINE__)
#define CHECK_HEX(expected, came) harness_check_hex((expected), (came), #came, __FILE__, __LINE__)
#define CHECK_STR(expected, came) harness_check_str((expected), (came), #came, __FILE__, __LINE__)
#define CHECK_NEAR(expected, came, within)                                                                   \
    harness_check_near((expected), (came), (within), #came, __FILE__, __LINE__)
#define CHECK_BYTES(expected, came, size)                                                                    \
    harness_check_bytes((expected), (came), (size), #came, __FILE__, __LINE__)
#define CHECK_FAIL(...) harness_fail(__FILE__, __LINE__, __VA_ARGS__)

bool harness_check(bool held, const char *what, const char *file, int line);
bool harness_check_int(int64_t expected, int64_t came, const char *what, const char *file, int line);
bool harness_check_hex(uint64_t expected, uint64_t came, const char *what, const char *file, int line);
bool harness_check_str(const char *expected, const char *came, const char *what, const char *file, int line);
bool harness_check_near(double expected, double came, double within, const char *what, const char *file,
                        int line);
bool harness_check_bytes(const void *expected, const void *came, size_t size, const char *what,
                         const char *file, int line);
void harness_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Names the place in the test that the checks from here on belong to ("tick 143"); printed with each
 * failure, forgotten at the end of the test. */
void harness_at(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether a check of the running test has failed already. */
bool harness_failed(void);

/* How many seeds a property tries where `usual` are usual: PROPERTY_SEEDS=N in the environment, or
 * PROPERTY_PERCENT=N of them, one at least. */
uint64_t harness_seed_count(uint64_t usual);

/* The seeds from *first to *last are usual, *first being 1; a number as the first argument names a single one
 * and is taken from the arguments. */
void harness_seeds(int *argc, char **argv, uint64_t *first, uint64_t *last);

/* Runs the table. `set_up` runs once before the first test and returns 0 or the program fails;
 * `tear_down` runs once after the last; either may be NULL. Returns the exit status. */
int harness_run(int argc, char **argv, const struct harness_test *tests, size_t count, int (*set_up)(void),
                int (*tear_down)(void));

#define HARNESS_MAIN_WITH(set_up, tear_down, ...)                                                            \
    int main(int argc, char **argv)                                                                          \
    {                                                                                                        \
        static const struct harness_test tests[] = {__VA_ARGS__};                                            \
        return harness_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), set_up, tear_down);          \
    }
#define HARNESS_MAIN(...) HARNESS_MAIN_WITH(NULL, NULL, __VA_ARGS__)

#endif
