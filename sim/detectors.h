/* Presence zones in the lanes: which vehicle detectors are covered now. */
#ifndef SIM_DETECTORS_H
#define SIM_DETECTORS_H

#include "traffic.h"

void detectors_read(const struct traffic *traffic, struct detector_mask *occupied);

#endif
