/* Any octets as the broadcast message: what is taken as one is written again octet by octet; and as requests
 * for priority, one after the other: whatever they ask, no strategy is called that is not in use, and a call
 * ends when its vehicle leaves. */
#include "../../io/tscbm.h"
#include "../../ntcip/prg.h"
#include "fuzz.h"
#include <string.h>

static void message(const uint8_t *data, size_t size)
{
    uint8_t again[TSCBM_LENGTH_CALLS];
    struct tscbm m;
    if (tscbm_decode(data, size, &m) == 0)
        FUZZ_REQUIRE(tscbm_encode(&m, again) == size && memcmp(again, data, size) == 0);
}

static void requests(struct fuzz_input *in)
{
    static struct priority_row strategy[PRIORITIES_MAX];
    const uint16_t in_use = 0x000E; /* strategies 2, 3 and 4 */
    struct prg_world world = {.strategy = strategy};
    struct prg prg;
    uint8_t octet[PRG_ABSOLUTE_OCTETS] = {0};
    int64_t now_ds = 0;
    prg_init(&prg);
    for (int i = 1; i <= 3; i++)
        strategy[i] =
            (struct priority_row){.enabled = 1, .arrival_s = (uint8_t)(10 * i), .phase = {.count = 1}};
    while (in->left > 0) {
        struct prg_request request;
        uint32_t what = fuzz_below(in, 5);
        size_t length = what == 0 ? PRG_ABSOLUTE_OCTETS : PRG_REQUEST_OCTETS;
        fuzz_octets(in, octet, length);
        if (prg_read_request(octet, length, &request) == 0) {
            if (what <= 1 && (prg_find(&prg, &request.key) || prg_has_room(&prg)))
                prg_take(&prg, &request, now_ds, 1000);
            else if (what == 2)
                prg_cancel(&prg, &request.key);
            else if (what == 3)
                prg_clear(&prg, &request.key);
        }
        world.flashing = fuzz_below(in, 16) == 0;
        world.active_no = (uint8_t)fuzz_below(in, PRIORITIES_MAX + 1);
        world.waiting_mask = (uint16_t)fuzz_number(in, 2);
        now_ds += (int64_t)fuzz_number(in, 2);
        uint16_t called = prg_step(&prg, &world, now_ds);
        FUZZ_REQUIRE(!(called & ~in_use) && !(called && world.flashing));
    }
    world.flashing = false;
    FUZZ_REQUIRE(prg_step(&prg, &world, INT64_C(1) << 50) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    message(data, size);
    requests(&in);
    return 0;
}
