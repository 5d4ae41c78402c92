/* What `tscsim live` shows: on a terminal one screen drawn in place, elsewhere plain lines now and then. */
#ifndef SIM_SCREEN_H
#define SIM_SCREEN_H

#include "street.h"

enum { SCREEN_RECORDS = 5, SCREEN_TEXT = 160 };

struct screen {
    bool terminal;
    int64_t drawn_us; /* when it was last drawn; 0 never */
    int records;      /* lines kept, newest first */
    char record[SCREEN_RECORDS][SCREEN_TEXT];
};

/* What the street cannot know. */
struct screen_links {
    const char *modbus;
    int modbus_clients;
    const char *feed;
    const char *note;   /* of whoever started the simulator; NULL none */
    const char *status; /* a file with a line about the controller; NULL none */
    bool feed_up;
    uint32_t feed_reasons; /* enum invalid_reason of the newest message */
};

void screen_init(struct screen *screen);

/* Shows the state if it is time to: four times a second on a terminal, every five seconds elsewhere. */
void screen_show(struct screen *screen, const struct street *street, const struct screen_links *links,
                 int64_t now_us);

/* Something happened: a line at once, and among the last ones on the screen. */
void screen_tell(struct screen *screen, int64_t since_begin_us, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Leaves the terminal as it was found. */
void screen_done(struct screen *screen);

#endif
