/* Who is sent the broadcast message of signal phase and timing: the receivers of the config file, who has
 * asked over SNMP, and the roadside units of the standard's ports. */
#ifndef CONTROLLER_SPAT_RECEIVERS_H
#define CONTROLLER_SPAT_RECEIVERS_H

#include "../io/tscbm_sender.h"
#include "../ntcip/spat_device.h"
#include "config.h"

/* Fills all of `out`, so that two can be compared octet by octet. Nobody is in it twice. */
void spat_receivers(const struct tscbm_config *config, const struct database *db,
                    const struct spat_device *spat, struct tscbm_receivers *out);

#endif
