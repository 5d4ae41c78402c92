/* Many intersections at once: the threads do not show in what comes out. */
#include "../../sim/fleet.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char said[1024];

static void tell(void *arg, const char *line)
{
    (void)arg;
    snprintf(said, sizeof said, "%s", line);
}

static int heard;

static void note(void *arg, int points)
{
    (void)arg;
    CHECK_INT(++heard, points);
}

/* Runs the points of configs/quwo and prints all but what the wall clock says; to be freed. */
static char *play(uint64_t seed, int jobs)
{
    struct fleet fleet;
    char *text = NULL;
    size_t length = 0;
    const struct run_options options = {.hours = 0.02, .demand = DEMAND_HIGH, .seed = seed};
    heard = 0;
    if (!CHECK_INT(0, fleet_load(&fleet, SOURCE_ROOT "/configs/quwo", tell, NULL)))
        return NULL;
    CHECK_INT(0, fleet_run(&fleet, &options, jobs, note, NULL));
    CHECK_INT(fleet.count, heard);
    fleet.wall_s = 0;
    for (int i = 0; i < fleet.count; i++)
        fleet.point[i].summary.wall_s = 0;
    FILE *out = open_memstream(&text, &length);
    if (CHECK(out != NULL)) {
        CHECK_INT(0, fleet_print_json(&fleet, out));
        fclose(out);
    }
    fleet_free(&fleet);
    return text;
}

static void threads_do_not_show(void)
{
    char *one = play(5, 1), *three = play(5, 3), *many = play(5, FLEET_JOBS_MAX), *other = play(6, 3);
    if (!one || !three || !many || !other) {
        CHECK_FAIL("nothing was printed");
    } else {
        CHECK_STR(one, three);
        CHECK_STR(one, many);
        CHECK(strcmp(one, other) != 0);
        CHECK(strncmp(one, "{\"wall_s\":0.000,\"seed\":5,", 25) == 0);
        CHECK(strstr(one, "{\"id\":\"quwo-01\"") && strstr(one, "{\"id\":\"quwo-23\""));
    }
    free(one);
    free(three);
    free(many);
    free(other);
}

static void each_point_has_a_seed_of_its_own(void)
{
    CHECK(fleet_seed("quwo-01", 1) == fleet_seed("quwo-01", 1));
    CHECK(fleet_seed("quwo-01", 1) != fleet_seed("quwo-02", 1));
    CHECK(fleet_seed("quwo-01", 1) != fleet_seed("quwo-01", 2));
    for (uint64_t seed = 0; seed < 1000; seed++)
        CHECK(fleet_seed("quwo-01", seed) < UINT64_C(1) << 53);
}

static void a_directory_that_does_not_serve_is_named(void)
{
    struct fleet fleet;
    CHECK_INT(FLEET_UNREADABLE, fleet_load(&fleet, "/nowhere/at/all", tell, NULL));
    CHECK_STR("/nowhere/at/all: No such file or directory", said);
    CHECK_INT(FLEET_UNREADABLE, fleet_load(&fleet, SOURCE_ROOT "/docs", tell, NULL));
    CHECK_STR(SOURCE_ROOT "/docs: there is no *.json", said);
    CHECK_INT(0, fleet.count);
}

HARNESS_MAIN({"threads do not show", threads_do_not_show},
             {"each point has a seed of its own", each_point_has_a_seed_of_its_own},
             {"a directory that does not serve is named", a_directory_that_does_not_serve_is_named}, )
