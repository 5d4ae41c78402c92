/* What the config file says about the cabinet's field I/O and the signal-state feed. Plain data,
 * filled by the config loader, read by io and by the simulator's cabinet. */
#ifndef IO_CONFIG_H
#define IO_CONFIG_H

#include "../phases/types.h"

enum {
    ADDRESS_TEXT = 96,
    NAME_TEXT = 96,
    FEED_KEYS_MAX = 8,
    FEED_DESTINATIONS_MAX = 16,
    FEED_LISTEN_MAX = 4,
    GROUP_LANES_MAX = 8,
    MQTT_TOPIC_TEXT = 256,
    MQTT_PATH_TEXT = 256,
    LAMP_DETECTORS_MAX = 8,
    LAMP_CHANNELS_MAX = 32,
};

/* Bits of cabinet_map.options: fields that a cabinet may do without. */
enum cabinet_option {
    MAP_VEHICLE_FAULT = 1 << 0,
    MAP_PREEMPT = 1 << 1,
    MAP_PRIORITY = 1 << 2,
    MAP_ALARM = 1 << 3,
    MAP_INTERCONNECT = 1 << 4,
    MAP_COUNTDOWN = 1 << 5,
};

/* The register map: first register of each field, all in the holding-register space, so that one
 * transaction (function 23) writes the outputs and reads the inputs. A field of n bits takes
 * ceil(n / 16) registers, bit 0 of the first register is number 1. The written fields must lie
 * within 121 consecutive registers, the read ones within 125; gaps are written as 0. */
struct cabinet_map {
    uint16_t channels; /* lamp groups wired, 1..CHANNELS_MAX */
    uint16_t vehicles; /* vehicle detectors wired */
    uint16_t pedestrians;
    /* written */
    uint16_t heartbeat; /* counts up by one (mod 65536) with every healthy frame */
    uint16_t control;   /* bit 0: the controller is healthy (CVM); 1: lamps dimmed */
    uint16_t red, yellow, green;
    /* read */
    uint16_t status; /* enum cabinet_status */
    uint16_t inputs; /* enum cabinet_input */
    uint16_t heartbeat_echo;
    uint16_t lit_red, lit_yellow, lit_green;
    uint16_t vehicle, pedestrian;
    uint8_t options;        /* enum cabinet_option: which of the following are wired */
    uint16_t vehicle_fault; /* `vehicles` bits: the detector's own unit reports a fault */
    uint16_t preempt, priority, alarm;
    uint16_t interconnect; /* number of the pattern the hardwire interconnect asks for; 0 none */
    uint16_t countdown;    /* written: `channels` registers with seconds for the displays; 0 none */
};

struct cabinet_config {
    char host[ADDRESS_TEXT]; /* numeric address; libmodbus does not resolve names */
    uint16_t port;
    uint8_t unit;          /* Modbus unit identifier */
    uint16_t response_ms;  /* one transaction may take this long; default 80 */
    uint16_t heartbeat_ms; /* the cabinet flashes after this silence; default 1000 */
    struct cabinet_map map;
};

enum group_kind {
    GROUP_ROUND,
    GROUP_ARROW_LEFT,
    GROUP_ARROW_THROUGH,
    GROUP_ARROW_RIGHT,
    GROUP_U_TURN,
    GROUP_BICYCLE,
    GROUP_PEDESTRIAN,
    GROUP_TRANSIT, /* a bar signal: green goes straight to red */
    GROUP_KINDS,
};

/* Bits of feed_group.movements. */
enum movement {
    MOVE_LEFT = 1 << 0,
    MOVE_THROUGH = 1 << 1,
    MOVE_RIGHT = 1 << 2,
    MOVE_U_TURN = 1 << 3,
    MOVE_CROSS = 1 << 4, /* pedestrians */
    MOVEMENTS = 5,
};

/* The words for both, in the config file and in the feed alike; movement_words[i] is bit i. */
extern const char *const group_kind_words[GROUP_KINDS];
extern const char *const movement_words[MOVEMENTS];

/* One lamp group as the cameras know it. */
struct feed_group {
    uint8_t no; /* the channel number */
    enum group_kind kind;
    uint8_t phase_no;   /* 0: it shows an overlap */
    uint8_t overlap_no; /* 0: it shows a phase */
    char name[NAME_TEXT];
    char approach[16];
    uint8_t movements; /* enum movement */
    uint8_t lane_count;
    uint8_t lane[GROUP_LANES_MAX];
    bool dark_ok;
    bool pulsed;              /* the cabinet gives countdown pulses on it by itself */
    bool arrow;               /* its flashing arrow, red or yellow, is a right of way that yields */
    uint16_t margin_ms;       /* red is not enforceable before this age; default 0 */
    uint16_t yellow_floor_ms; /* a yellow shorter than this is not a full one */
};

struct feed_key {
    char id[33];
    uint8_t secret[64];
    uint8_t secret_length;
    int64_t from_us, until_us; /* UTC between which it signs; 0: without that bound */
};

/* Where the state is published over MQTT (docs/mqtt.md). */
struct mqtt_config {
    bool present;
    char broker[ADDRESS_TEXT]; /* tcp:10.0.0.1:1883 */
    char client[NAME_TEXT];    /* how we name ourselves to the broker */
    char topic[MQTT_TOPIC_TEXT];
    char user[NAME_TEXT], password[NAME_TEXT]; /* empty: none */
    char ca[MQTT_PATH_TEXT];                   /* certificates we trust; empty: no TLS */
    char cert[MQTT_PATH_TEXT], key[MQTT_PATH_TEXT];
    uint8_t qos;           /* 0 or 1 */
    uint8_t version;       /* of the protocol: 5, or 3 for 3.1.1 */
    uint16_t region, node; /* the junction in the platform's map */
};

/* How a red-lamp detector is spoken to (docs/lamp-detector.md). */
enum lamp_form {
    LAMP_MODBUS, /* registers, over TCP or a serial line */
    LAMP_POLL,   /* frames on a serial line, each an answer */
    LAMP_UPLOAD, /* the same frames, unasked */
    LAMP_FORMS,
};

enum lamp_channel_color { CHANNEL_RED, CHANNEL_YELLOW, CHANNEL_GREEN, CHANNEL_COLORS };

/* What one channel of a detector watches. */
struct lamp_channel {
    uint8_t group_no; /* 0: nothing, and it is always off */
    enum lamp_channel_color color;
};

struct lamp_detector_config {
    enum lamp_form form;
    char listen[ADDRESS_TEXT]; /* tcp:127.0.0.1:1503; empty: on a serial line */
    char serial[ADDRESS_TEXT]; /* /dev/ttyS1 */
    uint32_t baud;
    bool even_parity;
    uint8_t unit;                                   /* its address, 1..247 */
    uint8_t layout_ix;                              /* of its frames, into lamp_layouts */
    uint16_t period_ms;                             /* between uploads */
    uint16_t lead_ms;                               /* a red that may end so soon reads off already */
    uint8_t channel_count;                          /* 16 or 32 */
    struct lamp_channel channel[LAMP_CHANNELS_MAX]; /* number less one */
};

struct feed_config {
    char controller[NAME_TEXT]; /* site id */
    uint8_t listen_count;
    char listen[FEED_LISTEN_MAX][ADDRESS_TEXT]; /* tcp:127.0.0.1:7070 */
    uint8_t destination_count;
    char destination[FEED_DESTINATIONS_MAX][ADDRESS_TEXT]; /* udp:239.1.2.3:7071, udp6:[ff05::1]:7071 */
    char multicast_interface[16]; /* on which multicast leaves; empty: as the routing table has it */
    uint8_t key_count;
    struct feed_key key[FEED_KEYS_MAX];
    uint8_t group_count;
    struct feed_group group[CHANNELS_MAX];
    bool clock_required; /* an unsynchronised clock is a reason not to use the state */
    struct mqtt_config mqtt;
    uint8_t detector_count;
    struct lamp_detector_config detector[LAMP_DETECTORS_MAX];
};

#endif
