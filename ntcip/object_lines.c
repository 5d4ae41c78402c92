#include "object_lines.h"
#include "object_arcs.h"
#include <string.h>

/* NOLINTBEGIN(bugprone-macro-parentheses): the arguments are pieces of initialisers. */
#define MODULE(name_, title_, identity_, id_, text_)                                                         \
    {.kind = LINE_MODULE, .name = name_, .title = title_, .identity = #identity_, .text = text_, .id = id_},
#define IN_MODULE(name_) {.kind = LINE_IN_MODULE, .name = name_},
#define NODE(name_, id_) {.kind = LINE_NODE, .name = #name_, .id = id_},
#define TABLE(name_, entry_, id_, keys_, present_, section_, text_)                                          \
    {.kind = LINE_TABLE, .name = #name_, .text = text_, .id = id_},
#define OBJECT(name_, table_, id_, syntax_, access_, class_, field_, standard_, text_)                       \
    {.kind = LINE_OBJECT, .name = #name_, .text = text_, .id = id_},
#define NOTIFICATION(name_, id_, objects_, text_)                                                            \
    {.kind = LINE_NOTIFICATION, .name = #name_, .title = objects_, .text = text_, .id = id_},
#define ABSENT(name_, id_, text_) {.kind = LINE_ABSENT, .name = #name_, .text = text_, .id = id_},
const struct object_line object_lines[] = {
#include "objects.def"
};
const size_t object_line_count = sizeof object_lines / sizeof object_lines[0];
/* NOLINTEND(bugprone-macro-parentheses) */

const struct object_line *object_line_module(size_t ix)
{
    while (object_lines[ix].kind != LINE_MODULE && object_lines[ix].kind != LINE_IN_MODULE)
        ix--;
    const struct object_line *line = &object_lines[ix];
    if (line->kind == LINE_MODULE)
        return line;
    const struct object_line *module = object_lines;
    while (module->kind != LINE_MODULE || strcmp(module->name, line->name) != 0)
        module++;
    return module;
}
