/* Notifications with acknowledgement: when they are sent, sent again, given up, gathered, held back, lost. */
#include "../../ntcip/trap.h"
#include "harness.h"
#include <string.h>

enum { SENT_MAX = 64 };

static struct notify_rows rows;
static struct trap_station station;
static int64_t now_ms;
static enum trap_error way_out;

static struct {
    int count;
    enum trap_kind kind[SENT_MAX];
    int manager_no[SENT_MAX];
    uint16_t sequence[SENT_MAX];
    int64_t at_ms[SENT_MAX];
    uint16_t length;
    uint8_t data[TRAP_DATA_MAX];
} sent;

static enum trap_error keep(void *arg, const struct trap_message *message)
{
    (void)arg;
    if (sent.count < SENT_MAX) {
        sent.kind[sent.count] = message->kind;
        sent.manager_no[sent.count] = message->manager_no;
        sent.sequence[sent.count] = message->sequence;
        sent.at_ms[sent.count] = now_ms;
    }
    sent.count++;
    sent.length = (uint16_t)message->length;
    if (message->data)
        memcpy(sent.data, message->data, message->length);
    return way_out;
}

static void step(void)
{
    trap_step(&station, &rows.trap, now_ms, keep, NULL);
}

static void run_until(int64_t until_ms)
{
    for (; now_ms < until_ms; now_ms += 100)
        step();
}

/* Manager 1 wants events 1 and 2, acknowledged, three repeats 10, 15 and 20 s apart. */
static void fresh(void)
{
    memset(&rows, 0, sizeof rows);
    memset(&sent, 0, sizeof sent);
    now_ms = 1000000;
    way_out = TRAP_OK;
    rows.trap.control = TRAP_ENABLE;
    rows.trap.manager[0] = (struct trap_manager_row){.status = ROW_AVAILABLE,
                                                     .name_no = 1,
                                                     .credentials_no = 2,
                                                     .protocol = TRAP_SNMP_V2C,
                                                     .retries = 3,
                                                     .queue_depth = 4,
                                                     .port = 162,
                                                     .repeat_s = 10,
                                                     .delta_s = 5};
    for (int ix = 0; ix < 2; ix++)
        rows.trap.event[ix][0] = (struct trap_event_row){.enable = TRAP_ENABLE, .mode = TRAP_ACKNOWLEDGED};
    rows.logical_name[0] = (struct logical_name_row){.address = {192, 0, 2, 7}, .status = ROW_AVAILABLE};
    rows.community[1].name = (struct community_name){.length = 6, .octet = "tester"};
    trap_init(&station);
    step(); /* coldStart is told apart */
    memset(&sent, 0, sizeof sent);
}

static const uint8_t logged[] = {0x02, 0x01, 0x2a};

static void happen(uint16_t config_no)
{
    const struct trap_event event = {.config_no = config_no,
                                     .class_no = 3,
                                     .number = 9,
                                     .time_s = 0x01020304,
                                     .value = logged,
                                     .length = sizeof logged};
    trap_event(&station, &rows.trap, &event, now_ms);
}

static void nothing_configured_nothing_sent(void)
{
    memset(&rows, 0, sizeof rows);
    memset(&sent, 0, sizeof sent);
    trap_init(&station);
    happen(1);
    trap_authentication_failure(&station);
    run_until(now_ms + 5000);
    CHECK_INT(0, sent.count);
    CHECK_INT(0, station.counter[0][0]);
}

static void an_event_is_sent_at_once(void)
{
    fresh();
    happen(1);
    step();
    CHECK_INT(1, sent.count);
    CHECK_INT(TRAP_OF_EVENTS, sent.kind[0]);
    CHECK_INT(1, sent.manager_no[0]);
    CHECK_INT(1, sent.sequence[0]);
    static const uint8_t data[] = {1, 0, 1, 1, 1, 3, 9, 0, 1, 1, 2, 3, 4, 3, 0x02, 0x01, 0x2a};
    if (CHECK_INT(sizeof data, sent.length))
        CHECK_BYTES(data, sent.data, sizeof data);
    CHECK_INT(sizeof data, station.last_length);
    CHECK_INT(1, station.manager[0].sent);
    CHECK_INT(1, station.counter[0][0]);
    CHECK_INT(TRAP_LINK_UNKNOWN, station.manager[0].link);
}

static void repeats_come_later_and_later_and_end(void)
{
    fresh();
    int64_t start_ms = now_ms;
    happen(1);
    run_until(start_ms + 200000);
    if (CHECK_INT(4, sent.count)) {
        CHECK_INT(0, sent.at_ms[0] - start_ms);
        CHECK_INT(10000, sent.at_ms[1] - start_ms);
        CHECK_INT(25000, sent.at_ms[2] - start_ms);
        CHECK_INT(45000, sent.at_ms[3] - start_ms);
        CHECK_INT(1, sent.sequence[3]);
    }
    CHECK_INT(0, station.manager[0].count);
    CHECK_INT(1, station.manager[0].lost);
    CHECK_INT(TRAP_LINK_DOWN, station.manager[0].link);
    CHECK_INT(TRAP_UNACKNOWLEDGED, station.manager[0].error);
}

static void the_last_repeat_is_waited_for(void)
{
    fresh();
    happen(1);
    run_until(now_ms + 69900); /* the fourth went out at 45 s and has 25 s */
    CHECK_INT(1, station.manager[0].count);
    trap_acknowledge(&station, 1, 1);
    run_until(now_ms + 60000);
    CHECK_INT(0, station.manager[0].lost);
    CHECK_INT(TRAP_LINK_UP, station.manager[0].link);
}

static void an_acknowledged_trap_is_done_with(void)
{
    fresh();
    happen(1);
    step();
    happen(2);
    step();
    trap_acknowledge(&station, 1, 2);
    CHECK_INT(2, station.manager[0].acknowledged);
    CHECK_INT(1, station.manager[0].count);
    sent.count = 0;
    now_ms += 10000;
    step();
    CHECK_INT(1, sent.count); /* naming 2 said nothing of 1 */
    CHECK_INT(1, sent.sequence[0]);
    trap_acknowledge(&station, 1, 1);
    run_until(now_ms + 100000);
    CHECK_INT(1, sent.count);
    CHECK_INT(0, station.manager[0].lost);
    CHECK_INT(TRAP_LINK_UP, station.manager[0].link);
    CHECK_INT(TRAP_OK, station.manager[0].error);
}

static void an_acknowledgement_of_nothing_changes_nothing(void)
{
    fresh();
    happen(1);
    trap_acknowledge(&station, 1, 1); /* gathered, not yet sent */
    step();
    trap_acknowledge(&station, 1, 77);
    CHECK_INT(1, station.manager[0].count);
    CHECK_INT(TRAP_LINK_UNKNOWN, station.manager[0].link);
    trap_acknowledge(&station, 1, 1);
    trap_acknowledge(&station, 1, 1); /* the answer to the first SET was lost */
    CHECK_INT(0, station.manager[0].count);
    CHECK_INT(TRAP_LINK_UP, station.manager[0].link);
}

static void a_trap_sent_once_is_not_waited_for(void)
{
    fresh();
    rows.trap.event[0][0].mode = TRAP_ONCE;
    happen(1);
    run_until(now_ms + 100000);
    CHECK_INT(1, sent.count);
    CHECK_INT(0, station.manager[0].count);
    CHECK_INT(0, station.manager[0].lost);
    way_out = TRAP_NOT_SENT;
    happen(1);
    step();
    CHECK_INT(1, station.manager[0].lost);
    CHECK_INT(TRAP_NOT_SENT, station.manager[0].error);
}

static void a_full_queue_counts_what_it_loses(void)
{
    fresh();
    for (int n = 0; n < 7; n++) {
        happen(1);
        step();
    }
    CHECK_INT(4, station.manager[0].count);
    CHECK_INT(4, sent.count);
    CHECK_INT(3, station.manager[0].lost);
    CHECK_INT(TRAP_QUEUE_FULL, station.manager[0].error);
    CHECK_INT(7, station.counter[0][0]);
    trap_acknowledge(&station, 1, 2);
    happen(1);
    step();
    CHECK_INT(5, sent.sequence[4]); /* no number is spent on what nobody gets */
}

static void events_are_gathered(void)
{
    fresh();
    int64_t start_ms = now_ms;
    rows.trap.event[0][0].aggregation_ds = 20;
    rows.trap.event[1][0].aggregation_ds = 100;
    happen(2);
    run_until(start_ms + 1000);
    happen(1);
    run_until(start_ms + 12000);
    if (CHECK_INT(1, sent.count))
        CHECK_INT(3000, sent.at_ms[0] - start_ms); /* whichever is due first takes the others along */
    CHECK_INT(2, sent.data[4]);
    CHECK_INT(2, sent.data[8]); /* in the order in which they happened */
    CHECK_INT(1, sent.data[20]);
}

static void a_batch_is_closed_when_it_is_full(void)
{
    fresh();
    rows.trap.event[0][0].aggregation_ds = 600;
    for (int n = 0; n < TRAP_BATCH_MAX + 1; n++)
        happen(1);
    step();
    CHECK_INT(1, sent.count);
    CHECK_INT(TRAP_BATCH_MAX, sent.data[4]);
    CHECK_INT(1, station.manager[0].batch.count);
}

static void a_batch_is_closed_when_its_octets_are_up(void)
{
    fresh();
    static uint8_t big[400] = {0x04, 0x82, 0x01, 0x8c};
    rows.trap.event[0][0].aggregation_ds = 600;
    struct trap_event event = {.config_no = 1, .value = big, .length = sizeof big};
    for (int n = 0; n < 3; n++)
        trap_event(&station, &rows.trap, &event, now_ms);
    step();
    CHECK_INT(1, sent.count);
    CHECK_INT(2, sent.data[4]);
    CHECK(sent.length <= TRAP_DATA_MAX);
    event.length = TRAP_DATA_MAX; /* never fits: lost, and nothing written past the end */
    trap_event(&station, &rows.trap, &event, now_ms);
    CHECK_INT(1, station.manager[0].lost);
}

static void the_rate_holds_messages_back(void)
{
    fresh();
    rows.trap.manager[0].rate = 12; /* one in 5 s */
    int64_t start_ms = now_ms;
    for (int n = 0; n < 4; n++) {
        happen(1);
        step();
    }
    run_until(start_ms + 9900);
    CHECK_INT(2, sent.count);
    CHECK_INT(5000, sent.at_ms[1] - start_ms);
    run_until(start_ms + 15100);
    CHECK_INT(4, sent.count); /* repeats take their turn: the oldest due first */
    CHECK_INT(3, sent.sequence[2]);
    CHECK_INT(4, sent.sequence[3]);
}

static void each_manager_has_its_own_queue(void)
{
    fresh();
    rows.trap.manager[2] = rows.trap.manager[0];
    rows.trap.event[0][2] = rows.trap.event[0][0];
    happen(2);
    step();
    happen(1);
    step();
    CHECK_INT(3, sent.count);
    CHECK_INT(2, station.manager[0].sent);
    CHECK_INT(1, station.manager[2].sent);
    trap_acknowledge(&station, 3, 1);
    CHECK_INT(2, station.manager[0].count);
    CHECK_INT(0, station.manager[2].count);
}

static void numbers_go_round(void)
{
    fresh();
    station.manager[0].given = TRAP_SEQUENCE_MAX - 1;
    happen(1);
    step();
    happen(1);
    step();
    CHECK_INT(TRAP_SEQUENCE_MAX, sent.sequence[0]);
    CHECK_INT(1, sent.sequence[1]);
}

static void a_row_out_of_use_forgets(void)
{
    fresh();
    happen(1);
    step();
    rows.trap.manager[0].status = ROW_STANDBY;
    run_until(now_ms + 30000);
    rows.trap.manager[0].status = ROW_AVAILABLE;
    run_until(now_ms + 30000);
    CHECK_INT(1, sent.count);
    CHECK_INT(0, station.manager[0].sent);
    CHECK_INT(0, station.manager[0].lost);
}

static void cold_start_is_told_once_to_who_is_there(void)
{
    fresh();
    trap_init(&station);
    rows.trap.manager[1] = rows.trap.manager[0];
    rows.trap.manager[1].status = ROW_STANDBY;
    step();
    rows.trap.manager[1].status = ROW_AVAILABLE;
    run_until(now_ms + 5000);
    if (CHECK_INT(1, sent.count)) {
        CHECK_INT(TRAP_COLD_START, sent.kind[0]);
        CHECK_INT(1, sent.manager_no[0]);
    }
}

static void wrong_names_are_told_once_a_turn(void)
{
    fresh();
    rows.trap.manager[0].rate = 60;
    for (int n = 0; n < 100; n++)
        trap_authentication_failure(&station);
    run_until(now_ms + 3000);
    CHECK_INT(1, sent.count);
    CHECK_INT(TRAP_AUTHENTICATION_FAILURE, sent.kind[0]);
}

static void a_route_needs_address_and_name(void)
{
    fresh();
    struct trap_route route;
    CHECK_INT(TRAP_OK, trap_find_route(&rows, 1, &route));
    CHECK_INT(7, route.address[3]);
    CHECK_INT(162, route.port);
    CHECK_INT(6, route.community.length);
    rows.community[1].name.length = 0;
    CHECK_INT(TRAP_NO_CREDENTIALS, trap_find_route(&rows, 1, &route));
    rows.trap.manager[0].protocol = TRAP_SNMP_V3;
    CHECK_INT(TRAP_OK, trap_find_route(&rows, 1, &route));
    CHECK_INT(2, route.user_no);
    rows.logical_name[0].status = ROW_INVALID;
    CHECK_INT(TRAP_NO_ADDRESS, trap_find_route(&rows, 1, &route));
    rows.logical_name[0] = (struct logical_name_row){.status = ROW_AVAILABLE};
    CHECK_INT(TRAP_NO_ADDRESS, trap_find_route(&rows, 1, &route));
}

HARNESS_MAIN({"nothing configured, nothing sent", nothing_configured_nothing_sent},
             {"an event is sent at once", an_event_is_sent_at_once},
             {"repeats come later and later, and end", repeats_come_later_and_later_and_end},
             {"the last repeat is waited for", the_last_repeat_is_waited_for},
             {"an acknowledged trap is done with", an_acknowledged_trap_is_done_with},
             {"an acknowledgement of nothing changes nothing", an_acknowledgement_of_nothing_changes_nothing},
             {"a trap sent once is not waited for", a_trap_sent_once_is_not_waited_for},
             {"a full queue counts what it loses", a_full_queue_counts_what_it_loses},
             {"events are gathered", events_are_gathered},
             {"a batch is closed when it is full", a_batch_is_closed_when_it_is_full},
             {"a batch is closed when its octets are up", a_batch_is_closed_when_its_octets_are_up},
             {"the rate holds messages back", the_rate_holds_messages_back},
             {"each manager has its own queue", each_manager_has_its_own_queue},
             {"numbers go round", numbers_go_round}, {"a row out of use forgets", a_row_out_of_use_forgets},
             {"cold start is told once to who is there", cold_start_is_told_once_to_who_is_there},
             {"wrong names are told once a turn", wrong_names_are_told_once_a_turn},
             {"a route needs address and name", a_route_needs_address_and_name}, )
