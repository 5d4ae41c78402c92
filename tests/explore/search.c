#include "search.h"
#include <stdlib.h>
#include <string.h>

/* Packed states one behind the other, each led by its length. */
struct queue {
    unsigned char *octet;
    size_t length, room;
};

/* ---- hashes ---- */

static uint64_t mixed(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Two independent chains over the same words. */
static struct hash hash_of(const unsigned char *octet, size_t length)
{
    struct hash h = {UINT64_C(0x243F6A8885A308D3) ^ length, UINT64_C(0x13198A2E03707344)};
    for (size_t at = 0; at < length; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = length - at;
        memcpy(&word, octet + at, left < sizeof word ? left : sizeof word);
        h.low = mixed(h.low ^ word, UINT64_C(0xA4093822299F31D1));
        h.high = mixed(h.high + word, UINT64_C(0x082EFA98EC4E6C89)) + at;
    }
    return h;
}

/* The slot that holds the hash, or the empty one where it belongs. */
static uint32_t slot_of(const struct search *s, struct hash h)
{
    uint32_t slot = (uint32_t)h.low & (s->slots - 1);
    while (s->slot[slot]) {
        const struct hash *there = &s->hash[s->slot[slot] - 1];
        if (there->low == h.low && there->high == h.high)
            break;
        slot = (slot + 1) & (s->slots - 1);
    }
    return slot;
}

/* ---- growing ---- */

static int queue_add(struct queue *q, const unsigned char *packed, size_t size)
{
    uint16_t length = (uint16_t)size;
    if (q->length + sizeof length + size > q->room) {
        size_t room = 2 * q->room + (1U << 20);
        unsigned char *octet = realloc(q->octet, room);
        if (!octet)
            return -1;
        q->octet = octet;
        q->room = room;
    }
    memcpy(q->octet + q->length, &length, sizeof length);
    memcpy(q->octet + q->length + sizeof length, packed, size);
    q->length += sizeof length + size;
    return 0;
}

static int add_edge(struct search *s, uint32_t from, uint32_t to)
{
    for (uint64_t i = s->first[from]; i < s->edges; i++)
        if (s->edge[i] == to)
            return 0;
    if (s->edges == s->edge_room) {
        uint64_t room = 2 * s->edge_room + (1U << 20);
        uint32_t *edge = realloc(s->edge, room * sizeof *edge);
        if (!edge)
            return -1;
        s->edge = edge;
        s->edge_room = room;
    }
    s->edge[s->edges++] = to;
    return 0;
}

/* ---- the search ---- */

static int prepare(struct search *s, const struct junction *junction, uint32_t limit)
{
    memset(s, 0, sizeof *s);
    s->junction = junction;
    s->limit = limit;
    for (s->slots = 1024; s->slots < 2 * limit;)
        s->slots *= 2;
    s->hash = calloc(limit, sizeof *s->hash);
    s->parent = calloc(limit, sizeof *s->parent);
    s->choice = calloc(limit, sizeof *s->choice);
    s->waiting = calloc(limit, sizeof *s->waiting);
    s->slot = calloc(s->slots, sizeof *s->slot);
    s->first = calloc((size_t)limit + 1, sizeof *s->first);
    world_init(&s->start, junction);
    return s->hash && s->parent && s->choice && s->waiting && s->slot && s->first ? 0 : -1;
}

/* Takes down the world that `choice` led to from state `from`. */
static int reached(struct search *s, struct world *w, uint32_t from, int choice, struct queue *next)
{
    unsigned char packed[PACKED_MAX];
    uint64_t waiting = world_waiting(w);
    world_settle(w);
    size_t size = world_pack(w, &s->start, packed);
    struct hash h = hash_of(packed, size);
    uint32_t slot = slot_of(s, h);
    if (!s->slot[slot]) {
        if (s->states == s->limit)
            return 0;
        uint32_t state = s->states++;
        s->hash[state] = h;
        s->parent[state] = from;
        s->choice[state] = (uint8_t)choice;
        s->waiting[state] = waiting;
        s->slot[slot] = state + 1;
        if (queue_add(next, packed, size) != 0)
            return -1;
    }
    bool disturbed = s->junction->choice[choice].disturbs;
    return disturbed ? 0 : add_edge(s, from, s->slot[slot] - 1);
}

/* Tries every choice in one state. */
static int expand(struct search *s, const struct world *from, struct queue *next)
{
    static struct world w;
    uint32_t state = s->expanded;
    s->first[state] = s->edges;
    for (int choice = 0; choice < s->junction->choices; choice++) {
        world_copy(&w, from);
        s->transitions++;
        if (!world_step(&w, &s->junction->choice[choice], &s->breach)) {
            s->breach_state = state;
            s->breach_choice = choice;
            return 0;
        }
        if (reached(s, &w, state, choice, next) != 0)
            return -1;
    }
    s->expanded++;
    s->first[s->expanded] = s->edges;
    return 0;
}

static bool over(const struct search *s)
{
    return s->breach.rule || s->states == s->limit;
}

static int search_levels(struct search *s, struct queue *now, struct queue *next)
{
    static struct world w;
    while (now->length && !over(s)) {
        for (size_t at = 0; at < now->length && !over(s);) {
            uint16_t length;
            memcpy(&length, now->octet + at, sizeof length);
            at += sizeof length;
            world_unpack(&w, &s->start, now->octet + at, length);
            at += length;
            if (expand(s, &w, next) != 0)
                return -1;
        }
        struct queue done = *now;
        *now = *next;
        *next = done;
        next->length = 0;
        s->depth++;
    }
    s->complete = s->expanded == s->states;
    return 0;
}

int search_run(struct search *s, const struct junction *junction, uint32_t limit)
{
    struct queue now = {0}, next = {0};
    int result = prepare(s, junction, limit);
    if (result == 0) {
        unsigned char packed[PACKED_MAX];
        size_t size = world_pack(&s->start, &s->start, packed);
        s->hash[0] = hash_of(packed, size);
        s->slot[slot_of(s, s->hash[0])] = 1;
        s->states = 1;
        result = queue_add(&now, packed, size);
    }
    if (result == 0)
        result = search_levels(s, &now, &next);
    free(now.octet);
    free(next.octet);
    return result;
}

void search_free(struct search *s)
{
    free(s->hash);
    free(s->parent);
    free(s->choice);
    free(s->waiting);
    free(s->slot);
    free(s->first);
    free(s->edge);
    memset(s, 0, sizeof *s);
}

int search_path(const struct search *s, uint32_t state, int *path, int room)
{
    int length = 0;
    for (uint32_t at = state; at; at = s->parent[at])
        length++;
    int i = length;
    for (uint32_t at = state; at; at = s->parent[at])
        if (--i < room)
            path[i] = s->choice[at];
    return length;
}

uint32_t search_find(const struct search *s, struct world *w)
{
    unsigned char packed[PACKED_MAX];
    world_settle(w);
    struct hash h = hash_of(packed, world_pack(w, &s->start, packed));
    uint32_t slot = slot_of(s, h);
    return s->slot[slot] ? s->slot[slot] - 1 : UINT32_MAX;
}
