/* The least that a red-light camera does with libsigstate. Each line on standard input is a wheel that
 * crosses the stop line; the verdict comes a second later, when no message can change it any more.
 *
 *     cc camera.c -o camera $(pkg-config --cflags --libs sigstate)
 *     ./camera tcp:192.0.2.1:7070 3 20 camera-1 00112233445566778899aabbccddeeff
 * The feed; the group; by how many ms our clock may be off UTC (-1: it is the controller's); the key. */
#include <poll.h>
#include <sigstate.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t utc_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 6)
        return 2;
    unsigned char secret[SIGSTATE_SECRET_MAX];
    struct sigstate_key key = {.id = argv[4], .secret = secret};
    for (const char *hex = argc == 6 ? argv[5] : ""; hex[0] && hex[1] && key.secret_length < sizeof secret;
         hex += 2)
        sscanf(hex, "%2hhx", &secret[key.secret_length++]);
    struct sigstate_options options = {.address = argv[1], .keys = &key, .key_count = argc == 6};
    options.clock_error_us = atoi(argv[3]) < 0 ? SIGSTATE_SAME_CLOCK : atoi(argv[3]) * 1000;
    struct sigstate *s = sigstate_open(&options);
    if (!s)
        return perror(argv[1]), 1;
    struct pollfd polls[] = {{STDIN_FILENO, POLLIN, 0}, {sigstate_fd(s), POLLIN, 0}};
    int64_t crossed_us = 0; /* nobody has */
    while (polls[0].fd >= 0 || crossed_us != 0) {
        struct sigstate_answer a;
        char line[64];
        poll(polls, 2, 100);
        sigstate_follow(s, 0);
        if (crossed_us == 0 && polls[0].revents != 0) {
            if (read(STDIN_FILENO, line, sizeof line) > 0)
                crossed_us = utc_us();
            else
                polls[0].fd = -1; /* nobody will any more */
        }
        if (crossed_us == 0)
            continue;
        sigstate_at(s, atoi(argv[2]), crossed_us, sigstate_now_us(), &a);
        if (a.final || utc_us() - crossed_us > 3000000) { /* who is silent so long has nothing to add */
            if (a.known)
                printf("%s for %.3f s: ", sigstate_color_text(a.color), (double)a.age_us / 1e6);
            puts(sigstate_why_text(a.why));
            fflush(stdout);
            crossed_us = 0;
        }
    }
    sigstate_close(s);
}
