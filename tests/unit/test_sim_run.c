/* The whole intersection in virtual time, on the bundled configs. */
#include "../../controller/config.h"
#include "../../sim/run.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const configs[] = {"chengdong-s234", "four-leg", "four-leg-north"};
enum { CONFIGS = sizeof configs / sizeof *configs };

static void tell(void *arg, const char *line)
{
    (void)arg;
    CHECK_FAIL("%s", line);
}

static struct config *load(const char *name)
{
    char path[512];
    struct config *config = calloc(1, sizeof *config);
    snprintf(path, sizeof path, "%s/configs/%s.json", SOURCE_ROOT, name);
    if (!CHECK(config != NULL) || !CHECK_INT(0, config_load(config, path, CONFIG_WHOLE, tell, NULL))) {
        free(config);
        return NULL;
    }
    return config;
}

/* The summary as printed, without what the wall clock says. */
static void print(const struct config *config, const struct run_options *options, struct summary *summary,
                  char *text, size_t size)
{
    text[0] = '\0';
    if (!CHECK_INT(0, run_intersection(config, options, summary)))
        return;
    summary->wall_s = 0;
    FILE *out = fmemopen(text, size, "w");
    if (CHECK(out != NULL)) {
        CHECK_INT(0, summary_print(summary, out));
        fclose(out);
    }
}

static void hours_pass_without_a_fault(void)
{
    for (int i = 0; i < CONFIGS; i++) {
        static const enum demand demands[] = {DEMAND_LOW, DEMAND_MEDIUM, DEMAND_HIGH};
        struct config *config = load(configs[i]);
        for (int d = 0; config && d < 3; d++) {
            char text[4096];
            struct summary summary = {0};
            const struct run_options options = {.hours = 2, .demand = demands[d], .seed = 3};
            print(config, &options, &summary, text, sizeof text);
            harness_at("%s: %s", configs[i], text);
            CHECK_INT(0, (int64_t)summary.guard_trips);
            for (int b = 0; b < INVARIANTS; b++)
                CHECK_INT(0, (int64_t)summary.breaches[b]);
            CHECK(summary.cycles > 20);
            CHECK(summary.traffic.served > 200);
            /* Nobody is stuck: who is not through yet came in the last minutes. */
            CHECK(summary.traffic.served * 100 > summary.traffic.vehicles * 93);
            CHECK_INT(0, (int64_t)summary.traffic.turned_away);
            CHECK(summary.pedestrians.crossed > 10);
        }
        free(config);
    }
}

static void the_cameras_record_violations_and_nothing_else(void)
{
    for (int i = 0; i < CONFIGS; i++) {
        struct config *config = load(configs[i]);
        if (!config)
            continue;
        char text[4096];
        struct summary summary = {0};
        const struct run_options options = {.hours = 16, .demand = DEMAND_MEDIUM, .seed = 5};
        print(config, &options, &summary, text, sizeof text);
        harness_at("%s: %s", configs[i], text);
        for (int kind = 0; kind < CAMERA_KINDS; kind++) {
            const struct offence_score *score = &summary.score[kind];
            CHECK(score->watched >= 5);
            CHECK(score->passages >= score->violations && score->violations >= score->watched);
            CHECK(score->captured * 100 >= score->watched * 95);
            CHECK(score->captured + score->missed <= score->watched);
            CHECK_INT(0, (int64_t)score->false_captures);
            CHECK_INT(0, (int64_t)score->voided);
        }
        free(config);
    }
}

/* From ten in the evening to seven: patterns end, the yellow flash comes and goes, patterns begin again. */
static void a_night_passes_with_its_flash(void)
{
    struct config *config = load("four-leg");
    if (!config)
        return;
    char text[4096];
    struct summary summary = {0};
    const struct run_options options = {
        .hours = 9, .demand = DEMAND_MEDIUM, .seed = 7, .from_s = RUN_FROM_S + 15 * 3600};
    print(config, &options, &summary, text, sizeof text);
    harness_at("%s", text);
    CHECK_INT(0, (int64_t)summary.guard_trips);
    for (int b = 0; b < INVARIANTS; b++)
        CHECK_INT(0, (int64_t)summary.breaches[b]);
    for (int kind = 0; kind < CAMERA_KINDS; kind++)
        CHECK_INT(0, (int64_t)summary.score[kind].false_captures);
    CHECK(summary.cycles > 60);
    CHECK(summary.cycles < 200); /* it has stood in flash for six hours */
    CHECK(summary.traffic.served * 100 > summary.traffic.vehicles * 95);
    free(config);
}

static uint64_t vehicles_from(struct config *config, int hour)
{
    char text[4096];
    struct summary summary = {0};
    const struct run_options options = {
        .hours = 0.5, .demand = DEMAND_DAY, .seed = 2, .from_s = RUN_FROM_S + (hour - 7) * 3600};
    print(config, &options, &summary, text, sizeof text);
    return summary.traffic.vehicles;
}

static void a_day_has_its_hours(void)
{
    struct config *config = load("four-leg");
    if (!config)
        return;
    const uint64_t peak = vehicles_from(config, 8), noon = vehicles_from(config, 12);
    CHECK(peak * 10 > noon * 14);
    CHECK(vehicles_from(config, 26) * 8 < noon);
    free(config);
}

static void equal_seed_and_config_give_an_equal_summary(void)
{
    struct config *config = load(configs[0]);
    if (!config)
        return;
    char text[3][4096];
    struct summary summary;
    for (unsigned i = 0; i < 3; i++) {
        const struct run_options options = {.hours = 1, .demand = DEMAND_MEDIUM, .seed = i < 2 ? 11 : 12};
        print(config, &options, &summary, text[i], sizeof text[i]);
    }
    CHECK_STR(text[0], text[1]);
    CHECK(strcmp(text[0], text[2]) != 0);
    free(config);
}

/* By night, with the same drivers: fewer of them pass the approach above the limit, and nobody pays with
 * more waiting than he would have had anyway. */
static void speed_management_slows_the_approach(void)
{
    struct config *config = load("chengdong-s234");
    if (!config)
        return;
    const struct run_options options = {.hours = 12, .demand = DEMAND_NIGHT, .seed = 7};
    struct summary off = {0}, on = {0};
    char text[4096];
    print(config, &options, &off, text, sizeof text);
    config->db.speed.mode = SPEED_ON;
    print(config, &options, &on, text, sizeof text);
    harness_at("%s", text);
    CHECK_INT((int64_t)off.traffic.vehicles, (int64_t)on.traffic.vehicles);
    CHECK(on.traffic.approach.over * 10 < off.traffic.approach.over * 8);
    CHECK(on.traffic.stop_line.over < off.traffic.stop_line.over);
    CHECK(on.traffic.delay_s < off.traffic.delay_s * 1.1);
    CHECK_INT(0, (int64_t)on.guard_trips);
    for (int b = 0; b < INVARIANTS; b++)
        CHECK_INT(0, (int64_t)on.breaches[b]);
    free(config);
}

HARNESS_MAIN({"hours pass without a fault", hours_pass_without_a_fault},
             {"the cameras record violations and nothing else",
              the_cameras_record_violations_and_nothing_else},
             {"a night passes with its flash", a_night_passes_with_its_flash},
             {"speed management slows the approach", speed_management_slows_the_approach},
             {"a day has its hours", a_day_has_its_hours},
             {"equal seed and config give an equal summary", equal_seed_and_config_give_an_equal_summary}, )
