/* What this software calls itself. TSC_VERSION comes from the build. */
#ifndef CONTROLLER_VERSION_H
#define CONTROLLER_VERSION_H

#define TSC_RELEASED       "20261123"
#define TSC_MODULE_VERSION TSC_RELEASED " - v" TSC_VERSION

#endif
