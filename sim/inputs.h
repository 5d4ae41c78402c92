/* The cabinet's inputs by their names: "door", "preempt.3". */
#ifndef SIM_INPUTS_H
#define SIM_INPUTS_H

#include "../io/cabinet.h"

/* Switches an input on or off. Returns 0, or -1 if there is none of that name. */
int inputs_switch(struct cabinet_image *image, const char *name, bool on);

#endif
