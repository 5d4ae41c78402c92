/* Octet encoding rules (NTCIP 1102) for the values of our objects: no tags, only lengths that the
 * declared type does not tell. Blocks (NTCIP 1202 v03 5.12), dynamic objects and STMP are made of these.
 *
 * A writer that runs full and a reader that runs dry remember it: a whole message may be put or taken
 * before `full` or `broken` is looked at once. Buffers are the caller's. Nothing here blocks or allocates. */
#ifndef NTCIP_OER_H
#define NTCIP_OER_H

#include "object.h"

struct oer_writer {
    uint8_t *at; /* where the message begins */
    size_t room; /* octets there are */
    size_t used;
    bool full; /* something did not fit; `used` counts only what did */
};

struct oer_reader {
    const uint8_t *at; /* what comes next */
    size_t left;
    bool broken; /* the message ended too early, or had a length nobody can mean */
};

struct oer_writer oer_write_to(uint8_t *at, size_t room);
struct oer_reader oer_read_from(const uint8_t *at, size_t size);

/* The octets just as they are: an OCTET STRING of fixed size, or what is encoded already. */
void oer_put_octets(struct oer_writer *writer, const uint8_t *octet, size_t count);

/* A whole number in 1 to 8 octets, the highest first; of a negative one the two's complement. */
void oer_put_number(struct oer_writer *writer, int64_t number, int octets);

/* A length: one octet below 128, else 0x80 + n and n octets. */
void oer_put_length(struct oer_writer *writer, size_t length);

/* A number whose type declares no range: a length and as few octets as hold it, the highest bit its sign. */
void oer_put_integer(struct oer_writer *writer, int64_t number);

/* How many elements a SEQUENCE OF has: a length and that many octets of number. */
void oer_put_count(struct oer_writer *writer, size_t count);

/* A length and the identifier as BER has it, without its tag. */
void oer_put_object_id(struct oer_writer *writer, const struct object_id *id);

/* A value of the object, which must be one that fits it. */
void oer_put_value(struct oer_writer *writer, const struct object *object, const struct value *value);

/* The same, taken. All return 0, or leave what they fill alone, once the reader is broken. */

/* The place of the next `count` octets, within the message; NULL if there are fewer. */
const uint8_t *oer_get_octets(struct oer_reader *reader, size_t count);

uint64_t oer_get_unsigned(struct oer_reader *reader, int octets);
int64_t oer_get_signed(struct oer_reader *reader, int octets);
int64_t oer_get_integer(struct oer_reader *reader);
size_t oer_get_length(struct oer_reader *reader);
size_t oer_get_count(struct oer_reader *reader);
void oer_get_object_id(struct oer_reader *reader, struct object_id *id);

/* A value as the object's type has it. Whether it is one the object takes is for object_fits() to say. */
void oer_get_value(struct oer_reader *reader, const struct object *object, struct value *value);

/* Octets of a number of the range: 1, 2 or 4; negative where the numbers have a sign; 0 where the range is
 * all that an INTEGER of SMI holds, which is how our table writes one that declares none. */
int oer_number_size(int64_t low, int64_t high);

/* The most octets a value of the object can take. */
size_t oer_value_size_max(const struct object *object);

#endif
