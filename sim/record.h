/* The records of the cameras as files: of each one JSON file and three SVG pictures, in one directory
 * (docs/cameras.md). Written when the review is over, the JSON last, so that it never names a picture that is
 * not there. */
#ifndef SIM_RECORD_H
#define SIM_RECORD_H

#include "camera.h"

struct street;
struct record_book;

enum {
    RECORDS_MAX = 2000, /* written in one run */
    PLATE_TEXT = 16,
};

/* Opens the directory, or makes it. Allocates. `street` must have its cameras already, and outlive the book.
 * NULL after saying on standard error why not. */
struct record_book *record_book_open(const char *directory, const struct street *street);
void record_book_close(struct record_book *book);

/* Keeps what a camera's picture shows, and writes the record when it is known what became of it. Blocks on
 * the files. What cannot be written is said once on standard error; nothing more is written then. */
void record_book_note(struct record_book *book, int camera_ix, enum camera_event event,
                      const struct camera_case *the_case);

/* Records written so far. */
uint64_t record_book_count(const struct record_book *book);

/* The plate of a vehicle: made up from its number, every number another. */
void record_plate(uint32_t vehicle_no, char plate[PLATE_TEXT]);

#endif
