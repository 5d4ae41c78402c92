/* What comes over a red-lamp detector's serial line: only a sound poll or request for this unit is found,
 * within what came; no request that is granted reaches beyond the map; and what we send is understood behind
 * any noise. */
#include "../../io/lamp_frame.h"
#include "../../io/lamp_registers.h"
#include "fuzz.h"
#include <string.h>

enum { LINE_MAX = 512, REPLY_ROOM = LINE_MAX + LAMP_REPLY_MAX };

static void check_poll(const struct lamp_layout *layout, uint8_t unit, const uint8_t *line, int length)
{
    uint8_t poll[LAMP_POLL_LENGTH];
    const int end = lamp_frame_find_poll(layout, unit, line, length);
    FUZZ_REQUIRE(end == 0 || (end >= LAMP_POLL_LENGTH && end <= length));
    lamp_frame_poll(layout, unit, poll);
    FUZZ_REQUIRE(end == 0 || memcmp(line + end - LAMP_POLL_LENGTH, poll, sizeof poll) == 0);
}

static void check_reply(const struct lamp_layout *layout, uint8_t unit, uint8_t *line, int length,
                        uint32_t wanted)
{
    const int size = wanted & 1 ? 16 : 32;
    uint32_t on = 0;
    int done = 0, end;
    wanted = size == 16 ? wanted & 0xFFFF : wanted;
    length += lamp_frame_reply(layout, unit, wanted, size, line + length);
    while ((end = lamp_frame_find_reply(layout, unit, line + done, length - done, size, &on)) > 0)
        done += end;
    /* Noise that is a reply itself may run into ours. */
    FUZZ_REQUIRE(done > length - LAMP_REPLY_MAX && done <= length);
    FUZZ_REQUIRE(done < length || on == wanted);
}

static void check_request(uint8_t unit, const uint8_t *line, int length, bool silent)
{
    int from = -1;
    const int size = lamp_registers_find(line, length, unit, silent, &from);
    if (size == 0)
        return;
    FUZZ_REQUIRE(size >= 4 && from >= 0 && from + size <= length && line[from] == unit);
    const uint8_t *pdu = line + from + 1;
    if (lamp_registers_judge(pdu, (size_t)size - 3) != 0)
        return;
    const unsigned first = (unsigned)pdu[1] << 8 | pdu[2], count = (unsigned)pdu[3] << 8 | pdu[4];
    FUZZ_REQUIRE(pdu[0] >= 2 && pdu[0] <= 4 && count >= 1);
    FUZZ_REQUIRE(first + count <= (pdu[0] == 2 ? LAMP_INPUTS : LAMP_REGISTERS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    uint8_t line[REPLY_ROOM];
    const struct lamp_layout *layout = &lamp_layouts[fuzz_below(&in, LAMP_LAYOUTS)];
    const uint8_t unit = (uint8_t)fuzz_number(&in, 1);
    const bool silent = fuzz_below(&in, 2) == 1;
    const uint32_t wanted = fuzz_number(&in, 4);
    const int length = (int)fuzz_octets(&in, line, LINE_MAX);
    check_poll(layout, unit, line, length);
    check_request(unit, line, length, silent);
    if (length > 0)
        (void)lamp_registers_judge(line, (size_t)length);
    check_reply(layout, unit, line, length, wanted);
    return 0;
}
