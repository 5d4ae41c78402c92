#include "io_config.h"

const char *const group_kind_words[GROUP_KINDS] = {
    [GROUP_ROUND] = "round",
    [GROUP_ARROW_LEFT] = "arrow-left",
    [GROUP_ARROW_THROUGH] = "arrow-through",
    [GROUP_ARROW_RIGHT] = "arrow-right",
    [GROUP_U_TURN] = "u-turn",
    [GROUP_BICYCLE] = "bicycle",
    [GROUP_PEDESTRIAN] = "pedestrian",
    [GROUP_TRANSIT] = "transit",
};

const char *const movement_words[MOVEMENTS] = {"left", "through", "right", "u-turn", "cross"};
