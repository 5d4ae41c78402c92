/* objects.def, spelled out as constant tables. */
#include "device.h"
#include "object_arcs.h"
#include "object_read.h"

/* NOLINTBEGIN(bugprone-macro-parentheses): most arguments here are pieces of initialisers. */

/* Keys and presence of a table's rows. */
#define ROWS(name_, rows_)                    .keys = 1, .key = {#name_, NULL}, .rows = {rows_, 1}
#define ROWS2(name1_, rows1_, name2_, rows2_) .keys = 2, .key = {#name1_, #name2_}, .rows = {rows1_, rows2_}
#define ALL                                   .present = 0
#define ONLY(mask_)                           .present = offsetof(struct engine_status, mask_)
#define WHEN(which_)                          .when = object_rows_##which_

/* Syntax. */
#define UNITS(text_)                  .units = text_,
#define SECONDS                       UNITS("seconds")
#define TENTHS                        UNITS("tenths of a second")
#define MINUTES                       UNITS("minutes")
#define METRES                        UNITS("metres")
#define CENTIMETRES                   UNITS("centimetres")
#define KMH                           UNITS("kilometres an hour")
#define CELSIUS                       UNITS("degrees Celsius")
#define PERCENT                       UNITS("percent")
#define LENIENT                       .lenient = true,
#define COUNTER_TOO                   .counter_too = true,
#define GAUGE_TOO                     .gauge_too = true,
#define ADMIN                         .admin = true,
#define INT(low_, high_)              .syntax = SYNTAX_INTEGER, .low = low_, .high = high_
#define BITS(legal_)                  .syntax = SYNTAX_INTEGER, .low = 0, .high = 255, .legal = legal_
#define FLASH(legal_, wins_, yields_) BITS(legal_), .wins = wins_, .yields = yields_
#define NAMED(low_, high_, names_)    .syntax = SYNTAX_NAMED, .low = low_, .high = high_, .names = names_
#define ROW_STATUS                                                                                           \
    NAMED(2, 6, "standby(2), available(3), invalid(4), activate(5), deactivate(6)"), .row_status = true
#define LIST(length_, low_, high_) .syntax = SYNTAX_LIST, .length = length_, .low = low_, .high = high_
#define TEXT(octets_)              .syntax = SYNTAX_TEXT, .high = octets_
#define OCTETS(low_, high_)        .syntax = SYNTAX_OCTETS, .low = low_, .high = high_
#define OPAQUE(octets_)            .syntax = SYNTAX_OPAQUE, .high = octets_
#define IP_ADDRESS                 .syntax = SYNTAX_IP_ADDRESS
#define COUNTER                    .syntax = SYNTAX_COUNTER, .high = UINT32_MAX
#define GAUGE                      .syntax = SYNTAX_GAUGE, .high = UINT32_MAX
#define TIMETICKS                  .syntax = SYNTAX_TIMETICKS, .high = UINT32_MAX
#define OBJECT_ID                  .syntax = SYNTAX_OBJECT_ID
#define REFERENCE                  .syntax = SYNTAX_REFERENCE
#define POINTER(key_)              .syntax = SYNTAX_POINTER, .target = #key_

/* Access. */
#define RO false
#define RW true

/* Field. */
#define SIZE_OF(type_, member_) sizeof(((type_ *)NULL)->member_)
#define FIXED(number_)          .field = FIELD_FIXED, .offset = number_
#define KEY(which_)             .field = FIELD_KEY, .offset = which_
#define READ(reader_)           .field = FIELD_READER, .reader = object_read_##reader_
#define READ_BACK(reader_)      .reader = object_read_##reader_,
#define JUDGED(judge_)          .judge = object_judge_##judge_,
#define KEPT(name_)             .keeper = object_keep_##name_,
#define WRITE(name_)            READ(name_), .store = STORE_DEVICE, .writer = object_write_##name_
#define BLOCK(name_)            READ(name_), .store = STORE_BLOCK, .writer = object_write_##name_
#define PINNED                                                                                               \
    .pinned = true, .judge = object_judge_pinned, .store = STORE_DEVICE, .writer = object_write_pinned,
#define MISSING(number_) .missing = true, FIXED(number_)
#define IN(store_, kind_, type_, member_)                                                                    \
    .store = store_, .field = kind_, .offset = offsetof(type_, member_), .size = SIZE_OF(type_, member_)
#define ROW_OF(kind_, array_, row_, member_)                                                                 \
    IN(STORE_DATABASE, kind_, struct database, array_[0].member_), .stride = sizeof(row_)
#define DATABASE(member_) IN(STORE_DATABASE, FIELD_NUMBER, struct database, member_)
#define DATABASE_ROW(member_)                                                                                \
    IN(STORE_DATABASE, FIELD_NUMBER, struct database, member_[0]),                                           \
        .stride = SIZE_OF(struct database, member_[0])
#define UNIT(member_)       DATABASE(unit.member_)
#define PHASE(member_)      ROW_OF(FIELD_NUMBER, phase, struct phase_row, member_)
#define PHASE_LIST(member_) ROW_OF(FIELD_LIST, phase, struct phase_row, member_)
#define DETECTOR(member_)   ROW_OF(FIELD_NUMBER, vehicle_detector, struct vehicle_detector_row, member_)
#define PED_DETECTOR(member_)                                                                                \
    ROW_OF(FIELD_NUMBER, pedestrian_detector, struct pedestrian_detector_row, member_)
#define CHANNEL(member_)       ROW_OF(FIELD_NUMBER, channel, struct channel_row, member_)
#define CHANNEL_LIST(member_)  ROW_OF(FIELD_LIST, channel, struct channel_row, member_)
#define OVERLAP(member_)       ROW_OF(FIELD_NUMBER, overlap, struct overlap_row, member_)
#define OVERLAP_LIST(member_)  ROW_OF(FIELD_LIST, overlap, struct overlap_row, member_)
#define PATTERN(member_)       ROW_OF(FIELD_NUMBER, pattern, struct pattern_row, member_)
#define SPLIT(member_)         ROW_OF(FIELD_NUMBER, split[0], struct split_row, member_)
#define ACTION(member_)        ROW_OF(FIELD_NUMBER, timebase.action, struct action_row, member_)
#define SCHEDULE(member_)      ROW_OF(FIELD_NUMBER, timebase.schedule, struct schedule_row, member_)
#define DAY_PLAN(member_)      ROW_OF(FIELD_NUMBER, timebase.day_plan[0], struct day_plan_event, member_)
#define DAYLIGHT(member_)      ROW_OF(FIELD_NUMBER, timebase.daylight, struct daylight_rule, member_)
#define PREEMPT(member_)       ROW_OF(FIELD_NUMBER, preempt, struct preempt_row, member_)
#define PREEMPT_LIST(member_)  ROW_OF(FIELD_LIST, preempt, struct preempt_row, member_)
#define PRIORITY(member_)      ROW_OF(FIELD_NUMBER, priority.request, struct priority_row, member_)
#define PRIORITY_LIST(member_) ROW_OF(FIELD_LIST, priority.request, struct priority_row, member_)
#define SEQUENCE                                                                                             \
    IN(STORE_DATABASE, FIELD_LIST, struct database, sequence[0][0]), .stride = sizeof(struct phase_list)
#define EVENT_CONFIG(member_)    ROW_OF(FIELD_NUMBER, device.event.config, struct event_config_row, member_)
#define EVENT_ID(member_)        ROW_OF(FIELD_ID, device.event.config, struct event_config_row, member_)
#define EVENT_CLASS(member_)     ROW_OF(FIELD_NUMBER, device.event.class, struct event_class_row, member_)
#define EVENT_TEXT(member_)      ROW_OF(FIELD_LIST, device.event.class, struct event_class_row, member_)
#define STORED(member_)          DATABASE(device.member_)
#define STORED_ROW(member_)      DATABASE_ROW(device.member_)
#define RSU_PORT(member_)        ROW_OF(FIELD_NUMBER, device.rsu.port, struct rsu_port_row, member_)
#define RSU_PORT_TEXT(member_)   ROW_OF(FIELD_LIST, device.rsu.port, struct rsu_port_row, member_)
#define RSU_PORT_OCTETS(member_) ROW_OF(FIELD_OCTETS, device.rsu.port, struct rsu_port_row, member_)
#define STORED_LIST_ROW(member_)                                                                             \
    IN(STORE_DATABASE, FIELD_LIST, struct database, device.member_[0]),                                      \
        .stride = SIZE_OF(struct database, device.member_[0])
#define DYNAMIC_MEMBER                                                                                       \
    IN(STORE_DATABASE, FIELD_READER, struct database, device.dynamic.member[0][0]),                          \
        .stride = sizeof(struct dynamic_member)
#define DEVICE(member_) IN(STORE_DEVICE, FIELD_NUMBER, struct device, member_)
#define STORED_PART(kind_, array_, member_)                                                                  \
    IN(STORE_DATABASE, kind_, struct database, device.array_[0] member_),                                    \
        .stride = SIZE_OF(struct database, device.array_[0])
#define BACKUP_ID                       STORED_PART(FIELD_ID, backup_content, .id)
#define BACKUP_TEXT                     STORED_PART(FIELD_LIST, backup_content, .description)
#define SET_ID                          STORED_PART(FIELD_ID, global_set_id, )
#define CABINET_TEXT                    STORED_PART(FIELD_LIST, cabinet_device, )
#define NOTIFY(array_, member_)         STORED_PART(FIELD_NUMBER, notify.array_, .member_)
#define NOTIFY_TEXT(array_, member_)    STORED_PART(FIELD_LIST, notify.array_, .member_)
#define NOTIFY_ID(array_, member_)      STORED_PART(FIELD_ID, notify.array_, .member_)
#define NOTIFY_ADDRESS(array_, member_) STORED_PART(FIELD_OCTETS, notify.array_, .member_)
#define NOTIFY_ADMINISTRATOR            IN(STORE_DATABASE, FIELD_LIST, struct database, device.notify.administrator)
#define DEFAULTS(member_)               IN(STORE_DEFAULTS, FIELD_NUMBER, struct database, device.member_)
#define SNMP(member_)                   IN(STORE_SNMP, FIELD_NUMBER, struct snmp_counters, member_)
#define CONTROL(member_)                IN(STORE_CONTROL, FIELD_NUMBER, struct control, member_)
#define CONTROL_MASK(member_)           IN(STORE_CONTROL, FIELD_MASK, struct control, member_)
#define CONTROL_BIT(member_)            IN(STORE_CONTROL, FIELD_BIT, struct control, member_)
#define STATUS(member_)                 IN(STORE_STATUS, FIELD_NUMBER, struct engine_status, member_)
#define STATUS_MASK(member_)            IN(STORE_STATUS, FIELD_MASK, struct engine_status, member_)
#define STATUS_BIT(member_)             IN(STORE_STATUS, FIELD_BIT, struct engine_status, member_)
#define STATUS_ROW(member_)                                                                                  \
    IN(STORE_STATUS, FIELD_NUMBER, struct engine_status, member_[0]),                                        \
        .stride = SIZE_OF(struct engine_status, member_[0])
#define EXTRA(member_) IN(STORE_EXTRA, FIELD_NUMBER, struct object_extra, member_)
#define EXTRA_ROW(member_)                                                                                   \
    IN(STORE_EXTRA, FIELD_NUMBER, struct object_extra, member_[0]),                                          \
        .stride = SIZE_OF(struct object_extra, member_[0])
#define EXTRA_MASK(member_) IN(STORE_EXTRA, FIELD_MASK, struct object_extra, member_)

#define TRANSACTION(member_)      IN(STORE_TRANSACTION, FIELD_NUMBER, struct transaction, member_)
#define TRANSACTION_TEXT(member_) IN(STORE_TRANSACTION, FIELD_TEXT, struct transaction, member_)

#define MODULE(...)
#define IN_MODULE(...)
#define NODE(...)
#define NOTIFICATION(...)
#define ABSENT(...)

/* A scalar's table is "table number 0". */
enum table_no {
    TABLE_NO_SCALAR,
#define TABLE(name_, ...) TABLE_NO_##name_,
#define OBJECT(...)
#include "objects.def"
#undef TABLE
#undef OBJECT
};

#define OBJECT(...)
#define TABLE(name_, entry_, id_, keys_, present_, section_, text_)                                          \
    {.name = #name_, .entry = #entry_, .id = id_, keys_, present_, .section = #section_, .text = text_},
const struct object_table object_tables[] = {
#include "objects.def"
};
#undef TABLE
#undef OBJECT
const size_t object_table_count = sizeof object_tables / sizeof object_tables[0];

#define TABLE_OF(no_) ((no_) == TABLE_NO_SCALAR ? NULL : &object_tables[(no_)-1])
#define TABLE(...)
#define OBJECT(name_, table_, id_, syntax_, access_, class_, field_, standard_, text_)                       \
    {.name = #name_,                                                                                         \
     .table = TABLE_OF(TABLE_NO_##table_),                                                                   \
     .id = id_,                                                                                              \
     syntax_,                                                                                                \
     .writable = access_,                                                                                    \
     .class = CLASS_##class_,                                                                                \
     field_,                                                                                                 \
     .standard = standard_,                                                                                  \
     .text = text_},
const struct object object_all[] = {
#include "objects.def"
};
const size_t object_count = sizeof object_all / sizeof object_all[0];
/* NOLINTEND(bugprone-macro-parentheses) */
