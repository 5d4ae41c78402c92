/* The simulated cabinet: its monitor, its flasher, its Modbus server, and the checker that watches the
 * lamps. */
#include "../../io/address.h"
#include "../../sim/checker.h"
#include "../../sim/modbus_server.h"
#include "harness.h"
#include <errno.h>
#include <modbus.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEARTBEAT_MS = 1000, TICK_US = TICK_MS * 1000 };

static struct guard_card card;
static struct sim_cabinet cabinet;
static struct checker checker;
static struct cabinet_command command;
static int64_t now_us;

/* Channels 1 and 2 conflict, 3 goes with both; all flash, 1 yellow, the others red. */
static void begin(void)
{
    memset(&card, 0, sizeof card);
    for (int no = 1; no <= 3; no++) {
        channel_add(&card.used, no);
        channel_add(no == 1 ? &card.flash_yellow : &card.flash_red, no);
        card.yellow_floor_ms[no - 1] = 3000;
        card.red_floor_ms[no - 1] = 1000;
        if (no < 3) {
            channel_add(&card.permissive[2], no);
            channel_add(&card.permissive[no - 1], 3);
        }
    }
    memset(&command, 0, sizeof command);
    command.healthy = true;
    now_us = 0;
    sim_cabinet_init(&cabinet, &card, HEARTBEAT_MS, 0);
    checker_init(&checker, &card, 0);
}

/* "R", "Y", "G", "-", "A" (red and yellow) and "B" (red and green) for each channel. */
static void order(const char *colors)
{
    command.red = command.yellow = command.green = (struct channel_mask){{0, 0}};
    for (int no = 1; colors[no - 1] != '\0'; no++) {
        char color = colors[no - 1];
        if (color == 'R' || color == 'A' || color == 'B')
            channel_add(&command.red, no);
        if (color == 'Y' || color == 'A')
            channel_add(&command.yellow, no);
        if (color == 'G' || color == 'B')
            channel_add(&command.green, no);
    }
}

/* The controller shows this for so many ticks, with a heartbeat in each. */
static void show(const char *colors, int ticks)
{
    order(colors);
    for (int i = 0; i < ticks; i++, now_us += TICK_US) {
        command.heartbeat++;
        sim_cabinet_take(&cabinet, &command, now_us);
        checker_look(&checker, &cabinet.lamps, sim_cabinet_flashes(&cabinet));
        sim_cabinet_advance(&cabinet, now_us + TICK_US / 2);
    }
}

static void silence(int ticks)
{
    for (int i = 0; i < ticks; i++, now_us += TICK_US)
        sim_cabinet_advance(&cabinet, now_us);
}

static void it_flashes_until_a_controller_comes(void)
{
    begin();
    CHECK(sim_cabinet_flashes(&cabinet));
    CHECK(cabinet.status & CABINET_TRIP_HEARTBEAT);
    bool yellow[2] = {false, false};
    for (int i = 0; i < 10; i++) {
        silence(1);
        yellow[channel_has(&cabinet.lamps.yellow, 1)] = true;
        CHECK(channel_has(&cabinet.lamps.yellow, 1) == channel_has(&cabinet.lamps.red, 2));
    }
    CHECK(yellow[false] && yellow[true]);
    show("RRR", 5);
    CHECK_INT(0, cabinet.status);
    CHECK_HEX(7, cabinet.lamps.red.word[0]);
}

static void it_flashes_when_heartbeats_stop_and_recovers(void)
{
    begin();
    show("GRG", 20);
    silence(8);
    CHECK(!sim_cabinet_flashes(&cabinet));
    silence(4);
    CHECK_INT(CABINET_FLASHING | CABINET_TRIP_HEARTBEAT, cabinet.status);
    CHECK_HEX(0, cabinet.lamps.green.word[0]);
    show("RRR", 1);
    CHECK_INT(0, cabinet.status);
}

static void a_frozen_heartbeat_is_no_heartbeat(void)
{
    begin();
    show("GRG", 5);
    for (int i = 0; i < 12; i++, now_us += TICK_US)
        sim_cabinet_take(&cabinet, &command, now_us);
    CHECK(cabinet.status & CABINET_TRIP_HEARTBEAT);
}

static void an_unwell_controller_loses_the_lamps(void)
{
    begin();
    show("GRG", 5);
    command.healthy = false;
    show("GRG", 1);
    CHECK_INT(CABINET_FLASHING | CABINET_TRIP_CVM, cabinet.status);
    command.healthy = true;
    show("RRR", 1);
    CHECK_INT(0, cabinet.status);
}

static void a_conflict_latches_within_half_a_second(void)
{
    begin();
    show("GRG", 10);
    show("GGR", 2);
    CHECK(!sim_cabinet_flashes(&cabinet));
    show("GRG", 5);
    CHECK(!sim_cabinet_flashes(&cabinet)); /* it had not lasted */
    show("GYR", 5);
    CHECK_INT(CABINET_FLASHING | CABINET_TRIP_CONFLICT, cabinet.status);
    show("RRR", 50);
    CHECK(sim_cabinet_flashes(&cabinet));
    sim_cabinet_reset(&cabinet, now_us);
    CHECK_INT(0, cabinet.status);
}

static void two_colors_latch(void)
{
    begin();
    show("RRR", 5);
    show("RBR", 7);
    CHECK(cabinet.status & CABINET_TRIP_CONFLICT);
}

static void a_dark_channel_latches_after_a_second(void)
{
    begin();
    show("RRR", 5);
    show("RR-", 9);
    CHECK(!sim_cabinet_flashes(&cabinet));
    show("RR-", 4);
    CHECK_INT(CABINET_FLASHING | CABINET_TRIP_RED_FAIL, cabinet.status);
}

/* A controller that dies in the dark half of its own flash is a matter of the heartbeat, which clears
 * by itself; nothing may stay latched. */
static void death_in_the_dark_half_of_a_flash_latches_nothing(void)
{
    begin();
    show("YRR", 5);
    show("---", 5);
    show("YRR", 5);
    show("---", 3);
    silence(20);
    CHECK_INT(CABINET_FLASHING | CABINET_TRIP_HEARTBEAT, cabinet.status);
    show("RRR", 2);
    CHECK_INT(0, cabinet.status);
}

static void a_broken_lamp_shows_in_the_image_and_trips(void)
{
    begin();
    show("RRR", 5);
    channel_add(&cabinet.faults.broken[0], 2);
    show("RRR", 1);
    struct cabinet_image image;
    sim_cabinet_image(&cabinet, &image);
    CHECK_HEX(5, image.red.word[0]);
    show("RRR", 12);
    CHECK(cabinet.status & CABINET_TRIP_RED_FAIL);
}

static void the_controllers_own_flash_is_no_fault(void)
{
    begin();
    for (int i = 0; i < 10; i++) {
        show("YRR", 5);
        show("---", 5);
    }
    CHECK_INT(0, cabinet.status);
    show("---", 12);
    CHECK(cabinet.status & CABINET_TRIP_RED_FAIL); /* but staying dark is one */
}

static void the_flash_switch_flashes(void)
{
    begin();
    show("GRG", 5);
    cabinet.inputs = CABINET_FLASH_SWITCH;
    show("GRG", 1);
    CHECK_INT(CABINET_FLASHING, cabinet.status);
    cabinet.inputs = 0;
    show("RRR", 1);
    CHECK_INT(0, cabinet.status);
}

static void the_checker_passes_a_lawful_cycle(void)
{
    begin();
    show("RRR", 20);
    for (int i = 0; i < 3; i++) {
        show("GRG", 50);
        show("YRG", 30);
        show("RRG", 10);
        show("RGG", 50);
        show("RYY", 30);
        show("RRR", 10);
    }
    CHECK_INT(0, (int64_t)checker_total(&checker));
}

static void the_checker_sees_every_breach(void)
{
    static const struct {
        const char *name;
        enum invariant invariant;
        const char *first, *second, *third;
        int first_ticks, second_ticks;
    } cases[] = {
        {"green to red", INVARIANT_ORDER, "GRR", "RRR", "RRR", 50, 20},
        {"yellow to green", INVARIANT_ORDER, "GRR", "YRR", "GRR", 50, 40},
        {"short yellow", INVARIANT_YELLOW, "GRR", "YRR", "RRR", 50, 29},
        {"short red clearance", INVARIANT_CLEARANCE, "YRR", "RRR", "RGR", 30, 9},
        {"conflict", INVARIANT_CONFLICT, "GRR", "GGR", "GGR", 50, 1},
        {"two colours", INVARIANT_INDICATION, "GRR", "GBR", "GBR", 50, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        harness_at("%s", cases[i].name);
        show("RRR", 20);
        show("GRR", 50);
        show(cases[i].first, cases[i].first_ticks);
        show(cases[i].second, cases[i].second_ticks);
        show(cases[i].third, 2);
        CHECK_INT(1, (int64_t)checker.breaches[cases[i].invariant]);
    }
}

/* 2 is an arrow that yields to 1, which shows red-yellow; 3 is a bar signal. */
static void arrows_and_red_yellow_are_lawful_where_the_card_says_so(void)
{
    for (int told = 0; told < 2; told++) {
        begin();
        if (told) {
            channel_add(&card.arrow, 2);
            channel_add(&card.yields[1], 1);
            channel_add(&card.yields[0], 2);
            channel_add(&card.red_yellow, 1);
            channel_add(&card.bar, 3);
        }
        show("RRG", 20);
        show("ARR", 20);
        show("GRR", 20);
        for (int i = 0; i < 4; i++) {
            show("GYR", 5);
            show("G-R", 5);
        }
        show("YYR", 30);
        show("RRR", 10);
        CHECK_INT(told ? 0 : CABINET_TRIP_CONFLICT | CABINET_FLASHING, cabinet.status);
        CHECK_INT(told, checker_total(&checker) == 0);
    }
}

/* ---- over Modbus ---- */

static struct cabinet_config bus;
static struct modbus_server *server;
static modbus_t *client;
static int taken_count;
static pthread_t thread;
static int stop_pipe[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* on all above, while the server runs */

static void note_taken(void *arg, int64_t at_us)
{
    (void)arg;
    (void)at_us;
    taken_count++;
}

static void *serve(void *arg)
{
    (void)arg;
    for (int64_t at_us = 1;; at_us++) {
        struct pollfd polls[1 + MODBUS_POLLS_MAX];
        int count = modbus_server_polls(server, polls);
        polls[count] = (struct pollfd){.fd = stop_pipe[0], .events = POLLIN};
        poll(polls, (nfds_t)count + 1, -1);
        if (polls[count].revents)
            return NULL;
        pthread_mutex_lock(&lock);
        modbus_server_serve(server, polls, count, at_us);
        pthread_mutex_unlock(&lock);
    }
}

/* What the cabinet has been told, and how often. */
static struct cabinet_command told(int *times)
{
    pthread_mutex_lock(&lock);
    struct cabinet_command newest = cabinet.command;
    if (times)
        *times = taken_count;
    pthread_mutex_unlock(&lock);
    return newest;
}

static modbus_t *connect_client(void)
{
    char text[64], host[16] = "127.0.0.1";
    struct address address;
    modbus_server_address(server, text, sizeof text);
    if (address_parse(&address, text) < 0)
        return NULL;
    modbus_t *modbus = modbus_new_tcp(host, address_port(&address));
    modbus_set_response_timeout(modbus, 5, 0);
    modbus_set_slave(modbus, 1);
    if (modbus_connect(modbus) < 0) {
        modbus_free(modbus);
        return NULL;
    }
    return modbus;
}

static void begin_bus(void)
{
    begin();
    bus = (struct cabinet_config){.unit = 1, .heartbeat_ms = HEARTBEAT_MS};
    bus.map = (struct cabinet_map){.channels = 16,
                                   .vehicles = 32,
                                   .pedestrians = 8,
                                   .heartbeat = 10,
                                   .control = 11,
                                   .red = 12,
                                   .yellow = 13,
                                   .green = 14,
                                   .status = 40,
                                   .inputs = 41,
                                   .heartbeat_echo = 42,
                                   .lit_red = 43,
                                   .lit_yellow = 44,
                                   .lit_green = 45,
                                   .vehicle = 46,
                                   .pedestrian = 48};
    taken_count = 0;
    server = modbus_server_new("tcp:127.0.0.1:0", &bus, &cabinet, note_taken, NULL);
    if (!server || pipe(stop_pipe) < 0 || pthread_create(&thread, NULL, serve, NULL) != 0) {
        CHECK_FAIL("the server does not start: %s", strerror(errno));
        return;
    }
    client = connect_client();
    CHECK(client != NULL);
}

static void end_bus(void)
{
    if (client) {
        modbus_close(client);
        modbus_free(client);
    }
    CHECK_INT(1, write(stop_pipe[1], "", 1));
    pthread_join(thread, NULL);
    close(stop_pipe[0]);
    close(stop_pipe[1]);
    modbus_server_free(server);
}

/* Heartbeat, healthy, and the lamps of channels 1 to 3. */
static const uint16_t all_red[5] = {1, 1, 7, 0, 0};
static const uint16_t one_green[5] = {2, 1, 6, 0, 1};

static void one_transaction_writes_and_reads_back(void)
{
    begin_bus();
    pthread_mutex_lock(&lock);
    detector_put(&cabinet.vehicle, 17, true);
    cabinet.pedestrian = 5;
    pthread_mutex_unlock(&lock);
    int times;
    uint16_t read[9];
    CHECK_INT(9, modbus_write_and_read_registers(client, 10, 5, all_red, 40, 9, read));
    CHECK_INT(0, read[0]); /* no flash: the heartbeat has come */
    CHECK_INT(1, read[2]);
    CHECK_HEX(7, read[3]);
    CHECK_HEX(1, read[7]);
    CHECK_HEX(5, read[8]);
    CHECK_INT(9, modbus_write_and_read_registers(client, 10, 5, one_green, 40, 9, read));
    CHECK_INT(2, read[2]);
    CHECK_HEX(6, read[3]);
    CHECK_HEX(1, read[5]); /* the lamps after this very writing */
    told(&times);
    CHECK_INT(2, times);
    end_bus();
}

static void a_second_client_reads_and_may_not_write(void)
{
    begin_bus();
    uint16_t read[9];
    CHECK_INT(5, modbus_write_registers(client, 10, 5, all_red));
    modbus_t *second = connect_client();
    if (CHECK(second != NULL)) {
        CHECK_INT(1, modbus_read_registers(second, 43, 1, read));
        CHECK_HEX(7, read[0]);
        CHECK_INT(-1, modbus_write_register(second, 14, 7));
        CHECK_INT(EMBXSBUSY, errno);
        CHECK_HEX(0, told(NULL).green.word[0]);
        /* When the first has gone, the place is free. */
        modbus_close(client);
        modbus_free(client);
        client = second;
        int tries = 0;
        while (modbus_write_register(client, 14, 1) < 0 && errno == EMBXSBUSY && ++tries < 1000)
            ;
        CHECK_HEX(1, told(NULL).green.word[0]);
    }
    end_bus();
}

static void bad_requests_are_refused_and_change_nothing(void)
{
    begin_bus();
    uint16_t read[125];
    uint8_t bits[8];
    CHECK_INT(5, modbus_write_registers(client, 10, 5, all_red));
    int before, after;
    told(&before);
    CHECK_INT(-1, modbus_write_register(client, 43, 0)); /* a lamp's read-back */
    CHECK_INT(EMBXILADD, errno);
    CHECK_INT(-1, modbus_write_registers(client, 13, 5, all_red));
    CHECK_INT(EMBXILADD, errno);
    CHECK_INT(-1, modbus_read_registers(client, 0, 1, read));
    CHECK_INT(EMBXILADD, errno);
    CHECK_INT(-1, modbus_read_registers(client, 40, 30, read));
    CHECK_INT(EMBXILADD, errno);
    CHECK_INT(-1, modbus_read_bits(client, 0, 8, bits));
    CHECK_INT(EMBXILFUN, errno);
    CHECK_HEX(7, told(&after).red.word[0]);
    CHECK_INT(before, after);
    CHECK_INT(1, modbus_read_registers(client, 42, 1, read)); /* and it is still served */
    CHECK_INT(1, read[0]);
    end_bus();
}

/* A raw connection that sends these octets; returns whether the server closes it. */
static bool rubbish_closes(const void *octets, size_t length)
{
    char text[64], octet;
    struct address address;
    modbus_server_address(server, text, sizeof text);
    if (address_parse(&address, text) < 0)
        return false;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval patience = {10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    bool closed = connect(fd, (const struct sockaddr *)&address.socket, address.length) == 0 &&
                  send(fd, octets, length, MSG_NOSIGNAL) == (ssize_t)length && recv(fd, &octet, 1, 0) <= 0 &&
                  errno != EAGAIN;
    close(fd);
    return closed;
}

static void rubbish_ends_only_its_own_connection(void)
{
    begin_bus();
    uint16_t read[1];
    errno = 0;
    CHECK(rubbish_closes("GET / HTTP/1.1\r\nHost: cabinet\r\n\r\n", 33));
    CHECK(rubbish_closes("\0\1\0\0\0\0\1", 7));       /* a length of nothing */
    CHECK(rubbish_closes("\0\1\0\0\377\377\1\3", 8)); /* a length beyond any frame */
    CHECK_INT(1, modbus_read_registers(client, 42, 1, read));
    end_bus();
}

HARNESS_MAIN({"it flashes until a controller comes", it_flashes_until_a_controller_comes},
             {"death in the dark half of a flash latches nothing",
              death_in_the_dark_half_of_a_flash_latches_nothing},
             {"arrows and red-yellow are lawful where the card says so",
              arrows_and_red_yellow_are_lawful_where_the_card_says_so},
             {"it flashes when heartbeats stop and recovers", it_flashes_when_heartbeats_stop_and_recovers},
             {"a frozen heartbeat is no heartbeat", a_frozen_heartbeat_is_no_heartbeat},
             {"an unwell controller loses the lamps", an_unwell_controller_loses_the_lamps},
             {"a conflict latches within half a second", a_conflict_latches_within_half_a_second},
             {"two colours on one channel latch", two_colors_latch},
             {"a dark channel latches after a second", a_dark_channel_latches_after_a_second},
             {"a broken lamp shows in the image and trips", a_broken_lamp_shows_in_the_image_and_trips},
             {"the controller's own flash is no fault", the_controllers_own_flash_is_no_fault},
             {"the flash switch flashes", the_flash_switch_flashes},
             {"the checker passes a lawful cycle", the_checker_passes_a_lawful_cycle},
             {"the checker sees every breach", the_checker_sees_every_breach},
             {"one transaction writes and reads back", one_transaction_writes_and_reads_back},
             {"a second client reads and may not write", a_second_client_reads_and_may_not_write},
             {"bad requests are refused and change nothing", bad_requests_are_refused_and_change_nothing},
             {"rubbish ends only its own connection", rubbish_ends_only_its_own_connection}, )
