#include "cabinet_map.h"
#include <stdio.h>
#include <string.h>

enum { FIELDS = 19, FIELDS_WRITTEN = 6, REGISTER_BITS = 16, REGISTERS_ALL = 65536 };

struct field {
    const char *key;
    uint32_t first;
    uint32_t count;
};

static uint32_t registers_for(uint32_t bits)
{
    return (bits + REGISTER_BITS - 1) / REGISTER_BITS;
}

static bool has(const struct cabinet_map *map, enum cabinet_option option)
{
    return (map->options & option) != 0;
}

/* The fields in the order of the struct: the written ones first. */
static void list_fields(const struct cabinet_map *map, struct field field[FIELDS])
{
    const uint32_t lamps = registers_for(map->channels);
    const struct field all[FIELDS] = {
        {"heartbeat", map->heartbeat, 1},
        {"control", map->control, 1},
        {"red", map->red, lamps},
        {"yellow", map->yellow, lamps},
        {"green", map->green, lamps},
        {"countdown", map->countdown, has(map, MAP_COUNTDOWN) ? map->channels : 0},
        {"status", map->status, 1},
        {"inputs", map->inputs, 1},
        {"heartbeat_echo", map->heartbeat_echo, 1},
        {"lit_red", map->lit_red, lamps},
        {"lit_yellow", map->lit_yellow, lamps},
        {"lit_green", map->lit_green, lamps},
        {"vehicle", map->vehicle, registers_for(map->vehicles)},
        {"pedestrian", map->pedestrian, registers_for(map->pedestrians)},
        {"vehicle_fault", map->vehicle_fault, has(map, MAP_VEHICLE_FAULT) ? registers_for(map->vehicles) : 0},
        {"preempt", map->preempt, has(map, MAP_PREEMPT)},
        {"priority", map->priority, has(map, MAP_PRIORITY)},
        {"alarm", map->alarm, has(map, MAP_ALARM)},
        {"interconnect", map->interconnect, has(map, MAP_INTERCONNECT)},
    };
    memcpy(field, all, sizeof all);
}

static bool overlap(const struct field *a, const struct field *b)
{
    return a->count != 0 && b->count != 0 && a->first < b->first + b->count && b->first < a->first + a->count;
}

static struct field span(const char *key, const struct field *field, int count)
{
    uint32_t first = REGISTERS_ALL;
    uint32_t end = 0;
    for (int i = 0; i < count; i++) {
        if (field[i].count == 0)
            continue;
        first = field[i].first < first ? field[i].first : first;
        end = field[i].first + field[i].count > end ? field[i].first + field[i].count : end;
    }
    return (struct field){key, first, end - first};
}

static int check_counts(const struct cabinet_map *map, char *why, size_t size)
{
    if (map->channels < 1 || map->channels > CHANNELS_MAX) {
        snprintf(why, size, "channels: %u is not within 1..%d", map->channels, CHANNELS_MAX);
        return -1;
    }
    if (map->vehicles > VEHICLE_DETECTORS_MAX) {
        snprintf(why, size, "vehicles: %u is more than %d", map->vehicles, VEHICLE_DETECTORS_MAX);
        return -1;
    }
    if (map->pedestrians > PEDESTRIAN_DETECTORS_MAX) {
        snprintf(why, size, "pedestrians: %u is more than %d", map->pedestrians, PEDESTRIAN_DETECTORS_MAX);
        return -1;
    }
    return 0;
}

int cabinet_map_check(const struct cabinet_map *map, char *why, size_t size)
{
    if (check_counts(map, why, size) != 0)
        return -1;
    struct field field[FIELDS];
    list_fields(map, field);
    for (int i = 0; i < FIELDS; i++) {
        if (field[i].first + field[i].count > REGISTERS_ALL) {
            snprintf(why, size, "%s: ends beyond register %d", field[i].key, REGISTERS_ALL - 1);
            return -1;
        }
        for (int j = 0; j < i; j++) {
            if (overlap(&field[i], &field[j])) {
                snprintf(why, size, "%s: shares a register with %s", field[i].key, field[j].key);
                return -1;
            }
        }
    }
    const struct field written = span("written fields", field, FIELDS_WRITTEN);
    const struct field read = span("read fields", field + FIELDS_WRITTEN, FIELDS - FIELDS_WRITTEN);
    if (written.count > CABINET_WRITE_MAX) {
        snprintf(why, size, "written fields: span %u registers, one transaction writes %d", written.count,
                 CABINET_WRITE_MAX);
        return -1;
    }
    if (read.count > CABINET_READ_MAX) {
        snprintf(why, size, "read fields: span %u registers, one transaction reads %d", read.count,
                 CABINET_READ_MAX);
        return -1;
    }
    for (int i = FIELDS_WRITTEN; i < FIELDS; i++) {
        if (overlap(&field[i], &written)) {
            snprintf(why, size, "%s: lies between written fields", field[i].key);
            return -1;
        }
    }
    return 0;
}

void cabinet_map_written(const struct cabinet_map *map, struct cabinet_registers *run)
{
    struct field field[FIELDS];
    list_fields(map, field);
    const struct field written = span("", field, FIELDS_WRITTEN);
    run->first = (uint16_t)written.first;
    run->count = (uint16_t)written.count;
}

void cabinet_map_read(const struct cabinet_map *map, struct cabinet_registers *run)
{
    struct field field[FIELDS];
    list_fields(map, field);
    const struct field read = span("", field + FIELDS_WRITTEN, FIELDS - FIELDS_WRITTEN);
    run->first = (uint16_t)read.first;
    run->count = (uint16_t)read.count;
}

void cabinet_map_shown(const struct output *output, struct channel_mask *red, struct channel_mask *yellow,
                       struct channel_mask *green)
{
    const struct frame *f = &output->frame;
    for (int i = 0; i < 2; i++) {
        const uint64_t in_phase = output->flash_on ? ~f->alternate.word[i] : f->alternate.word[i];
        const uint64_t on = ~f->flashing.word[i] | in_phase;
        red->word[i] = f->red.word[i] & on;
        yellow->word[i] = f->yellow.word[i] & on;
        green->word[i] = f->green.word[i] & on;
    }
}

void cabinet_map_lit(const struct output *output, struct channel_mask *red, struct channel_mask *yellow,
                     struct channel_mask *green)
{
    cabinet_map_shown(output, red, yellow, green);
    for (int i = 0; i < 2; i++) {
        red->word[i] &= ~output->pulse.word[i];
        yellow->word[i] &= ~output->pulse.word[i];
        green->word[i] &= ~output->pulse.word[i];
    }
}

static uint16_t *at(const struct cabinet_registers *run, uint16_t address)
{
    return &run->value[address - run->first];
}

/* Words of 64 bits <-> `bits` bits in registers of 16. */
static void put_bits(const struct cabinet_registers *run, uint16_t address, const uint64_t *word,
                     uint32_t bits)
{
    uint16_t *value = at(run, address);
    for (uint32_t i = 0; i < registers_for(bits); i++) {
        const uint32_t left = bits - i * REGISTER_BITS;
        const uint32_t wired = left < REGISTER_BITS ? (1U << left) - 1 : 0xFFFFU;
        value[i] = (uint16_t)((word[i / 4] >> (i % 4 * REGISTER_BITS)) & wired);
    }
}

static void get_bits(const struct cabinet_registers *run, uint16_t address, uint64_t *word, uint32_t bits)
{
    const uint16_t *value = at(run, address);
    for (uint32_t i = 0; i < registers_for(bits); i++) {
        const uint32_t left = bits - i * REGISTER_BITS;
        const uint32_t wired = left < REGISTER_BITS ? (1U << left) - 1 : 0xFFFFU;
        word[i / 4] |= (uint64_t)(value[i] & wired) << (i % 4 * REGISTER_BITS);
    }
}

void cabinet_map_put_command(const struct cabinet_map *map, const struct cabinet_command *command,
                             struct cabinet_registers *run)
{
    *at(run, map->heartbeat) = command->heartbeat;
    *at(run, map->control) = (uint16_t)(command->healthy | command->dimmed << 1);
    put_bits(run, map->red, command->red.word, map->channels);
    put_bits(run, map->yellow, command->yellow.word, map->channels);
    put_bits(run, map->green, command->green.word, map->channels);
    for (int ix = 0; has(map, MAP_COUNTDOWN) && ix < map->channels; ix++)
        at(run, map->countdown)[ix] = command->countdown_s[ix];
}

void cabinet_map_get_command(const struct cabinet_map *map, const struct cabinet_registers *run,
                             struct cabinet_command *command)
{
    memset(command, 0, sizeof *command);
    command->heartbeat = *at(run, map->heartbeat);
    command->healthy = *at(run, map->control) & 1U;
    command->dimmed = *at(run, map->control) & 2U;
    get_bits(run, map->red, command->red.word, map->channels);
    get_bits(run, map->yellow, command->yellow.word, map->channels);
    get_bits(run, map->green, command->green.word, map->channels);
    for (int ix = 0; has(map, MAP_COUNTDOWN) && ix < map->channels; ix++)
        command->countdown_s[ix] = (uint8_t)at(run, map->countdown)[ix];
}

void cabinet_map_put_image(const struct cabinet_map *map, const struct cabinet_image *image,
                           uint16_t heartbeat_echo, struct cabinet_registers *run)
{
    *at(run, map->status) = (uint16_t)image->status;
    *at(run, map->inputs) = (uint16_t)image->inputs;
    *at(run, map->heartbeat_echo) = heartbeat_echo;
    put_bits(run, map->lit_red, image->red.word, map->channels);
    put_bits(run, map->lit_yellow, image->yellow.word, map->channels);
    put_bits(run, map->lit_green, image->green.word, map->channels);
    if (map->vehicles != 0)
        put_bits(run, map->vehicle, image->vehicle.word, map->vehicles);
    if (map->pedestrians != 0)
        put_bits(run, map->pedestrian, &image->pedestrian, map->pedestrians);
    if (has(map, MAP_VEHICLE_FAULT) && map->vehicles != 0)
        put_bits(run, map->vehicle_fault, image->vehicle_fault.word, map->vehicles);
    if (has(map, MAP_PREEMPT))
        *at(run, map->preempt) = image->preempt;
    if (has(map, MAP_PRIORITY))
        *at(run, map->priority) = image->priority;
    if (has(map, MAP_ALARM))
        *at(run, map->alarm) = image->alarms;
    if (has(map, MAP_INTERCONNECT))
        *at(run, map->interconnect) = image->interconnect_pattern_no;
}

void cabinet_map_get_image(const struct cabinet_map *map, const struct cabinet_registers *run,
                           struct cabinet_image *image, uint16_t *heartbeat_echo)
{
    memset(image, 0, sizeof *image);
    image->status = *at(run, map->status);
    image->inputs = *at(run, map->inputs);
    *heartbeat_echo = *at(run, map->heartbeat_echo);
    get_bits(run, map->lit_red, image->red.word, map->channels);
    get_bits(run, map->lit_yellow, image->yellow.word, map->channels);
    get_bits(run, map->lit_green, image->green.word, map->channels);
    if (map->vehicles != 0)
        get_bits(run, map->vehicle, image->vehicle.word, map->vehicles);
    if (map->pedestrians != 0)
        get_bits(run, map->pedestrian, &image->pedestrian, map->pedestrians);
    if (has(map, MAP_VEHICLE_FAULT) && map->vehicles != 0)
        get_bits(run, map->vehicle_fault, image->vehicle_fault.word, map->vehicles);
    if (has(map, MAP_PREEMPT))
        image->preempt = *at(run, map->preempt);
    if (has(map, MAP_PRIORITY))
        image->priority = *at(run, map->priority);
    if (has(map, MAP_ALARM))
        image->alarms = *at(run, map->alarm) & ((1U << ALARM_INPUTS) - 1);
    if (has(map, MAP_INTERCONNECT) && *at(run, map->interconnect) <= PATTERN_FLASH)
        image->interconnect_pattern_no = (uint8_t)*at(run, map->interconnect);
}
