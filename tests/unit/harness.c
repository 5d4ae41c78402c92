#include "harness.h"
#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One process runs one program's tests one after another: this is its bookkeeping. */
static const char *program;
static char place[128];

static void fail(const char *file, int line, const char *text)
{
    char full[1280];
    snprintf(full, sizeof(full), "%s%s%s", place, place[0] ? ": " : "", text);
    CU_assertImplementation(CU_FALSE, (unsigned int)line, full, file, "", CU_FALSE);
}

static void pass(const char *file, int line)
{
    CU_assertImplementation(CU_TRUE, (unsigned int)line, "", file, "", CU_FALSE);
}

void harness_fail(const char *file, int line, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fail(file, line, text);
}

void harness_at(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(place, sizeof(place), format, arguments);
    va_end(arguments);
}

bool harness_failed(void)
{
    /* CUnit's list holds the failures of all tests; the running test's are those that name it. */
    for (CU_pFailureRecord f = CU_get_failure_list(); f; f = f->pNext)
        if (f->pTest && f->pTest == CU_get_current_test())
            return true;
    return false;
}

bool harness_check(bool held, const char *what, const char *file, int line)
{
    if (held)
        pass(file, line);
    else
        harness_fail(file, line, "expected to hold: %s", what);
    return held;
}

bool harness_check_int(int64_t expected, int64_t came, const char *what, const char *file, int line)
{
    if (expected == came)
        pass(file, line);
    else
        harness_fail(file, line, "%s: expected %lld, came %lld", what, (long long)expected, (long long)came);
    return expected == came;
}

bool harness_check_hex(uint64_t expected, uint64_t came, const char *what, const char *file, int line)
{
    if (expected == came)
        pass(file, line);
    else
        harness_fail(file, line, "%s: expected %#llx, came %#llx", what, (unsigned long long)expected,
                     (unsigned long long)came);
    return expected == came;
}

bool harness_check_str(const char *expected, const char *came, const char *what, const char *file, int line)
{
    bool held = expected && came ? strcmp(expected, came) == 0 : expected == came;
    if (held)
        pass(file, line);
    else
        harness_fail(file, line, "%s: expected \"%s\", came \"%s\"", what, expected ? expected : "(null)",
                     came ? came : "(null)");
    return held;
}

bool harness_check_near(double expected, double came, double within, const char *what, const char *file,
                        int line)
{
    bool held = fabs(expected - came) <= within;
    if (held)
        pass(file, line);
    else
        harness_fail(file, line, "%s: expected %.9g within %.3g, came %.9g", what, expected, within, came);
    return held;
}

bool harness_check_bytes(const void *expected, const void *came, size_t size, const char *what,
                         const char *file, int line)
{
    const unsigned char *want = expected;
    const unsigned char *have = came;
    for (size_t i = 0; i < size; i++) {
        if (want[i] != have[i]) {
            harness_fail(file, line, "%s: octet %zu of %zu: expected 0x%02x, came 0x%02x", what, i, size,
                         want[i], have[i]);
            return false;
        }
    }
    pass(file, line);
    return true;
}

static void test_started(const CU_pTest test, const CU_pSuite suite)
{
    (void)test;
    (void)suite;
    place[0] = '\0';
}

static void test_completed(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failures)
{
    (void)suite;
    printf("%s %s: %s\n", failures ? "FAIL" : "ok", program, test->pName);
    for (CU_pFailureRecord f = failures; f; f = f->pNext)
        printf("    %s:%u: %s\n", f->strFileName ? f->strFileName : "?", f->uiLineNumber,
               f->strCondition ? f->strCondition : "");
}

static void set_up_failed(const CU_pSuite suite)
{
    printf("FAIL %s: set-up of %s\n", program, suite->pName);
}

static void tear_down_failed(const CU_pSuite suite)
{
    printf("FAIL %s: tear-down of %s\n", program, suite->pName);
}

uint64_t harness_seed_count(uint64_t usual)
{
    const char *count = getenv("PROPERTY_SEEDS"), *percent = getenv("PROPERTY_PERCENT");
    if (count)
        return strtoull(count, NULL, 10);
    uint64_t part = percent ? usual * strtoull(percent, NULL, 10) / 100 : usual;
    return part > 0 ? part : 1;
}

void harness_seeds(int *argc, char **argv, uint64_t *first, uint64_t *last)
{
    if (*argc > 1 && strtoull(argv[1], NULL, 10) > 0) {
        *first = *last = strtoull(argv[1], NULL, 10);
        *argc = 1;
        return;
    }
    *last = harness_seed_count(*last);
}

int harness_run(int argc, char **argv, const struct harness_test *tests, size_t count, int (*set_up)(void),
                int (*tear_down)(void))
{
    const char *slash = strrchr(argv[0], '/');
    program = slash ? slash + 1 : argv[0];
    setvbuf(stdout, NULL, _IOLBF, 0); /* a crash must not swallow the lines before it */

    if (CU_initialize_registry() != CUE_SUCCESS)
        return EXIT_FAILURE;
    CU_pSuite suite = CU_add_suite(program, set_up, tear_down);
    bool registered = suite != NULL;
    for (size_t i = 0; i < count && registered; i++)
        if (argc < 2 || strstr(tests[i].name, argv[1]))
            registered = CU_add_test(suite, tests[i].name, tests[i].run) != NULL;
    if (!registered) {
        printf("FAIL %s: cannot register its tests: %s\n", program, CU_get_error_msg());
        return EXIT_FAILURE;
    }

    CU_set_test_start_handler(test_started);
    CU_set_test_complete_handler(test_completed);
    CU_set_suite_init_failure_handler(set_up_failed);
    CU_set_suite_cleanup_failure_handler(tear_down_failed);
    CU_ErrorCode result = CU_run_all_tests();

    unsigned int run = CU_get_number_of_tests_run();
    unsigned int bad = CU_get_number_of_tests_failed();
    bool all_ran = run > 0 && run == CU_get_registry()->uiNumberOfTests;
    if (run == 0)
        printf("FAIL %s: nothing ran\n", program);
    /* A failed set-up is not among CUnit's failures, it only shows in what did not run. */
    bool good = result == CUE_SUCCESS && all_ran && CU_get_number_of_failures() == 0 &&
                CU_get_number_of_suites_failed() == 0;
    printf("%s: %u passed, %u failed\n", program, run - bad, bad);
    CU_cleanup_registry();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
