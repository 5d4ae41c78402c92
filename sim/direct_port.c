#include "direct_port.h"
#include <string.h>

static int64_t direct_read(struct cabinet *port, struct cabinet_image *image, int64_t now_us)
{
    (void)now_us;
    sim_cabinet_image(((struct direct_port *)port)->cabinet, image);
    return 0;
}

static void direct_write(struct cabinet *port, const struct output *output)
{
    struct direct_port *direct = (struct direct_port *)port;
    struct cabinet_exchange *exchange = &direct->exchange;
    if (output->healthy)
        direct->heartbeat++;
    struct cabinet_command command = {
        .heartbeat = direct->heartbeat, .healthy = output->healthy, .dimmed = output->dimmed};
    memcpy(command.countdown_s, output->countdown_s, sizeof command.countdown_s);
    cabinet_map_lit(output, &command.red, &command.yellow, &command.green);
    exchange->output = *output;
    exchange->taken_us = output->tick_us + DIRECT_DELAY_US;
    exchange->error_us = DIRECT_ERROR_US;
    sim_cabinet_take(direct->cabinet, &command, exchange->taken_us);
    sim_cabinet_image(direct->cabinet, &exchange->image);
    if (direct->taken)
        direct->taken(direct->taken_arg, exchange);
}

void direct_port_init(struct direct_port *direct, struct sim_cabinet *cabinet, cabinet_taken_fn *taken,
                      void *arg)
{
    memset(direct, 0, sizeof *direct);
    direct->port.read = direct_read;
    direct->port.write = direct_write;
    direct->cabinet = cabinet;
    direct->taken = taken;
    direct->taken_arg = arg;
}
