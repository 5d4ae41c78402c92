#include "stmp.h"
#include "oer.h"

enum { STMP_MARK = 0x80, KIND_SHIFT = 4, KIND_MASK = 7, NUMBER_MASK = 15 };

struct header {
    enum stmp_kind kind;
    uint8_t object_no;
};

static bool read_header(uint8_t octet, struct header *out)
{
    int kind = octet >> KIND_SHIFT & KIND_MASK;
    if (!(octet & STMP_MARK) || kind == STMP_KINDS)
        return false;
    *out = (struct header){.kind = (enum stmp_kind)kind, .object_no = octet & NUMBER_MASK};
    return true;
}

static uint8_t header_octet(enum stmp_kind kind, int object_no)
{
    return (uint8_t)(STMP_MARK | (int)kind << KIND_SHIFT | object_no);
}

/* ---- answers ---- */

/* A message being answered. */
struct exchange {
    struct object_view view;
    struct stmp_statistics *statistics;
    struct oer_writer out;
};

static void begin_answer(struct exchange *exchange, enum stmp_kind kind, int object_no)
{
    exchange->statistics->out_packets++;
    exchange->statistics->out_kind[kind]++;
    oer_put_number(&exchange->out, header_octet(kind, object_no), 1);
}

static enum stmp_verdict answer_error(struct exchange *exchange, int object_no, enum stmp_error error,
                                      int index)
{
    exchange->out = oer_write_to(exchange->out.at, exchange->out.room);
    begin_answer(exchange, STMP_ERROR_RESPONSE, object_no);
    exchange->statistics->out_error[error]++;
    oer_put_number(&exchange->out, error, 1);
    oer_put_number(&exchange->out, index, 1);
    return STMP_ANSWERED;
}

/* Puts the members' values. Returns the error, with the member in *index. */
static enum stmp_error put_members(struct exchange *exchange, const struct dynamic_member member[],
                                   int *index)
{
    for (int ix = 0; ix < DYNAMIC_MEMBERS_MAX; ix++) {
        struct object_instance at;
        struct value value;
        if (!dynamic_member_instance(&member[ix], &at))
            continue;
        *index = ix + 1;
        int got = object_get(&at, &exchange->view, &value);
        if (got == OBJECT_NO_INSTANCE)
            return STMP_NO_SUCH_NAME;
        if (got != OBJECT_OK)
            return STMP_GENERAL;
        oer_put_value(&exchange->out, at.object, &value);
        if (exchange->out.full)
            return STMP_TOO_BIG;
    }
    return STMP_OK;
}

static enum stmp_verdict answer_get(struct exchange *exchange, int object_no)
{
    const struct dynamic_member *member = dynamic_members(&exchange->view.db->device.dynamic, object_no);
    if (!member)
        return answer_error(exchange, object_no, STMP_NO_SUCH_NAME, 0);
    int index = 0;
    oer_put_number(&exchange->out, header_octet(STMP_GET_RESPONSE, object_no), 1);
    enum stmp_error error = put_members(exchange, member, &index);
    if (error != STMP_OK)
        return answer_error(exchange, object_no, error, error == STMP_TOO_BIG ? 0 : index);
    exchange->statistics->out_packets++;
    exchange->statistics->out_kind[STMP_GET_RESPONSE]++;
    return STMP_ANSWERED;
}

/* ---- SET ---- */

/* Takes the values of a SET off the message. Returns the error, with the member in *index. */
static enum stmp_error take_members(struct oer_reader *in, const struct dynamic_member member[],
                                    struct stmp_set *set, int *index)
{
    for (int ix = 0; ix < DYNAMIC_MEMBERS_MAX; ix++) {
        struct object_instance at;
        if (!dynamic_member_instance(&member[ix], &at))
            continue;
        struct set_item *item = &set->item[set->count];
        object_instance_id(&at, &item->id);
        oer_get_value(in, at.object, &item->value);
        *index = ix + 1;
        if (in->broken)
            return STMP_BAD_VALUE;
        set->index[set->count++] = (uint8_t)(ix + 1);
    }
    *index = 0;
    return in->left == 0 ? STMP_OK : STMP_BAD_VALUE;
}

static enum stmp_verdict handle_set(struct exchange *exchange, struct oer_reader *in, int object_no,
                                    bool reply, struct stmp_set *set)
{
    const struct dynamic_member *member = dynamic_members(&exchange->view.db->device.dynamic, object_no);
    int index = 0;
    enum stmp_error error = STMP_NO_SUCH_NAME;
    set->object_no = (uint8_t)object_no;
    set->reply = reply;
    set->count = 0;
    if (member)
        error = take_members(in, member, set, &index);
    if (error == STMP_OK)
        return STMP_STAGE;
    exchange->statistics->in_parse_errors += error == STMP_BAD_VALUE;
    return reply ? answer_error(exchange, object_no, error, index) : STMP_DROPPED;
}

static enum stmp_error error_of(enum set_error error)
{
    switch (error) {
    case SET_OK:
        return STMP_OK;
    case SET_TOO_BIG:
        return STMP_TOO_BIG;
    case SET_NO_CREATION:
        return STMP_NO_SUCH_NAME;
    case SET_NO_ACCESS:
    case SET_NOT_WRITABLE:
        return STMP_READ_ONLY;
    case SET_WRONG_TYPE:
    case SET_WRONG_LENGTH:
    case SET_WRONG_VALUE:
    case SET_INCONSISTENT_VALUE:
        return STMP_BAD_VALUE;
    case SET_GENERAL:
    case SET_RESOURCE_UNAVAILABLE:
        break;
    }
    return STMP_GENERAL;
}

size_t stmp_answer_set(const struct stmp_set *set, const struct set_result *result,
                       struct stmp_statistics *statistics, uint8_t *out, size_t room)
{
    struct exchange exchange = {.statistics = statistics, .out = oer_write_to(out, room)};
    bool blamed = result->index > 0 && result->index <= set->count;
    if (!set->reply)
        return 0;
    if (result->error == SET_OK)
        begin_answer(&exchange, STMP_SET_RESPONSE, set->object_no);
    else
        answer_error(&exchange, set->object_no, error_of(result->error),
                     blamed ? set->index[result->index - 1] : 0);
    return exchange.out.used;
}

/* ---- messages ---- */

/* Nobody is asked from here, so that an answer is of no use but to be counted. */
static void count_response(struct stmp_statistics *statistics, enum stmp_kind kind, struct oer_reader *in)
{
    statistics->in_kind[kind]++;
    if (kind != STMP_ERROR_RESPONSE)
        return;
    uint64_t error = oer_get_unsigned(in, 1);
    if (in->broken || error == STMP_OK || error >= STMP_ERRORS)
        statistics->in_parse_errors++;
    else
        statistics->in_error[error]++;
}

static enum stmp_verdict handle(struct exchange *exchange, struct oer_reader *in, struct stmp_set *set)
{
    struct stmp_statistics *statistics = exchange->statistics;
    struct header header;
    bool read = read_header((uint8_t)oer_get_unsigned(in, 1), &header);
    bool bare = read && (header.kind == STMP_GET || header.kind == STMP_GET_NEXT);
    if (!read || (bare && in->left > 0)) {
        statistics->in_parse_errors++;
        return STMP_DROPPED;
    }
    int object_no = header.object_no, next;
    switch (header.kind) {
    case STMP_GET:
        statistics->in_kind[STMP_GET]++;
        return answer_get(exchange, object_no);
    case STMP_GET_NEXT:
        statistics->in_kind[STMP_GET_NEXT]++;
        next = dynamic_next(&exchange->view.db->device.dynamic, object_no);
        return next ? answer_get(exchange, next) : answer_error(exchange, object_no, STMP_NO_SUCH_NAME, 0);
    case STMP_SET:
    case STMP_SET_NO_REPLY:
        statistics->in_kind[header.kind]++;
        return handle_set(exchange, in, object_no, header.kind == STMP_SET, set);
    case STMP_GET_RESPONSE:
    case STMP_SET_RESPONSE:
    case STMP_ERROR_RESPONSE:
    case STMP_KINDS:
        break;
    }
    count_response(statistics, header.kind, in);
    return STMP_DROPPED;
}

enum stmp_verdict stmp_handle(const uint8_t *in, size_t size, const struct object_view *view,
                              struct stmp_statistics *statistics, struct stmp_set *set, uint8_t *out,
                              size_t room, size_t *length)
{
    struct exchange exchange = {.view = *view, .statistics = statistics, .out = oer_write_to(out, room)};
    struct oer_reader reader = oer_read_from(in, size);
    exchange.view.nameless = true;
    statistics->in_packets++;
    enum stmp_verdict verdict = handle(&exchange, &reader, set);
    *length = verdict == STMP_ANSWERED ? exchange.out.used : 0;
    return verdict;
}

int stmp_measure(const uint8_t *in, size_t size, const struct dynamic_rows *rows)
{
    struct oer_reader reader = oer_read_from(in, size);
    struct header header;
    if (size == 0)
        return 0;
    if (!read_header((uint8_t)oer_get_unsigned(&reader, 1), &header) || header.kind >= STMP_GET_RESPONSE)
        return -1;
    if (header.kind == STMP_GET || header.kind == STMP_GET_NEXT)
        return 1;
    const struct dynamic_member *member = dynamic_members(rows, header.object_no);
    if (!member)
        return -1;
    for (int ix = 0; ix < DYNAMIC_MEMBERS_MAX && !reader.broken; ix++) {
        struct object_instance at;
        struct value value;
        if (dynamic_member_instance(&member[ix], &at))
            oer_get_value(&reader, at.object, &value);
    }
    return reader.broken ? 0 : (int)(size - reader.left);
}
