/* Who is sent the broadcast message, and in which form. */
#include "../../controller/spat_receivers.h"
#include "../../ntcip/object.h"
#include "harness.h"
#include <string.h>

static struct tscbm_config config;
static struct database db;
static struct spat_device spat;
static struct tscbm_receivers to;

static void fresh(void)
{
    memset(&config, 0, sizeof config);
    memset(&spat, 0, sizeof spat);
    object_defaults(&db);
    config.port = 6053;
    CHECK_INT(0, address_parse(&config.receiver[0], "udp:192.0.2.1:7000"));
    CHECK_INT(0, address_parse(&config.receiver[1], "udp6:[2001:db8::1]:7000"));
    config.receiver_count = 2;
}

static void check_receiver(int ix, const char *expected)
{
    char text[ADDRESS_TEXT] = "none";
    if (ix < to.count)
        address_print(&to.receiver[ix].address, text, sizeof text);
    CHECK_STR(expected, text);
}

static void off_and_on(void)
{
    fresh();
    spat_receivers(&config, &db, &spat, &to);
    CHECK_INT(0, to.count);
    spat.enabled = 4; /* calls of a message that is off */
    spat_receivers(&config, &db, &spat, &to);
    CHECK_INT(0, to.count);
    spat.enabled = 2;
    spat_receivers(&config, &db, &spat, &to);
    CHECK_INT(2, to.count);
    check_receiver(0, "udp:192.0.2.1:7000");
    check_receiver(1, "udp6:[2001:db8::1]:7000");
    CHECK_INT(2, to.receiver[0].form);
    CHECK_INT(0, to.receiver[0].asked_no);
}

static void requesters(void)
{
    fresh();
    spat_enable(&spat, 6, "udp:192.0.2.9:40001", 0);
    spat_enable(&spat, 2, "tcp6:[2001:db8::9]:40001", 0);
    spat_enable(&spat, 2, "nonsense", 0);
    spat_receivers(&config, &db, &spat, &to);
    CHECK_INT(4, to.count);
    check_receiver(2, "udp:192.0.2.9:6053");
    CHECK_INT(6, to.receiver[2].form);
    CHECK_INT(1, to.receiver[2].asked_no);
    check_receiver(3, "udp6:[2001:db8::9]:6053");
    CHECK_INT(2, to.receiver[3].form);
}

static void roadside_units(void)
{
    struct rsu_port_row *port = &db.device.rsu.port[1];
    fresh();
    db.device.rsu.comm_port_no = 1;
    db.device.rsu.spat_options = port->spat_options = SPAT_ENABLED;
    port->port_no = 6053;
    port->name = (struct rsu_name){.length = 8, .octet = "10.0.0.5"};
    spat_receivers(&config, &db, &spat, &to); /* tscbmEnable is 0 */
    CHECK_INT(1, to.count);
    check_receiver(0, "udp:10.0.0.5:6053");
    CHECK_INT(6, to.receiver[0].form);
    spat.lane[0] = 3;
    spat.lane_count = 1;
    spat_receivers(&config, &db, &spat, &to);
    CHECK_INT(0, to.count);
}

static void nobody_twice(void)
{
    fresh();
    config.port = 7000;
    spat_enable(&spat, 6, "udp:192.0.2.1:40001", 0);
    spat_receivers(&config, &db, &spat, &to);
    CHECK_INT(2, to.count);
    CHECK_INT(0, to.receiver[0].asked_no);
    struct tscbm_receivers again;
    memset(&again, 0xEE, sizeof again);
    spat_receivers(&config, &db, &spat, &again);
    CHECK_BYTES(&to, &again, sizeof to);
}

static void cameras(void)
{
    fresh();
    config.camera_count = 2;
    CHECK_INT(0, address_parse(&config.camera[0], "udp:192.0.2.8:7000"));
    config.camera[1] = config.receiver[0];
    spat_receivers(&config, &db, &spat, &to);
    CHECK_INT(0, to.count);
    spat.enabled = 2;
    spat_receivers(&config, &db, &spat, &to);
    CHECK_INT(3, to.count);
    check_receiver(0, "udp:192.0.2.8:7000");
    CHECK(to.receiver[0].camera);
    check_receiver(1, "udp:192.0.2.1:7000"); /* named as both: a camera */
    CHECK(to.receiver[1].camera);
    check_receiver(2, "udp6:[2001:db8::1]:7000");
    CHECK(!to.receiver[2].camera);
}

HARNESS_MAIN({"cameras come first, and stay cameras", cameras},
             {"configured receivers follow the switch", off_and_on},
             {"who asked is sent to its host at the configured port", requesters},
             {"roadside units are sent to whatever the switch says", roadside_units},
             {"nobody is sent the same twice", nobody_twice}, )
