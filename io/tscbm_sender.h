/* Sends the broadcast message, one datagram to each receiver for every frame the cabinet has taken. Never
 * blocks; belongs to the thread of the feed. */
#ifndef IO_TSCBM_SENDER_H
#define IO_TSCBM_SENDER_H

#include "address.h"
#include "tscbm.h"

enum {
    TSCBM_RECEIVERS_MAX = 64,
    TSCBM_REFUSED_S = 60, /* who asked and then refuses so long, port unreachable, is sent nothing more */
};

struct tscbm_receiver {
    struct address address;
    uint8_t form;      /* enum tscbm_form, TSCBM_ENABLED among it */
    bool camera;       /* hears of no red that does not bear an accusation */
    uint32_t asked_no; /* counts the SETs that asked for it; 0: configured, and never given up */
};

struct tscbm_receivers {
    uint8_t count;
    struct tscbm_receiver receiver[TSCBM_RECEIVERS_MAX];
};

struct tscbm_sender;

/* Allocates and opens the sockets; a machine without IPv6 does without. Returns 0, or -1 with the reason. */
int tscbm_sender_open(struct tscbm_sender **sender, char *why, size_t size);
void tscbm_sender_close(struct tscbm_sender *sender);

/* Who is sent to from now on. Who had been given up is sent to again only if it has asked again. */
void tscbm_sender_receivers(struct tscbm_sender *sender, const struct tscbm_receivers *receivers);

/* `for_cameras` is the state without the reds that do not bear an accusation; `utc_us` is when the cabinet
 * took the frame, `now_us` is monotonic. */
void tscbm_sender_send(struct tscbm_sender *sender, const struct spat *spat, const struct spat *for_cameras,
                       int64_t utc_us, int64_t now_us);

#endif
