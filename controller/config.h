/* The config file: one struct for everything in it. Loading reports every fault at once, each with
 * its line, key and reason; a config with a fault starts nothing. */
#ifndef CONTROLLER_CONFIG_H
#define CONTROLLER_CONFIG_H

#include "../io/address.h"
#include "../io/io_config.h"
#include "../ntcip/agent_config.h"
#include "../phases/database.h"
#include "../phases/guard.h"
#include <stdio.h>

enum {
    APPROACHES_MAX = 8,
    LANES_MAX = 8, /* of one approach */
    LANE_DETECTORS_MAX = 4,
    CAMERAS_MAX = 16,
};

struct site_config {
    char id[64];
    char name[NAME_TEXT]; /* in the site's language */
    char name_en[NAME_TEXT];
    char time_zone[64];    /* IANA name; informative */
    bool clock_trusted;    /* the schedule runs by the system clock though nothing disciplines it */
    struct address chrony; /* where chronyd is asked how well it keeps the clock */
    uint8_t road_count;
    char road[4][NAME_TEXT];
};

enum lane_detector_kind { LANE_STOP_BAR, LANE_ADVANCE };

struct lane_detector {
    uint8_t detector_no;
    enum lane_detector_kind kind;
    double distance_m; /* from the stop line to its downstream edge */
    double length_m;
};

/* One approaching lane. Which lamp it obeys: group_no per movement (0: this movement is not
 * allowed from here); a right turn with group 0 in right_group_no but MOVE_RIGHT in movements may
 * turn on any red after yielding (round red; Chinese and American rule). */
struct lane_config {
    uint8_t no;        /* counted over the whole approach from the centre line out, from 1 */
    uint8_t movements; /* enum movement */
    uint8_t left_group_no, through_group_no, right_group_no;
    double length_m;
    uint8_t detector_count;
    struct lane_detector detector[LANE_DETECTORS_MAX];
};

struct crosswalk_config {
    bool present;
    uint8_t group_no;    /* pedestrian lamp group */
    uint8_t detector_no; /* its button, 0 none */
    double length_m;
};

/* How often the simulated drivers do this on an approach, in times an hour at medium demand. */
struct offence_rates {
    double wrong_way;   /* drive against its kerb lane */
    double parking;     /* stand at its kerb for many minutes */
    double short_stops; /* stand there for less than one and a half */
};

struct approach_config {
    char id[16]; /* N, E, S, W */
    char name[NAME_TEXT];
    char name_en[NAME_TEXT];
    double bearing_deg; /* where the traffic comes from: 0 north, 90 east */
    double speed_limit_kmh;
    double share;                                  /* of the junction's demand */
    double left_share, through_share, right_share; /* of this approach's vehicles; sum 1 */
    uint8_t lane_count;
    struct lane_config lane[LANES_MAX];
    struct crosswalk_config crosswalk; /* across this approach */
    struct offence_rates offences;
};

enum camera_kind { CAMERA_RED_LIGHT, CAMERA_WRONG_WAY, CAMERA_PARKING, CAMERA_KINDS };

struct camera_config {
    char id[32];
    enum camera_kind kind;
    char approach[16];
    uint8_t lane_count;
    uint8_t lane[LANES_MAX];
    /* Wrong way and parking: the stretch it watches, before the stop line. */
    double from_m, to_m;
    uint16_t dwell_s; /* parking: who stands there so long is parked */
};

enum { BROADCAST_RECEIVERS_MAX = 16 };

/* The broadcast message of signal phase and timing (docs/spat.md). */
struct tscbm_config {
    uint8_t enabled;      /* what tscbmEnable begins with */
    uint16_t port;        /* of those who ask over SNMP */
    uint32_t requester_s; /* how long such a request holds; 0: until it is switched off */
    uint8_t receiver_count;
    struct address receiver[BROADCAST_RECEIVERS_MAX];
    uint8_t camera_count;
    struct address camera[BROADCAST_RECEIVERS_MAX];
};

/* How much of the past is kept in the journal. */
struct history_config {
    uint16_t journal_days; /* 0: there is none */
    uint32_t journal_mb;   /* millions of octets */
};

struct config {
    struct site_config site;
    uint8_t approach_count;
    struct approach_config approach[APPROACHES_MAX];
    uint8_t camera_count;
    struct camera_config camera[CAMERAS_MAX];
    bool has_cabinet; /* the section stands in the file */
    struct cabinet_config cabinet;
    struct guard_card card;
    struct snmp_config snmp;
    struct stmp_config stmp;
    bool has_feed;
    struct feed_config feed;
    struct tscbm_config tscbm;
    char http_listen[ADDRESS_TEXT]; /* empty: none */
    struct history_config history;
    struct database db;
    uint8_t asc_digest[32]; /* SHA-256 of the asc section, white space apart */
};

/* Receives one fault: a complete line "FILE:LINE: KEY: REASON". */
typedef void config_fault(void *arg, const char *line);

enum config_scope {
    CONFIG_WHOLE,    /* everything a controller on the street needs */
    CONFIG_ASC_ONLY, /* lock-step: only the asc section is read */
};

/* Reads `path` into `config`, checks each value, the rules between objects, and (whole scope) the
 * cabinet's card against the plan. Returns 0, 1 after reporting faults, or 2 if the file cannot be
 * read at all (reported too). Blocks on the file. */
int config_load(struct config *config, const char *path, enum config_scope scope, config_fault *report,
                void *arg);

/* Lock-step's card: the channels of the database, conflicts from phase concurrency, the only floor
 * 3.0 s of yellow. */
void config_card_from_database(struct guard_card *card, const struct database *db);

#endif
