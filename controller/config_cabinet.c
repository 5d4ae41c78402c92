#include "../io/cabinet_map.h"
#include "config_read.h"
#include <stdio.h>
#include <string.h>

enum {
    RESPONSE_DEFAULT_MS = 80,
    HEARTBEAT_DEFAULT_MS = 1000,
    YELLOW_FLOOR_LEAST_MS = 2700, /* below it a cabinet's own monitor trips */
    FLOOR_MOST_MS = 25500,
};

const struct feed_group *config_group(const struct config *config, int no)
{
    for (int i = 0; i < config->feed.group_count; i++) {
        if (config->feed.group[i].no == no)
            return &config->feed.group[i];
    }
    return NULL;
}

int config_read_numbers(const struct document_node *object, const char *key, enum document_need need, int low,
                        int high, uint8_t *out, int max)
{
    struct document_node list, element = {0};
    if (!document_array(object, key, need, &list))
        return 0;
    if (document_count(&list) > max) {
        document_fault(&list, "%d numbers, at most %d are possible", document_count(&list), max);
        return 0;
    }
    int count = 0;
    while (document_next(&list, &element)) {
        int64_t number;
        if (!document_as_int(&element, low, high, &number))
            continue;
        if (memchr(out, (int)number, (size_t)count))
            document_fault(&element, "%d stands there twice", (int)number);
        else
            out[count++] = (uint8_t)number;
    }
    return count;
}

void config_read_movements(const struct document_node *object, const char *key, uint8_t *out)
{
    struct document_node list, element = {0};
    uint8_t mask = 0;
    if (!document_array(object, key, REQUIRED, &list))
        return;
    while (document_next(&list, &element)) {
        char word[16];
        if (!document_as_text(&element, word, sizeof word))
            continue;
        int i = 0;
        while (i < MOVEMENTS && strcmp(word, movement_words[i]) != 0)
            i++;
        if (i == MOVEMENTS)
            document_fault(&element, "\"%s\" is not left, through, right, u-turn or cross", word);
        else if (mask & 1 << i)
            document_fault(&element, "\"%s\" stands there twice", word);
        else
            mask |= (uint8_t)(1 << i);
    }
    *out = mask;
}

static void read_register(const struct document_node *map, const char *key, uint16_t *out, bool *sound)
{
    int64_t number;
    if (document_int(map, key, REQUIRED, 0, UINT16_MAX, &number))
        *out = (uint16_t)number;
    else
        *sound = false;
}

/* The fields a cabinet may do without: each is wired if its register is given. */
static void read_options(const struct document_node *node, struct cabinet_map *map, bool *sound)
{
    const struct {
        const char *key;
        enum cabinet_option option;
        uint16_t *out;
    } registers[] = {
        {"vehicle_fault", MAP_VEHICLE_FAULT, &map->vehicle_fault},
        {"preempt", MAP_PREEMPT, &map->preempt},
        {"priority", MAP_PRIORITY, &map->priority},
        {"alarm", MAP_ALARM, &map->alarm},
        {"interconnect", MAP_INTERCONNECT, &map->interconnect},
        {"countdown", MAP_COUNTDOWN, &map->countdown},
    };
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++) {
        if (!document_has(node, registers[i].key))
            continue;
        map->options |= (uint8_t)registers[i].option;
        read_register(node, registers[i].key, registers[i].out, sound);
    }
}

static void read_count(const struct document_node *map, const char *key, int low, int high, uint16_t *out,
                       bool *sound)
{
    int64_t number;
    if (document_int(map, key, REQUIRED, low, high, &number))
        *out = (uint16_t)number;
    else
        *sound = false;
}

static void read_map(struct config_reader *reader, const struct document_node *cabinet)
{
    struct cabinet_map *map = &reader->config->cabinet.map;
    struct document_node node;
    if (!document_object(cabinet, "map", REQUIRED, &node))
        return;
    bool sound = true;
    read_count(&node, "channels", 1, CHANNELS_MAX, &map->channels, &sound);
    read_count(&node, "vehicles", 0, VEHICLE_DETECTORS_MAX, &map->vehicles, &sound);
    read_count(&node, "pedestrians", 0, PEDESTRIAN_DETECTORS_MAX, &map->pedestrians, &sound);
    reader->map_sound = sound;
    const struct {
        const char *key;
        uint16_t *out;
    } registers[] = {
        {"heartbeat", &map->heartbeat},
        {"control", &map->control},
        {"red", &map->red},
        {"yellow", &map->yellow},
        {"green", &map->green},
        {"status", &map->status},
        {"inputs", &map->inputs},
        {"heartbeat_echo", &map->heartbeat_echo},
        {"lit_red", &map->lit_red},
        {"lit_yellow", &map->lit_yellow},
        {"lit_green", &map->lit_green},
        {"vehicle", &map->vehicle},
        {"pedestrian", &map->pedestrian},
    };
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
        read_register(&node, registers[i].key, registers[i].out, &sound);
    read_options(&node, map, &sound);
    char why[160];
    if (sound && cabinet_map_check(map, why, sizeof why) < 0)
        document_fault(&node, "%s", why);
    document_finish(&node);
}

/* ---- lamp groups ---- */

static void read_group_flash(const struct document_node *node, struct guard_card *card, int no)
{
    static const char *const words[] = {"dark", "yellow", "red"};
    int flash = 0;
    if (!document_word(node, "flash", REQUIRED, words, 3, &flash) || no == 0)
        return;
    if (flash == 1 && channel_has(&card->pedestrian, no))
        document_fault_key(node, "flash", "a pedestrian lamp has no yellow");
    else if (flash == 1 && channel_has(&card->bar, no))
        document_fault_key(node, "flash", "a transit signal has no yellow");
    else if (flash == 1)
        channel_add(&card->flash_yellow, no);
    else if (flash == 2)
        channel_add(&card->flash_red, no);
}

static void check_group_movements(const struct document_node *node, const struct feed_group *group)
{
    bool crosses = group->movements & MOVE_CROSS;
    bool drives = group->movements & ~MOVE_CROSS;
    if (group->kind == GROUP_PEDESTRIAN && drives)
        document_fault_key(node, "movements", "a pedestrian lamp only lets people cross");
    else if (group->kind != GROUP_PEDESTRIAN && crosses)
        document_fault_key(node, "movements", "\"cross\" is for pedestrian lamps");
}

/* Reads one lamp group. Its number comes back, 0 if it could not be read. */
static int read_group(struct config_reader *reader, const struct document_node *node,
                      struct feed_group *group)
{
    struct guard_card *card = &reader->config->card;
    int64_t number = 0;
    if (document_int(node, "no", REQUIRED, 1,
                     reader->map_sound ? reader->config->cabinet.map.channels : CHANNELS_MAX, &number))
        group->no = (uint8_t)number;
    if (group->no && channel_has(&card->used, group->no)) {
        document_fault_key(node, "no", "lamp group %d stands there twice", group->no);
        group->no = 0;
    }
    int kind = GROUP_ROUND;
    bool has_kind = document_word(node, "kind", REQUIRED, group_kind_words, GROUP_KINDS, &kind);
    group->kind = (enum group_kind)kind;
    bool overlap = document_has(node, "overlap");
    if (reader->staged && (overlap || document_has(node, "phase")))
        document_fault_key(node, overlap ? "overlap" : "phase",
                           "the stages say when the lamp group is green");
    if (overlap && document_int(node, "overlap", REQUIRED, 1, OVERLAPS_MAX, &number))
        group->overlap_no = (uint8_t)number;
    if (overlap && document_has(node, "phase"))
        document_fault_key(node, "overlap", "a lamp group shows a phase or an overlap, not both");
    if (!overlap && document_int(node, "phase", reader->staged ? OPTIONAL : REQUIRED, 1, PHASES_MAX, &number))
        group->phase_no = (uint8_t)number;
    document_text(node, "name", REQUIRED, group->name, sizeof group->name);
    document_text(node, "approach", REQUIRED, group->approach, sizeof group->approach);
    config_read_movements(node, "movements", &group->movements);
    if (has_kind)
        check_group_movements(node, group);
    group->lane_count =
        (uint8_t)config_read_numbers(node, "lanes", OPTIONAL, 1, LANES_MAX, group->lane, GROUP_LANES_MAX);
    document_bool(node, "dark_ok", OPTIONAL, &group->dark_ok);
    document_bool(node, "countdown_pulse", OPTIONAL, &group->pulsed);
    bool red_yellow = false;
    document_bool(node, "red_yellow", OPTIONAL, &red_yellow);
    if (red_yellow && has_kind && (kind == GROUP_PEDESTRIAN || kind == GROUP_TRANSIT))
        document_fault_key(node, "red_yellow", "the lamp group has no yellow");
    if (document_int(node, "margin_ms", OPTIONAL, 0, 10000, &number))
        group->margin_ms = (uint16_t)number;
    if (group->no) {
        channel_add(&card->used, group->no);
        if (kind == GROUP_PEDESTRIAN)
            channel_add(&card->pedestrian, group->no);
        if (kind == GROUP_TRANSIT)
            channel_add(&card->bar, group->no);
        if (red_yellow)
            channel_add(&card->red_yellow, group->no);
        if (group->dark_ok)
            channel_add(&card->dark_ok, group->no);
    }
    read_group_flash(node, card, group->no);
    document_finish(node);
    return group->no && has_kind ? group->no : 0;
}

static void read_groups(struct config_reader *reader, const struct document_node *cabinet)
{
    struct feed_config *feed = &reader->config->feed;
    struct document_node list, node = {0};
    if (!document_array(cabinet, "groups", REQUIRED, &list))
        return;
    reader->groups_sound = true;
    if (document_count(&list) == 0 || document_count(&list) > CHANNELS_MAX) {
        document_fault(&list, "%d lamp groups, 1 to %d are possible", document_count(&list), CHANNELS_MAX);
        reader->groups_sound = false;
        return;
    }
    while (document_next(&list, &node)) {
        struct feed_group group = {0};
        if (document_as_object(&node) && read_group(reader, &node, &group))
            feed->group[feed->group_count++] = group;
        else
            reader->groups_sound = false;
    }
}

/* ---- the card ---- */

/* A channel the card speaks of has to be a lamp group. */
static bool known_channel(const struct config_reader *reader, const struct document_node *node, int64_t no)
{
    if (channel_has(&reader->config->card.used, (int)no))
        return true;
    if (reader->groups_sound)
        document_fault(node, "there is no lamp group %d", (int)no);
    return false;
}

static bool read_pair(struct config_reader *reader, const struct document_node *pair)
{
    struct guard_card *card = &reader->config->card;
    int64_t no[2] = {0, 0};
    if (!document_as_array(pair))
        return false;
    if (document_count(pair) != 2) {
        document_fault(pair, "a pair has two channels, not %d", document_count(pair));
        return false;
    }
    struct document_node element = {0};
    bool sound = true;
    for (int i = 0; document_next(pair, &element); i++)
        sound &= document_as_int(&element, 1, CHANNELS_MAX, &no[i]) && known_channel(reader, &element, no[i]);
    if (!sound)
        return false;
    if (no[0] == no[1] || channel_has(&card->permissive[no[0] - 1], (int)no[1])) {
        document_fault(
            pair, no[0] == no[1] ? "channel %d is paired with itself" : "channel %d and %d are paired twice",
            (int)no[0], (int)no[1]);
        return false;
    }
    channel_add(&card->permissive[no[0] - 1], (int)no[1]);
    channel_add(&card->permissive[no[1] - 1], (int)no[0]);
    return true;
}

/* A card that cannot be read whole is never put in force. Until all faults are told it keeps nothing
 * apart, so that the rules between card and plan blame nobody for what could not be read. */
static void let_all_run(struct guard_card *card)
{
    for (int no = 1; no <= CHANNELS_MAX; no++)
        card->permissive[no - 1] = card->used;
}

static bool read_permissive(struct config_reader *reader, const struct document_node *card)
{
    struct document_node list, pair = {0};
    bool given = document_array(card, "permissive", REQUIRED, &list), sound = given;
    while (given && document_next(&list, &pair))
        sound &= read_pair(reader, &pair);
    return sound;
}

static bool read_floor(const struct document_node *node, const char *key, enum document_need need, int low,
                       int64_t *out)
{
    if (!document_int(node, key, need, low, FLOOR_MOST_MS, out))
        return need == OPTIONAL && !document_has(node, key);
    if (*out % TICK_MS == 0)
        return true;
    document_fault_key(node, key, "%d is not a multiple of %d", (int)*out, TICK_MS);
    return false;
}

static bool has_yellow(const struct guard_card *card, int channel_no)
{
    return !channel_has(&card->pedestrian, channel_no) && !channel_has(&card->bar, channel_no);
}

static bool read_floors_row(struct config_reader *reader, const struct document_node *node,
                            struct channel_mask *told)
{
    struct guard_card *card = &reader->config->card;
    uint8_t channel[CHANNELS_MAX];
    int count = config_read_numbers(node, "channels", REQUIRED, 1, CHANNELS_MAX, channel, CHANNELS_MAX);
    bool vehicles = false;
    for (int i = 0; i < count; i++)
        vehicles |= has_yellow(card, channel[i]);
    int64_t yellow_ms = 0, red_ms = 0;
    bool sound = read_floor(node, "yellow_ms", vehicles ? REQUIRED : OPTIONAL,
                            vehicles ? YELLOW_FLOOR_LEAST_MS : 0, &yellow_ms);
    sound &= read_floor(node, "red_clear_ms", REQUIRED, 0, &red_ms);
    for (int i = 0; i < count; i++) {
        if (!known_channel(reader, node, channel[i]))
            continue;
        if (channel_has(told, channel[i]))
            document_fault_key(node, "channels", "channel %d has its floors already", channel[i]);
        channel_add(told, channel[i]);
        if (!sound)
            continue;
        card->yellow_floor_ms[channel[i] - 1] = has_yellow(card, channel[i]) ? (uint16_t)yellow_ms : 0;
        card->red_floor_ms[channel[i] - 1] = (uint16_t)red_ms;
    }
    document_finish(node);
    return sound && count == 0 ? false : sound;
}

static void read_floors(struct config_reader *reader, const struct document_node *card)
{
    struct document_node list, node = {0};
    struct channel_mask told = {{0}};
    if (!document_array(card, "floors", REQUIRED, &list))
        return;
    bool sound = true;
    while (document_next(&list, &node))
        sound &= document_as_object(&node) && read_floors_row(reader, &node, &told);
    for (int no = 1; sound && no <= CHANNELS_MAX; no++) {
        if (channel_has(&reader->config->card.used, no) && !channel_has(&told, no))
            document_fault(&list, "lamp group %d has no floors", no);
    }
}

static void read_intergreen(struct config_reader *reader, const struct document_node *card)
{
    struct document_node list, node = {0};
    if (!document_array(card, "intergreen", OPTIONAL, &list))
        return;
    while (document_next(&list, &node)) {
        int64_t from = 0, to = 0, ms = 0;
        if (!document_as_object(&node))
            continue;
        bool sound = document_int(&node, "from", REQUIRED, 1, CHANNELS_MAX, &from) &&
                     known_channel(reader, &node, from);
        sound &=
            document_int(&node, "to", REQUIRED, 1, CHANNELS_MAX, &to) && known_channel(reader, &node, to);
        sound &= read_floor(&node, "ms", REQUIRED, 0, &ms);
        if (sound && (from == to || channel_has(&reader->config->card.permissive[from - 1], (int)to)))
            document_fault(&node, "channels %d and %d do not conflict", (int)from, (int)to);
        else if (sound)
            reader->config->card.intergreen_ds[from - 1][to - 1] = (uint8_t)(ms / TICK_MS);
        document_finish(&node);
    }
}

/* Whether the arrow may yield to that channel: a stranger, or one that it conflicts with. */
static bool may_yield_to(const struct config_reader *reader, const struct document_node *node, int arrow_no,
                         int other_no)
{
    if (!known_channel(reader, node, other_no))
        return false;
    if (arrow_no != other_no && !channel_has(&reader->config->card.permissive[arrow_no - 1], other_no))
        return true;
    document_fault_key(node, "yields_to", "channels %d and %d do not conflict", arrow_no, other_no);
    return false;
}

static void read_arrow(struct config_reader *reader, const struct document_node *node)
{
    struct guard_card *card = &reader->config->card;
    uint8_t other[CHANNELS_MAX];
    int64_t no = 0;
    bool sound =
        document_int(node, "channel", REQUIRED, 1, CHANNELS_MAX, &no) && known_channel(reader, node, no);
    int count = config_read_numbers(node, "yields_to", REQUIRED, 1, CHANNELS_MAX, other, CHANNELS_MAX);
    if (sound && !has_yellow(card, (int)no)) {
        document_fault_key(node, "channel", "lamp group %d has no yellow to flash", (int)no);
        sound = false;
    }
    if (sound && channel_has(&card->arrow, (int)no)) {
        document_fault_key(node, "channel", "the arrow of channel %d stands there twice", (int)no);
        sound = false;
    }
    for (int i = 0; sound && i < count; i++) {
        if (!may_yield_to(reader, node, (int)no, other[i]))
            continue;
        channel_add(&card->yields[no - 1], other[i]);
        channel_add(&card->yields[other[i] - 1], (int)no);
    }
    if (sound)
        channel_add(&card->arrow, (int)no);
    document_finish(node);
}

static void read_arrows(struct config_reader *reader, const struct document_node *card)
{
    struct document_node list, node = {0};
    if (!document_array(card, "arrows", OPTIONAL, &list))
        return;
    while (document_next(&list, &node)) {
        if (document_as_object(&node))
            read_arrow(reader, &node);
    }
}

static void read_card(struct config_reader *reader, const struct document_node *cabinet)
{
    struct document_node card;
    if (!document_object(cabinet, "card", REQUIRED, &card))
        return;
    reader->card_read = true;
    bool sound = read_permissive(reader, &card);
    read_floors(reader, &card);
    read_intergreen(reader, &card);
    read_arrows(reader, &card);
    if (!sound)
        let_all_run(&reader->config->card);
    document_finish(&card);
}

/* ---- the section ---- */

static void read_connection(struct cabinet_config *cabinet, const struct document_node *node)
{
    struct address address;
    if (config_read_address(node, "modbus", REQUIRED, CONFIG_TCP, &address, NULL)) {
        config_address_host(&address, cabinet->host, sizeof cabinet->host);
        cabinet->port = address_port(&address);
    }
    int64_t unit = 1, response_ms = RESPONSE_DEFAULT_MS, heartbeat_ms = HEARTBEAT_DEFAULT_MS;
    document_int(node, "unit", OPTIONAL, 1, 247, &unit);
    document_int(node, "response_ms", OPTIONAL, 10, TICK_MS, &response_ms);
    document_int(node, "heartbeat_ms", OPTIONAL, 300, 10000, &heartbeat_ms);
    cabinet->unit = (uint8_t)unit;
    cabinet->response_ms = (uint16_t)response_ms;
    cabinet->heartbeat_ms = (uint16_t)heartbeat_ms;
}

void config_read_cabinet(struct config_reader *reader, const struct document_node *root)
{
    struct document_node cabinet;
    if (!document_object(root, "cabinet", REQUIRED, &cabinet))
        return;
    reader->config->has_cabinet = true;
    read_connection(&reader->config->cabinet, &cabinet);
    read_map(reader, &cabinet);
    read_groups(reader, &cabinet);
    read_card(reader, &cabinet);
    document_finish(&cabinet);
}
