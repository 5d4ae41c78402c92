/* Any register map and any registers: what a cabinet says is read within its wiring, and what is put into
 * registers comes out of them again. */
#include "../../io/cabinet_map.h"
#include "fuzz.h"
#include <string.h>

enum { ROOM = 128 };

static uint16_t near_run(struct fuzz_input *in, uint16_t base)
{
    return (uint16_t)(base + fuzz_below(in, ROOM));
}

/* Fields close together, as a cabinet has them, or somewhere. */
static void read_map(struct fuzz_input *in, struct cabinet_map *map)
{
    uint16_t base = (uint16_t)fuzz_number(in, 2);
    *map = (struct cabinet_map){
        .channels = (uint8_t)fuzz_number(in, 1),
        .vehicles = (uint8_t)fuzz_number(in, 1),
        .pedestrians = (uint8_t)fuzz_number(in, 1),
        .heartbeat = near_run(in, base),
        .control = near_run(in, base),
        .red = near_run(in, base),
        .yellow = near_run(in, base),
        .green = near_run(in, base),
        .status = near_run(in, base),
        .inputs = near_run(in, base),
        .heartbeat_echo = near_run(in, base),
        .lit_red = near_run(in, base),
        .lit_yellow = near_run(in, base),
        .lit_green = near_run(in, base),
        .vehicle = near_run(in, base),
        .pedestrian = near_run(in, base),
    };
}

static bool within(const struct channel_mask *mask, int channels)
{
    for (int no = channels + 1; no <= CHANNELS_MAX; no++) {
        if (channel_has(mask, no))
            return false;
    }
    return true;
}

static void read_registers(struct fuzz_input *in, const struct cabinet_registers *run)
{
    for (int i = 0; i < run->count; i++)
        run->value[i] = (uint16_t)fuzz_number(in, 2);
}

static void check_image(struct fuzz_input *in, const struct cabinet_map *map)
{
    uint16_t value[CABINET_READ_MAX] = {0}, again_value[CABINET_READ_MAX] = {0}, echo = 0, again_echo = 0;
    struct cabinet_registers run = {.value = value}, again_run;
    static struct cabinet_image image, again;
    cabinet_map_read(map, &run);
    FUZZ_REQUIRE(run.count <= CABINET_READ_MAX);
    read_registers(in, &run);
    memset(&image, 0, sizeof image);
    memset(&again, 0, sizeof again);
    cabinet_map_get_image(map, &run, &image, &echo);
    FUZZ_REQUIRE(within(&image.red, map->channels) && within(&image.yellow, map->channels) &&
                 within(&image.green, map->channels));
    again_run = (struct cabinet_registers){run.first, run.count, again_value};
    cabinet_map_put_image(map, &image, echo, &again_run);
    cabinet_map_get_image(map, &again_run, &again, &again_echo);
    FUZZ_REQUIRE(echo == again_echo && memcmp(&image, &again, sizeof image) == 0);
}

static void check_command(struct fuzz_input *in, const struct cabinet_map *map)
{
    uint16_t value[CABINET_WRITE_MAX] = {0}, again_value[CABINET_WRITE_MAX] = {0};
    struct cabinet_registers run = {.value = value}, again_run;
    static struct cabinet_command command, again;
    cabinet_map_written(map, &run);
    FUZZ_REQUIRE(run.count <= CABINET_WRITE_MAX);
    read_registers(in, &run);
    memset(&command, 0, sizeof command);
    memset(&again, 0, sizeof again);
    cabinet_map_get_command(map, &run, &command);
    FUZZ_REQUIRE(within(&command.red, map->channels) && within(&command.green, map->channels));
    again_run = (struct cabinet_registers){run.first, run.count, again_value};
    cabinet_map_put_command(map, &command, &again_run);
    cabinet_map_get_command(map, &again_run, &again);
    FUZZ_REQUIRE(memcmp(&command, &again, sizeof command) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cabinet_map usual = {
        .channels = 20,
        .vehicles = 33,
        .pedestrians = 4,
        .heartbeat = 0,
        .control = 1,
        .red = 2,
        .yellow = 4,
        .green = 6,
        .status = 100,
        .inputs = 101,
        .heartbeat_echo = 102,
        .lit_red = 103,
        .lit_yellow = 105,
        .lit_green = 107,
        .vehicle = 109,
        .pedestrian = 112,
    };
    struct fuzz_input in = {data, size};
    struct cabinet_map map = usual;
    char why[160] = "";
    if (fuzz_below(&in, 2) == 1)
        read_map(&in, &map);
    if (cabinet_map_check(&map, why, sizeof why) != 0) {
        FUZZ_REQUIRE(why[0] != '\0');
        return 0;
    }
    check_image(&in, &map);
    check_command(&in, &map);
    return 0;
}
