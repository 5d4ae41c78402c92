/* Requests for priority: their layout octet by octet, and what becomes of them. */
#include "../../ntcip/prg.h"
#include "harness.h"
#include <string.h>

static struct prg prg;
static struct priority_row strategy[PRIORITIES_MAX];
static struct prg_world world;
static int64_t now_ds;

static int set_up(void)
{
    memset(strategy, 0, sizeof strategy);
    strategy[1] = (struct priority_row){
        .enabled = 1, .class_no = 1, .arrival_s = 10, .phase = {.count = 1, .number = {2}}};
    strategy[2] = strategy[1];
    strategy[2].arrival_s = 0;
    prg_init(&prg);
    world = (struct prg_world){.strategy = strategy};
    now_ds = 1000;
    return 0;
}

/* As a bus would write it. */
static void octets(uint8_t out[PRG_ABSOLUTE_OCTETS], int no, const char *vehicle, int strategy_no,
                   int service_s, int departure_s)
{
    memset(out, 0, PRG_ABSOLUTE_OCTETS);
    out[0] = (uint8_t)no;
    memcpy(out + 1, vehicle, strlen(vehicle));
    out[18] = 3;
    out[19] = 1;
    out[20] = (uint8_t)strategy_no;
    out[21] = (uint8_t)(service_s >> 8);
    out[22] = (uint8_t)service_s;
    out[23] = (uint8_t)(departure_s >> 8);
    out[24] = (uint8_t)departure_s;
}

static struct prg_key ask(int no, int strategy_no, int service_s, int departure_s)
{
    uint8_t text[PRG_ABSOLUTE_OCTETS];
    struct prg_request request = {.departure_s = 0};
    octets(text, no, "bus 7", strategy_no, service_s, departure_s);
    CHECK_INT(0, prg_read_request(text, PRG_REQUEST_OCTETS, &request));
    prg_take(&prg, &request, now_ds, 0);
    return request.key;
}

static int state(const struct prg_key *key)
{
    const struct prg_row *row = prg_find(&prg, key);
    return row ? (int)row->state : 0;
}

static uint16_t run(int tenths)
{
    uint16_t called = 0;
    for (int i = 0; i < tenths; i++)
        called = prg_step(&prg, &world, ++now_ds);
    return called;
}

static void layout(void)
{
    uint8_t text[PRG_ABSOLUTE_OCTETS];
    struct prg_request r = {.departure_s = 0};
    set_up();
    octets(text, 9, "Fleet-12345678901", 4, 0x0102, 0x0304);
    CHECK_INT(0, prg_read_request(text, PRG_REQUEST_OCTETS, &r));
    CHECK_INT(9, r.key.request_no);
    CHECK_BYTES("Fleet-12345678901", r.key.vehicle, PRG_VEHICLE_OCTETS);
    CHECK_INT(3, r.key.class_type);
    CHECK_INT(1, r.key.class_level);
    CHECK_INT(4, r.key.strategy_no);
    CHECK_HEX(0x0102, r.service_s);
    CHECK_HEX(0x0304, r.departure_s);
    CHECK(!r.absolute);
    memcpy(text + 25, "\xF1\x02\x03\x04", 4);
    CHECK_INT(0, prg_read_request(text, PRG_ABSOLUTE_OCTETS, &r));
    CHECK(r.absolute);
    CHECK_HEX(0xF1020304, r.asked_utc_s);
}

static void fields_out_of_range(void)
{
    static const struct {
        int offset;
        uint8_t value;
    } wrong[] = {{0, 0}, {18, 0}, {18, 11}, {19, 0}, {19, 11}, {20, 0}, {22, 0}, {24, 0}};
    struct prg_request r;
    memset(&r, 0x5A, sizeof r);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t text[PRG_ABSOLUTE_OCTETS];
        harness_at("octet %d is %d", wrong[i].offset, wrong[i].value);
        octets(text, 9, "bus", 4, 5, 6);
        text[wrong[i].offset] = wrong[i].value;
        CHECK_INT(-1, prg_read_request(text, PRG_REQUEST_OCTETS, &r));
        CHECK_HEX(0x5A, r.key.request_no);
    }
}

static void served_at_its_time(void)
{
    set_up();
    struct prg_key key = ask(1, 2, 30, 40);
    CHECK_INT(0, run(199));
    CHECK_INT(PRG_READY_QUEUED, state(&key));
    CHECK_HEX(1 << 1, run(1)); /* 10 s before it arrives */
    world.waiting_mask = 1 << 1;
    run(20);
    CHECK_INT(PRG_READY_QUEUED, state(&key));
    world.active_no = 3;
    run(1);
    CHECK_INT(PRG_READY_OVERRIDDEN, state(&key));
    world.active_no = 2;
    CHECK_HEX(1 << 1, run(178));
    CHECK_INT(PRG_ACTIVE_PROCESSING, state(&key));
    CHECK_HEX(0, run(1)); /* it has left */
    CHECK_INT(PRG_CLOSED_COMPLETED, state(&key));
}

static void new_times_for_an_open_request(void)
{
    set_up();
    struct prg_key key = ask(1, 2, 30, 40);
    run(100);
    ask(1, 2, 60, 70);
    CHECK_INT(0, run(499));
    CHECK_HEX(1 << 1, run(1));
    CHECK_INT(PRG_READY_QUEUED, state(&key));
    CHECK_INT(PRG_IDLE_NOT_VALID, prg.row[1].state);
}

static void what_closes_a_request(void)
{
    set_up();
    struct prg_key flash = ask(1, 2, 30, 40);
    world.flashing = true;
    run(1);
    CHECK_INT(PRG_CLOSED_FLASH, state(&flash));
    world.flashing = false;
    struct prg_key unknown = ask(2, 1, 30, 40), beyond = ask(3, 200, 30, 40), backward = ask(4, 2, 40, 30);
    struct prg_key unserved = ask(5, 3, 1, 2), canceled = ask(6, 3, 1, 200), dropped = ask(7, 2, 1, 200);
    world.waiting_mask = 1 << 2;
    run(1);
    CHECK_INT(PRG_CLOSED_STRATEGY, state(&unknown));
    CHECK_INT(PRG_CLOSED_STRATEGY, state(&beyond));
    CHECK_INT(PRG_CLOSED_TIMER, state(&backward));
    CHECK_HEX(1 << 1 | 1 << 2, run(9));
    prg_cancel(&prg, &canceled);
    CHECK_INT(PRG_CLOSED_CANCELED, state(&canceled));
    run(10);
    CHECK_INT(PRG_CLOSED_TIMER, state(&unserved));
    CHECK_INT(PRG_CLOSED_TIME_TO_LIVE, state(&dropped));
    CHECK_HEX(0, run(1));
}

static void absolute_times(void)
{
    set_up();
    struct prg_request r = {.key = {.request_no = 1, .class_type = 1, .class_level = 1, .strategy_no = 3},
                            .service_s = 30,
                            .departure_s = 40,
                            .absolute = true,
                            .asked_utc_s = 5000};
    prg_take(&prg, &r, now_ds, 5010); /* ten seconds on its way */
    CHECK_INT(0, run(199));
    CHECK_HEX(1 << 2, run(1));
    r.key.request_no = 2;
    prg_take(&prg, &r, now_ds, 6000);
    run(1);
    CHECK_INT(PRG_CLOSED_TIMER, state(&r.key));
}

static void ten_rows(void)
{
    set_up();
    struct prg_key key[PRG_ROWS];
    for (int i = 0; i < PRG_ROWS; i++) {
        CHECK(prg_has_room(&prg));
        key[i] = ask(i + 1, 2, 100, 110);
    }
    CHECK(!prg_has_room(&prg));
    ask(99, 2, 100, 110);
    struct prg_key other = key[0];
    other.request_no = 99;
    CHECK_INT(0, state(&other));
    prg_cancel(&prg, &key[4]);
    prg_cancel(&prg, &key[2]);
    ask(99, 2, 100, 110);
    CHECK_INT(0, state(&key[4])); /* closed first, gone first */
    CHECK_INT(PRG_CLOSED_CANCELED, state(&key[2]));
    CHECK_INT(PRG_READY_QUEUED, state(&other));
}

static void status_of_the_selected(void)
{
    uint8_t out[PRG_STATUS_OCTETS + 1], text[PRG_ABSOLUTE_OCTETS];
    set_up();
    memset(out, 0xEE, sizeof out);
    prg_write_status(&prg, out);
    CHECK_INT(PRG_IDLE_NOT_VALID, out[21]);
    CHECK_HEX(0xEE, out[PRG_STATUS_OCTETS]);
    struct prg_key key = ask(1, 2, 30, 40);
    prg_select(&prg, &key);
    prg_write_status(&prg, out);
    octets(text, 1, "bus 7", 2, 0, 0);
    CHECK_BYTES(text, out, PRG_KEY_OCTETS);
    CHECK_INT(PRG_READY_QUEUED, out[21]);
    CHECK_INT(0, out[22]);
    prg_cancel(&prg, &key);
    prg_clear(&prg, &key);
    prg_write_status(&prg, out);
    CHECK_INT(PRG_IDLE_NOT_VALID, out[21]);
}

HARNESS_MAIN({"each field has its octets", layout},
             {"a field out of its range is refused", fields_out_of_range},
             {"a request is served at its time", served_at_its_time},
             {"an open request takes new times", new_times_for_an_open_request},
             {"what closes a request", what_closes_a_request},
             {"times counted from a time of day", absolute_times},
             {"ten requests, then the one closed first makes room", ten_rows},
             {"the status is that of the selected request", status_of_the_selected}, )
