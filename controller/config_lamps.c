#include "../io/lamp_frame.h"
#include "../io/serial_port.h"
#include "config_read.h"
#include <string.h>

enum {
    BAUD_DEFAULT = 9600,
    UNIT_MAX = 247,
    PERIOD_DEFAULT_MS = 100,
    PERIOD_LEAST_MS = 20,
    PERIOD_MAX_MS = 500,
    LEAD_MAX_MS = 2000,
    SIZE_SMALL = 16,
};

static void read_channel(const struct document_node *node, const struct config_reader *reader,
                         struct lamp_detector_config *detector)
{
    static const char *const color_words[CHANNEL_COLORS] = {
        [CHANNEL_RED] = "red", [CHANNEL_YELLOW] = "yellow", [CHANNEL_GREEN] = "green"};
    int64_t no = 0, group_no = 0;
    int color = CHANNEL_RED;
    document_int(node, "channel", REQUIRED, 1, detector->channel_count, &no);
    document_int(node, "group", REQUIRED, 1, CHANNELS_MAX, &group_no);
    document_word(node, "color", OPTIONAL, color_words, CHANNEL_COLORS, &color);
    if (group_no != 0 && reader->groups_sound && !config_group(reader->config, (int)group_no))
        document_fault_key(node, "group", "there is no lamp group %d", (int)group_no);
    if (no != 0) {
        struct lamp_channel *channel = &detector->channel[no - 1];
        if (channel->group_no != 0)
            document_fault_key(node, "channel", "channel %d stands there twice", (int)no);
        channel->group_no = (uint8_t)group_no;
        channel->color = (enum lamp_channel_color)color;
    }
    document_finish(node);
}

/* Without a list channel n watches the red of lamp group n. */
static void read_channels(const struct document_node *node, const struct config_reader *reader,
                          struct lamp_detector_config *detector)
{
    struct document_node list, element = {0};
    if (!document_has(node, "channels")) {
        for (int no = 1; no <= detector->channel_count; no++) {
            if (config_group(reader->config, no))
                detector->channel[no - 1].group_no = (uint8_t)no;
        }
        return;
    }
    if (!document_array(node, "channels", OPTIONAL, &list))
        return;
    while (document_next(&list, &element)) {
        if (document_as_object(&element))
            read_channel(&element, reader, detector);
    }
}

/* Nobody signs these forms: beyond this machine they go only where somebody says that he knows it. */
static void read_port(const struct document_node *node, struct lamp_detector_config *detector)
{
    struct address address;
    bool known_unsigned = false;
    document_bool(node, "unsigned", OPTIONAL, &known_unsigned);
    if (config_read_address(node, "listen", REQUIRED, CONFIG_TCP, &address, detector->listen) &&
        !address_is_loopback(&address) && !known_unsigned)
        document_fault_key(node, "listen",
                           "this form is not signed: beyond this machine it needs \"unsigned\": true");
}

static void read_line(const struct document_node *node, struct lamp_detector_config *detector)
{
    static const char *const parity_words[] = {"none", "even"};
    int64_t baud = BAUD_DEFAULT;
    int parity = 0;
    if (document_text(node, "serial", REQUIRED, detector->serial, sizeof detector->serial) &&
        detector->serial[0] != '/')
        document_fault_key(node, "serial", "\"%s\" is not a device such as /dev/ttyS1", detector->serial);
    if (document_int(node, "baud", OPTIONAL, 1, INT32_MAX, &baud) && !serial_port_has_baud(baud))
        document_fault_key(node, "baud", "%d is none of 2400, 4800, 9600, 19200, 38400, 57600 and 115200",
                           (int)baud);
    document_word(node, "parity", OPTIONAL, parity_words, 2, &parity);
    detector->baud = (uint32_t)baud;
    detector->even_parity = parity == 1;
}

static void read_form(const struct document_node *node, struct lamp_detector_config *detector)
{
    static const char *const form_words[LAMP_FORMS] = {
        [LAMP_MODBUS] = "modbus", [LAMP_POLL] = "poll", [LAMP_UPLOAD] = "upload"};
    const char *layout_words[LAMP_LAYOUTS];
    int form = LAMP_MODBUS, layout = 0;
    int64_t period_ms = PERIOD_DEFAULT_MS;
    if (!document_word(node, "form", REQUIRED, form_words, LAMP_FORMS, &form))
        form = document_has(node, "serial") ? LAMP_POLL : LAMP_MODBUS;
    detector->form = (enum lamp_form)form;
    if (form == LAMP_MODBUS && !document_has(node, "serial")) {
        read_port(node, detector);
    } else {
        char listen[ADDRESS_TEXT];
        if (document_text(node, "listen", OPTIONAL, listen, sizeof listen))
            document_fault_key(node, "listen",
                               "a detector is on a port or on a line, and only \"modbus\" can be on a port");
        read_line(node, detector);
    }
    for (int i = 0; i < LAMP_LAYOUTS; i++)
        layout_words[i] = lamp_layouts[i].word;
    if (form != LAMP_MODBUS)
        document_word(node, "layout", OPTIONAL, layout_words, LAMP_LAYOUTS, &layout);
    if (form == LAMP_UPLOAD)
        document_int(node, "period_ms", OPTIONAL, PERIOD_LEAST_MS, PERIOD_MAX_MS, &period_ms);
    detector->layout_ix = (uint8_t)layout;
    detector->period_ms = (uint16_t)period_ms;
}

static void read_detector(const struct document_node *node, const struct config_reader *reader,
                          struct lamp_detector_config *detector)
{
    int64_t unit = 1, lead_ms = 0, size = SIZE_SMALL;
    read_form(node, detector);
    document_int(node, "unit", OPTIONAL, 1, UNIT_MAX, &unit);
    document_int(node, "lead_ms", OPTIONAL, 0, LEAD_MAX_MS, &lead_ms);
    if (document_int(node, "size", OPTIONAL, 1, LAMP_CHANNELS_MAX, &size) && size != SIZE_SMALL &&
        size != LAMP_CHANNELS_MAX)
        document_fault_key(node, "size", "%d is neither %d nor %d", (int)size, SIZE_SMALL, LAMP_CHANNELS_MAX);
    detector->unit = (uint8_t)unit;
    detector->lead_ms = (uint16_t)lead_ms;
    detector->channel_count = (uint8_t)size;
    read_channels(node, reader, detector);
    document_finish(node);
}

/* Two on one line would both answer; two on one port cannot be. */
static void check_alone(const struct document_node *node, const struct feed_config *feed)
{
    const struct lamp_detector_config *newest = &feed->detector[feed->detector_count];
    for (int i = 0; newest->serial[0] && i < feed->detector_count; i++) {
        if (strcmp(feed->detector[i].serial, newest->serial) == 0)
            document_fault_key(node, "serial", "%s has a detector already", newest->serial);
    }
}

void config_read_detectors(struct config_reader *reader, const struct document_node *feed_node)
{
    struct feed_config *feed = &reader->config->feed;
    struct document_node list, element = {0};
    if (!document_array(feed_node, "detectors", OPTIONAL, &list))
        return;
    if (document_count(&list) > LAMP_DETECTORS_MAX) {
        document_fault(&list, "%d entries, at most %d are possible", document_count(&list),
                       LAMP_DETECTORS_MAX);
        return;
    }
    while (document_next(&list, &element)) {
        if (!document_as_object(&element))
            continue;
        read_detector(&element, reader, &feed->detector[feed->detector_count]);
        check_alone(&element, feed);
        feed->detector_count++;
    }
}
