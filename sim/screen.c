#include "screen.h"
#include "../io/feed.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DRAW_US = 250 * 1000, LINE_US = 5000 * 1000, STATUS_TEXT = 512 };

void screen_init(struct screen *screen)
{
    *screen = (struct screen){.terminal = isatty(STDOUT_FILENO) == 1};
    if (screen->terminal)
        fputs("\033[2J\033[?25l", stdout); /* clear, hide the cursor */
}

void screen_done(struct screen *screen)
{
    if (screen->terminal)
        fputs("\033[?25h", stdout);
    fflush(stdout);
}

void screen_tell(struct screen *screen, int64_t since_begin_us, const char *format, ...)
{
    char text[SCREEN_TEXT];
    va_list arguments;
    int begun = snprintf(text, sizeof text, "%8.1f s  ", (double)since_begin_us / 1e6);
    va_start(arguments, format);
    vsnprintf(text + begun, sizeof text - (size_t)begun, format, arguments);
    va_end(arguments);
    memmove(screen->record[1], screen->record[0], sizeof screen->record - sizeof screen->record[0]);
    memcpy(screen->record[0], text, sizeof text);
    screen->records += screen->records < SCREEN_RECORDS;
    if (!screen->terminal) {
        printf("%s\n", text);
        fflush(stdout);
    }
}

static const char *paint(enum lamp_color color)
{
    switch (color) {
    case LAMP_RED:
        return "\033[1;31m";
    case LAMP_YELLOW:
        return "\033[1;33m";
    case LAMP_GREEN:
        return "\033[1;32m";
    case LAMP_DARK:
        break;
    }
    return "\033[2m";
}

static void print_why(const struct street *street, const struct screen_links *links)
{
    static const struct {
        uint32_t bit;
        const char *text;
    } trips[] = {
        {CABINET_TRIP_CONFLICT, "conflict, latched"},
        {CABINET_TRIP_RED_FAIL, "a channel dark, latched"},
        {CABINET_TRIP_HEARTBEAT, "no heartbeat from the controller"},
        {CABINET_TRIP_CVM, "the controller is unwell"},
    };
    fputs(sim_cabinet_flashes(&street->cabinet) ? "cabinet in flash" : "cabinet in service", stdout);
    for (size_t i = 0; i < sizeof trips / sizeof *trips; i++) {
        if (street->cabinet.status & trips[i].bit)
            printf(", %s", trips[i].text);
    }
    printf("; feed %s", links->feed_up ? "heard" : "not connected");
    for (int i = 0; links->feed_up && i < FEED_REASONS; i++) {
        if (links->feed_reasons >> i & 1)
            printf(", %s", feed_reason_name(i));
    }
}

/* What the controller says of itself; nothing where it does not. */
static void read_status(const char *path, char line[STATUS_TEXT])
{
    line[0] = '\0';
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file)
        return;
    if (!fgets(line, STATUS_TEXT, file))
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    fclose(file);
}

static int standing(const struct street *street)
{
    int count = 0;
    for (int ix = 0; ix < street->junction.lane_count; ix++)
        count += traffic_queue(street->traffic, ix);
    return count;
}

static void print_line(const struct street *street, const struct screen_links *links)
{
    const struct offence_score *score = &street->referee.score[CAMERA_RED_LIGHT];
    printf("%8.1f s  ", (double)street->ticks * TICK_MS / 1000);
    for (int i = 0; i < street->config->feed.group_count; i++) {
        const struct feed_group *group = &street->config->feed.group[i];
        const struct lamp *lamp = &street->cabinet.lamps.lamp[group->no - 1];
        printf("%d:%s%s ", group->no, lamp_color_name(lamp_now(lamp)->color), lamp->flashing ? "~" : "");
    }
    printf("queued %d, served %llu, captured %llu of %llu; ", standing(street),
           (unsigned long long)street->traffic->totals.served, (unsigned long long)score->captured,
           (unsigned long long)score->violations);
    print_why(street, links);
    char status[STATUS_TEXT];
    read_status(links->status, status);
    printf("%s%s\n", status[0] ? "; " : "", status);
}

static void draw_groups(const struct street *street)
{
    for (int i = 0; i < street->config->feed.group_count; i++) {
        const struct feed_group *group = &street->config->feed.group[i];
        const struct lamp *lamp = &street->cabinet.lamps.lamp[group->no - 1];
        enum lamp_color color = lamp_now(lamp)->color;
        bool lit = lamp->out_at_us < 0;
        printf("  %s%s\033[0m %2d  %-7s%s  %s\033[K\n", lit ? paint(color) : "", lit ? "\u25cf" : "\u25cb",
               group->no, lamp_color_name(color), lamp_blinks(lamp) && color != LAMP_DARK ? "~" : " ",
               group->name);
    }
}

static void draw_lanes(const struct street *street)
{
    for (int ix = 0; ix < street->junction.lane_count; ix++) {
        const struct lane_layout *lane = &street->junction.lane[ix];
        const struct approach_config *approach = &street->config->approach[lane->approach_ix];
        int queue = traffic_queue(street->traffic, ix);
        printf("  %s/%d  %3d ", approach->id, lane->config->no, queue);
        for (int i = 0; i < queue && i < 40; i++)
            fputs("\u25ae", stdout);
        fputs("\033[K\n", stdout);
    }
}

static void draw_scores(const struct street *street)
{
    for (enum camera_kind kind = CAMERA_RED_LIGHT; kind < CAMERA_KINDS; kind++) {
        const struct offence_score *score = &street->referee.score[kind];
        printf(
            "%-9s  seen %llu, offences %llu, recorded %llu, missed %llu, wrongly %llu, voided %llu\033[K\n",
            camera_kind_name(kind), (unsigned long long)score->passages,
            (unsigned long long)score->violations, (unsigned long long)score->captured,
            (unsigned long long)score->missed, (unsigned long long)score->false_captures,
            (unsigned long long)score->voided);
    }
    double share = offence_scores_share(street->referee.score);
    if (share >= 0)
        printf("of the records %.2f %% stand\033[K\n", 100 * share);
    fputs("\033[K\n", stdout);
}

static void draw(const struct screen *screen, const struct street *street, const struct screen_links *links)
{
    const struct traffic_totals *totals = &street->traffic->totals;
    printf("\033[H%s  %s\033[K\n", street->config->site.name, street->config->site.name_en);
    printf("%.1f s, %s demand, seed %llu; Modbus %s (%d clients), feed %s\033[K\n",
           (double)street->ticks * TICK_MS / 1000, demand_name(street->demand),
           (unsigned long long)street->seed, links->modbus, links->modbus_clients, links->feed);
    if (links->note)
        printf("%s\033[K\n", links->note);
    char status[STATUS_TEXT];
    read_status(links->status, status);
    if (status[0])
        printf("%s\033[K\n", status);
    print_why(street, links);
    fputs("\033[K\n\033[K\n", stdout);
    draw_groups(street);
    fputs("\033[K\nstanding, by lane\033[K\n", stdout);
    draw_lanes(street);
    printf("\033[K\nvehicles %llu, served %llu, mean delay %.1f s; pedestrians %llu, crossed %llu\033[K\n",
           (unsigned long long)totals->vehicles, (unsigned long long)totals->served,
           totals->served ? totals->delay_s / (double)totals->served : 0,
           (unsigned long long)street->walkers.totals.arrived,
           (unsigned long long)street->walkers.totals.crossed);
    draw_scores(street);
    for (int i = 0; i < screen->records; i++)
        printf("%s\033[K\n", screen->record[i]);
    fputs("\033[J", stdout);
}

void screen_show(struct screen *screen, const struct street *street, const struct screen_links *links,
                 int64_t now_us)
{
    if (screen->drawn_us != 0 && now_us - screen->drawn_us < (screen->terminal ? DRAW_US : LINE_US))
        return;
    screen->drawn_us = now_us;
    if (screen->terminal)
        draw(screen, street, links);
    else
        print_line(street, links);
    fflush(stdout);
}
