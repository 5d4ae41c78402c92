/* The thirteen dynamic objects (NTCIP 1103 A.5): lists of objects whose values STMP carries in one message
 * without their names. A definition is written while it is under creation, then declared valid; made
 * invalid, it is empty again. Pure; nothing here blocks. Numbers and indexes count from 1. */
#ifndef NTCIP_DYNAMIC_H
#define NTCIP_DYNAMIC_H

#include "set.h"

/* Judges a SET of dynObjConfigStatus, dynObjConfigOwner or dynObjVariable against the definitions as the
 * varbinds before it leave them. On refusal `message` says why. */
enum set_error dynamic_judge_status(const struct dynamic_rows *rows, int number, int64_t wanted,
                                    char message[SET_MESSAGE_MAX]);
enum set_error dynamic_judge_owner(const struct dynamic_rows *rows, int number,
                                   char message[SET_MESSAGE_MAX]);
enum set_error dynamic_judge_variable(const struct dynamic_rows *rows, int number, const struct object_id *id,
                                      char message[SET_MESSAGE_MAX]);

/* Carries out what was judged well. Invalid clears owner and members. */
void dynamic_set_status(struct dynamic_rows *rows, int number, int64_t wanted);

/* A member from an identifier: none for 0.0. Returns 0, or -1 if it names no object that may be a member.
 * Its row need not be there now, but must be one the table may have. */
int dynamic_member_from_id(const struct object_id *id, struct dynamic_member *out);
void dynamic_member_id(const struct dynamic_member *member, struct object_id *out);

/* The instance a member stands for; false for none. */
bool dynamic_member_instance(const struct dynamic_member *member, struct object_instance *out);

/* The DYNAMIC_MEMBERS_MAX members STMP goes by, or NULL if there is no valid definition of that number; any
 * number may be asked. */
const struct dynamic_member *dynamic_members(const struct dynamic_rows *rows, int number);

/* The first valid number behind `number`, or 0. */
int dynamic_next(const struct dynamic_rows *rows, int number);

/* dynamicObjectTable-ConfigID: the same for the same valid definitions and their owners, on any day and in
 * any version; 0 while there are none. */
uint16_t dynamic_config_id(const struct dynamic_rows *rows);

/* Makes all definitions invalid if they do not outlive an outage of `outage_s`; negative where nobody knows
 * how long it was, which only those for ever outlive. Returns whether a definition was lost. */
bool dynamic_survive(struct dynamic_rows *rows, int64_t outage_s);

#endif
