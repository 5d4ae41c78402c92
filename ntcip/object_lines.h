/* objects.def once more, this time as the sequence of its lines, with what object.h has no use for:
 * modules, groups, and the objects that are not answered. For those who write the table out. */
#ifndef NTCIP_OBJECT_LINES_H
#define NTCIP_OBJECT_LINES_H

#include "object.h"

enum object_line_kind {
    LINE_MODULE,
    LINE_IN_MODULE, /* what follows belongs to the module of that name again */
    LINE_NODE,
    LINE_TABLE,
    LINE_OBJECT,
    LINE_NOTIFICATION,
    LINE_ABSENT, /* an object of the standard that is not answered; the text says why */
};

struct object_line {
    enum object_line_kind kind;
    const char *name;
    const char
        *title; /* of a module: its standard, empty if it is ours; of a notification: what it carries */
    const char *identity; /* of a module: the name of its MODULE-IDENTITY */
    const char *text;
    struct object_id id;
};

/* In the order of objects.def. */
extern const struct object_line object_lines[];
extern const size_t object_line_count;

/* The MODULE line that the line number `ix` (from 0) belongs to. */
const struct object_line *object_line_module(size_t ix);

#endif
