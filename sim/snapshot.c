#include "snapshot.h"
#include <math.h>
#include <stdarg.h>
#include <string.h>

static const double VIEW_M = 92;     /* the length of road in a picture */
static const double VIEW_FAR_M = 62; /* of it before the line, if nothing needs more */

void snapshot_take(struct snapshot *snapshot, const struct traffic *traffic, const struct lamps *lamps,
                   int approach_ix, double far_m, int64_t at_us)
{
    const struct config *config = traffic->junction->config;
    const char *approach = config->approach[approach_ix].id;
    snapshot->approach_ix = (uint8_t)approach_ix;
    snapshot->from_m = far_m > VIEW_FAR_M ? -far_m : -VIEW_FAR_M;
    snapshot->to_m = snapshot->from_m + VIEW_M;
    sight_take(&snapshot->sight, traffic, traffic->junction->lane_mask[approach_ix], snapshot->from_m,
               snapshot->to_m + 6);
    snapshot->lamp_count = 0;
    for (int i = 0; i < config->feed.group_count && snapshot->lamp_count < SNAPSHOT_LAMPS; i++) {
        const struct feed_group *group = &config->feed.group[i];
        if (group->kind == GROUP_PEDESTRIAN || strcmp(group->approach, approach) != 0)
            continue;
        const struct lamp *lamp = &lamps->lamp[group->no - 1];
        snapshot->lamp[snapshot->lamp_count++] =
            (struct snapshot_lamp){group, lamp_at(lamp, at_us, NULL)->color, lamp->flashing};
    }
}

const struct snapshot_lamp *snapshot_lamp_of(const struct snapshot *snapshot, int group_no)
{
    for (int i = 0; i < snapshot->lamp_count; i++) {
        if (snapshot->lamp[i].group->no == group_no)
            return &snapshot->lamp[i];
    }
    return NULL;
}

/* ---- drawing: pixels to the right and down; `m` in names is metres on the road ---- */

enum { WIDTH = 1280, HEAD = 116, FOOT = 104, VERGE = 34 };
static const double LANE_M = 3.5, KERB_M = 2.5, BODY_M = 1.9, STRIPE_M = 0.9;
static const double MOUTH_M = 7; /* where the junction begins, beyond the line */
static const double LEFT_RADIUS_M = 14, RIGHT_RADIUS_M = 7;

struct canvas {
    FILE *out;
    const struct snapshot *snapshot;
    const struct approach_config *approach;
    double scale; /* pixels to the metre */
    double top;   /* the outer edge of the road that leads away */
    double middle;
    double kerb; /* where the lanes end and the strip at the kerb begins */
    double edge; /* the kerb itself */
    double bottom;
};

static double across(const struct canvas *canvas, double x_m)
{
    return (x_m - canvas->snapshot->from_m) * canvas->scale;
}

/* The middle of a lane, or of the strip beside it. */
static double lane_middle(const struct canvas *canvas, int lane_no, bool kerb)
{
    return kerb ? canvas->kerb + KERB_M / 2 * canvas->scale
                : canvas->middle + (lane_no - 0.5) * LANE_M * canvas->scale;
}

static void put_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            /* XML knows no control characters at all. */
            fputc((unsigned char)*text < 0x20 ? ' ' : *text, out);
        }
    }
}

static void write_at(const struct canvas *canvas, double x, double y, const char *style, const char *text)
{
    fprintf(canvas->out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, style);
    put_text(canvas->out, text);
    fputs("</text>\n", canvas->out);
}

static void box(const struct canvas *canvas, double x, double y, double width, double height,
                const char *fill)
{
    fprintf(canvas->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", x, y,
            width, height, fill);
}

static void draw_surface(const struct canvas *canvas)
{
    double mouth = across(canvas, MOUTH_M);
    box(canvas, 0, HEAD, WIDTH, canvas->bottom - HEAD, "#8fa77c");
    box(canvas, 0, canvas->edge, WIDTH, VERGE, "#b9b4a8");
    box(canvas, 0, canvas->top, WIDTH, canvas->edge - canvas->top, "#4a4f55");
    box(canvas, 0, canvas->kerb, WIDTH, canvas->edge - canvas->kerb, "#565b61");
    box(canvas, 0, canvas->edge - 2, WIDTH, 4, "#d8d3c6");
    if (mouth < WIDTH)
        box(canvas, mouth, HEAD, WIDTH - mouth, canvas->bottom - HEAD, "#4a4f55");
}

static void draw_lines(const struct canvas *canvas)
{
    double line = across(canvas, 0), mouth = across(canvas, MOUTH_M);
    double end = line < WIDTH ? line : WIDTH;
    double solid = across(canvas, -30);
    fprintf(canvas->out, "<path d=\"M0 %.1fH%.1fM0 %.1fH%.1f\" stroke=\"#e8b923\" stroke-width=\"2.5\"/>\n",
            canvas->middle - 3, end, canvas->middle + 3, end);
    for (int no = 1; no <= canvas->approach->lane_count; no++) {
        double y = canvas->middle + no * LANE_M * canvas->scale;
        bool outer = no == canvas->approach->lane_count;
        double dashes_end = outer ? end : solid;
        if (dashes_end > 0)
            fprintf(canvas->out, "<path d=\"M0 %.1fH%.1f\" stroke=\"#e9edf0\" stroke-width=\"2.5\"%s/>\n", y,
                    dashes_end, outer ? "" : " stroke-dasharray=\"28 42\"");
        if (!outer && solid < end)
            fprintf(canvas->out, "<path d=\"M%.1f %.1fH%.1f\" stroke=\"#e9edf0\" stroke-width=\"2.5\"/>\n",
                    solid > 0 ? solid : 0, y, end);
    }
    if (line >= WIDTH)
        return;
    box(canvas, line - 5, canvas->middle, 5, canvas->kerb - canvas->middle, "#f4f6f8");
    if (!canvas->approach->crosswalk.present)
        return;
    int stripes = (int)((canvas->edge - canvas->top) / canvas->scale / STRIPE_M);
    for (int i = 0; i < stripes; i++)
        box(canvas, across(canvas, 2), canvas->top + (i + 0.25) * STRIPE_M * canvas->scale,
            mouth - across(canvas, 3), STRIPE_M / 2 * canvas->scale, "#e9edf0");
}

/* The arrows painted on the lanes. */
static void draw_arrows(const struct canvas *canvas)
{
    static const struct {
        uint8_t movement;
        const char *stem, *head;
    } arrows[] = {
        {MOVE_THROUGH, "M0 0H3.4", "M3.3 -.45L4.8 0L3.3 .45Z"},
        {MOVE_LEFT, "M0 0H1.4Q2.3 0 2.3 -.6", "M1.85 -.5L2.3 -1.5L2.75 -.5Z"},
        {MOVE_RIGHT, "M0 0H1.4Q2.3 0 2.3 .6", "M1.85 .5L2.3 1.5L2.75 .5Z"},
    };
    static const double places_m[] = {-13, -44};
    for (int l = 0; l < canvas->approach->lane_count; l++) {
        const struct lane_config *lane = &canvas->approach->lane[l];
        for (size_t p = 0; p < sizeof places_m / sizeof *places_m; p++) {
            fprintf(canvas->out, "<g transform=\"translate(%.1f %.1f) scale(%.2f)\" opacity=\".85\">",
                    across(canvas, places_m[p]), lane_middle(canvas, lane->no, false), canvas->scale);
            for (size_t a = 0; a < sizeof arrows / sizeof *arrows; a++) {
                if (lane->movements & arrows[a].movement)
                    fprintf(canvas->out,
                            "<path d=\"%s\" fill=\"none\" stroke=\"#e9edf0\" stroke-width=\".2\"/>"
                            "<path d=\"%s\" fill=\"#e9edf0\"/>",
                            arrows[a].stem, arrows[a].head);
            }
            fputs("</g>\n", canvas->out);
        }
    }
}

/* Where a vehicle is and where it heads, in pixels and degrees: its front runs straight up to the mouth of
 * the junction, then around the arc of its turn. */
static void locate(const struct canvas *canvas, const struct seen *seen, int lane_no, double *x, double *y,
                   double *degrees)
{
    double middle_m = seen->x_m - seen->length_m / 2;
    double beyond_m = middle_m - MOUTH_M;
    *y = lane_middle(canvas, lane_no, seen->kerb);
    *x = across(canvas, middle_m);
    *degrees = 0;
    if (beyond_m <= 0 || seen->turn == TURN_THROUGH || seen->kerb)
        return;
    double side = seen->turn == TURN_LEFT ? -1 : 1;
    double radius_m = seen->turn == TURN_LEFT ? LEFT_RADIUS_M : RIGHT_RADIUS_M;
    double angle = fmin(beyond_m / radius_m, M_PI / 2);
    double rest_m = beyond_m - angle * radius_m;
    *x = across(canvas, MOUTH_M + radius_m * sin(angle));
    *y += side * canvas->scale * (radius_m * (1 - cos(angle)) + rest_m);
    *degrees = side * angle * 180 / M_PI;
}

static void draw_vehicle(const struct canvas *canvas, const struct seen *seen, int lane_no, bool accused)
{
    static const char *const paints[] = {"#dfe3e6", "#9aa5ae", "#2f3b46", "#6d8fb3", "#b9c4b0", "#7c6a5d"};
    double x, y, degrees;
    double length = seen->length_m * canvas->scale, width = BODY_M * canvas->scale;
    locate(canvas, seen, lane_no, &x, &y, &degrees);
    bool against = seen->v_ms < 0 && accused; /* it drives forward, out of the junction */
    fprintf(canvas->out, "<g transform=\"translate(%.1f %.1f) rotate(%.0f)\">", x, y,
            degrees + (against ? 180 : 0));
    fprintf(canvas->out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"6\" fill=\"%s\" "
            "stroke=\"#1b2026\"/>",
            -length / 2, -width / 2, length, width,
            accused ? "#e4572e" : paints[seen->no % (sizeof paints / sizeof *paints)]);
    fprintf(canvas->out,
            "<path d=\"M%.1f %.1fV%.1fL%.1f %.1fV%.1fZ\" fill=\"#1d2833\"/>"
            "<path d=\"M%.1f %.1fV%.1fL%.1f %.1fV%.1fZ\" fill=\"#1d2833\"/>",
            length * .26, -width * .42, width * .42, length * .12, width * .34, -width * .34, -length * .38,
            -width * .36, width * .36, -length * .28, width * .30, -width * .30);
    fprintf(canvas->out, "<path d=\"M%.1f %.1fh-4v5h4zM%.1f %.1fh-4v5h4z\" fill=\"#fff3b0\"/></g>\n",
            length / 2 - 1, -width / 2 + 3, length / 2 - 1, width / 2 - 8);
}

/* The frame around the accused, and its plate. */
static void draw_accused(const struct canvas *canvas, const struct seen *seen,
                         const struct snapshot_caption *caption, int lane_no)
{
    double x, y, degrees;
    double reach = (seen->length_m / 2 + 0.7) * canvas->scale;
    locate(canvas, seen, lane_no, &x, &y, &degrees);
    fprintf(canvas->out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"4\" fill=\"none\" "
            "stroke=\"#ffd23f\" "
            "stroke-width=\"2.5\" stroke-dasharray=\"12 6\" transform=\"rotate(%.0f %.1f %.1f)\"/>\n",
            x - reach, y - 1.5 * canvas->scale, 2 * reach, 3 * canvas->scale, degrees, x, y);
    double at = fmin(fmax(x, 80), WIDTH - 80), above = fmax(y - 62, HEAD + 20);
    fprintf(
        canvas->out,
        "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#ffd23f\" stroke-width=\"2\"/>"
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"128\" height=\"32\" rx=\"5\" fill=\"#1452b4\" stroke=\"#fff\" "
        "stroke-width=\"2\"/>\n",
        x, y - 1.5 * canvas->scale, at, above + 14, at - 64, above - 16);
    write_at(canvas, at, above + 7, "plate", caption->plate);
}

static const char *lens_color(enum lamp_color color)
{
    switch (color) {
    case LAMP_RED:
        return "#ff2d20";
    case LAMP_YELLOW:
        return "#ffc400";
    case LAMP_GREEN:
        return "#1fd655";
    case LAMP_DARK:
        break;
    }
    return "#2a2f35";
}

/* The shape of a lens, as a path about its middle; NULL: round. */
static const char *lens_arrow(enum group_kind kind)
{
    switch (kind) {
    case GROUP_ARROW_LEFT:
        return "M-10 0L1 -9V-3.5H10V3.5H1V9Z";
    case GROUP_ARROW_THROUGH:
        return "M0 -10L9 1H3.5V10H-3.5V1H-9Z";
    case GROUP_ARROW_RIGHT:
        return "M10 0L-1 -9V-3.5H-10V3.5H-1V9Z";
    case GROUP_ROUND:
    case GROUP_U_TURN:
    case GROUP_BICYCLE:
    case GROUP_PEDESTRIAN:
    case GROUP_TRANSIT:
    case GROUP_KINDS:
        break;
    }
    return NULL;
}

static void draw_lens(const struct canvas *canvas, double x, double y, const struct snapshot_lamp *lamp,
                      enum lamp_color color)
{
    bool lit = lamp->color == color;
    const char *arrow = lens_arrow(lamp->group->kind);
    fprintf(canvas->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"14\" fill=\"%s\"/>", x, y,
            lit && !arrow ? lens_color(color) : "#2a2f35");
    if (lit)
        fprintf(canvas->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"19\" fill=\"%s\" opacity=\".28\"/>", x, y,
                lens_color(color));
    if (arrow)
        fprintf(canvas->out, "<path d=\"%s\" transform=\"translate(%.1f %.1f)\" fill=\"%s\"/>", arrow, x, y,
                lit ? lens_color(color) : "#3a4047");
    fputc('\n', canvas->out);
}

/* The signal heads of the approach, the last at the right: red, yellow, green from left to right, as on a
 * mast arm. The inner svg element cuts off a name that is too long. */
static void draw_lamps(const struct canvas *canvas, int framed_no)
{
    enum { HOUSING = 132, PITCH = 172, SHOWN_MAX = 4 };
    const struct snapshot *snapshot = canvas->snapshot;
    int shown = snapshot->lamp_count < SHOWN_MAX ? snapshot->lamp_count : SHOWN_MAX;
    for (int i = 0; i < shown; i++) {
        const struct snapshot_lamp *lamp = &snapshot->lamp[i];
        bool framed = lamp->group->no == framed_no;
        double middle = WIDTH - PITCH * (shown - i - 0.5) - 8;
        char text[NAME_TEXT + 64];
        fprintf(canvas->out,
                "<rect x=\"%.1f\" y=\"14\" width=\"%d\" height=\"48\" rx=\"10\" fill=\"#050709\" "
                "stroke=\"%s\" stroke-width=\"%s\"/>\n",
                middle - HOUSING / 2.0, HOUSING, framed ? "#ffd23f" : "#39424c", framed ? "3" : "1.5");
        for (enum lamp_color color = LAMP_RED; color <= LAMP_GREEN; color++)
            draw_lens(canvas, middle + 42 * ((int)color - (int)LAMP_YELLOW), 38, lamp, color);
        fprintf(canvas->out, "<svg x=\"%.1f\" y=\"64\" width=\"%d\" height=\"42\">\n",
                middle - PITCH / 2.0 + 2, PITCH - 4);
        snprintf(text, sizeof text, "%d %s", lamp->group->no, lamp->group->name);
        write_at(canvas, PITCH / 2.0 - 2, 16, "small centred", text);
        snprintf(text, sizeof text, "%s%s", lamp_color_name(lamp->color), lamp->flashing ? ", flashing" : "");
        write_at(canvas, PITCH / 2.0 - 2, 35, "small centred", text);
        fputs("</svg>\n", canvas->out);
    }
}

static void draw_captions(const struct canvas *canvas, const struct snapshot_caption *caption)
{
    const struct site_config *site = &caption->junction->config->site;
    const struct lane_config *lane = caption->junction->lane[caption->lane_ix].config;
    char text[4 * NAME_TEXT];
    box(canvas, 0, 0, WIDTH, HEAD, "#11161c");
    write_at(canvas, 24, 40, "title", caption->title);
    snprintf(text, sizeof text, "%s · %s", site->name, canvas->approach->name);
    write_at(canvas, 24, 70, "line", text);
    snprintf(text, sizeof text, "lane %d · %s", lane->no, caption->picture);
    write_at(canvas, 24, 97, "line", text);
    box(canvas, 0, canvas->bottom, WIDTH, FOOT, "#11161c");
    write_at(canvas, 24, canvas->bottom + 38, "time", caption->time);
    write_at(canvas, 24, canvas->bottom + 66, "line", caption->state);
    write_at(canvas, 24, canvas->bottom + 90, "small", caption->record);
    write_at(canvas, WIDTH - 24, canvas->bottom + 38, "time right", caption->plate);
    snprintf(text, sizeof text, "%+.1f m from the stop line", caption->x_m);
    write_at(canvas, WIDTH - 24, canvas->bottom + 66, "line right", text);
    write_at(canvas, WIDTH - 24, canvas->bottom + 90, "small right", "simulated");
}

static void draw_people(const struct canvas *canvas, const struct snapshot_caption *caption)
{
    const struct sight *sight = &canvas->snapshot->sight;
    const struct seen *accused = NULL;
    struct seen exact;
    for (int i = 0; i < sight->count; i++) {
        const struct seen *seen = &sight->seen[i];
        if (seen->no == caption->vehicle_no) {
            /* Everybody else is where he was at the end of the tick; the accused where the picture found him.
             */
            exact = *seen;
            exact.x_m = (float)caption->x_m;
            accused = &exact;
        } else {
            draw_vehicle(canvas, seen, caption->junction->lane[seen->lane_ix].config->no, false);
        }
    }
    if (!accused)
        return;
    int lane_no = caption->junction->lane[accused->lane_ix].config->no;
    draw_vehicle(canvas, accused, lane_no, true);
    draw_accused(canvas, accused, caption, lane_no);
}

void snapshot_draw(const struct snapshot *snapshot, const struct snapshot_caption *caption, FILE *out)
{
    static const char styles[] =
        "<style>text{font-family:'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif;fill:#e6ebef}"
        ".title{font-size:26px;font-weight:bold;fill:#ffd23f}.line{font-size:17px}.small{font-size:13px;fill:"
        "#a8b3bd}"
        ".time{font-size:28px;font-weight:bold}.plate{font-size:19px;font-weight:bold;text-anchor:middle;"
        "fill:#fff}"
        ".centred{text-anchor:middle}.right{text-anchor:end}</style>\n";
    struct canvas canvas = {.out = out, .snapshot = snapshot};
    canvas.approach = &caption->junction->config->approach[snapshot->approach_ix];
    canvas.scale = WIDTH / (snapshot->to_m - snapshot->from_m);
    canvas.top = HEAD + VERGE;
    canvas.middle = canvas.top + 2 * LANE_M * canvas.scale; /* two lanes lead away */
    canvas.kerb = canvas.middle + canvas.approach->lane_count * LANE_M * canvas.scale;
    canvas.edge = canvas.kerb + KERB_M * canvas.scale;
    canvas.bottom = canvas.edge + VERGE;
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "viewBox=\"0 0 %d %.0f\" width=\"%d\" height=\"%.0f\">\n",
            WIDTH, canvas.bottom + FOOT, WIDTH, canvas.bottom + FOOT);
    fputs(styles, out);
    draw_surface(&canvas);
    draw_lines(&canvas);
    draw_arrows(&canvas);
    draw_people(&canvas, caption);
    draw_captions(&canvas, caption);
    draw_lamps(&canvas, caption->group_no);
    fputs("</svg>\n", out);
}
