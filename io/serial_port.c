#include "serial_port.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { LEAVE_STEPS = 10, LEAVE_STEP_MS = 10 };

static const struct {
    int64_t baud;
    speed_t speed;
} speeds[] = {{2400, B2400},   {4800, B4800},   {9600, B9600},    {19200, B19200},
              {38400, B38400}, {57600, B57600}, {115200, B115200}};

static speed_t speed_of(int64_t baud)
{
    for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++) {
        if (speeds[i].baud == baud)
            return speeds[i].speed;
    }
    return B0;
}

bool serial_port_has_baud(int64_t baud)
{
    return speed_of(baud) != B0;
}

static int set_up(int fd, uint32_t baud, bool even_parity)
{
    struct termios line;
    if (tcgetattr(fd, &line) != 0)
        return -1;
    cfmakeraw(&line);
    line.c_cflag &= ~(tcflag_t)(CSTOPB | PARENB | PARODD | CRTSCTS);
    line.c_cflag |= CLOCAL | CREAD | (even_parity ? PARENB : 0);
    line.c_iflag |= even_parity ? INPCK : 0;
    line.c_cc[VMIN] = 1; /* a read of nothing then means that the line is gone */
    line.c_cc[VTIME] = 0;
    return cfsetspeed(&line, speed_of(baud)) == 0 && tcsetattr(fd, TCSANOW, &line) == 0 ? 0 : -1;
}

int serial_port_open(const char *path, uint32_t baud, bool even_parity)
{
    const int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (set_up(fd, baud, even_parity) != 0) {
        const int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    (void)ioctl(fd, TIOCEXCL);
    (void)tcflush(fd, TCIOFLUSH);
    return fd;
}

static int waiting(int fd)
{
    int octets = 0;
    return ioctl(fd, TIOCOUTQ, &octets) == 0 ? octets : 0;
}

int serial_port_send(int fd, const uint8_t *octet, int length)
{
    if (waiting(fd) > 0)
        (void)tcflush(fd, TCOFLUSH);
    if (write(fd, octet, (size_t)length) >= 0)
        return 0;
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

void serial_port_drain(int fd)
{
    for (int i = 0; i < LEAVE_STEPS && waiting(fd) > 0; i++)
        (void)poll(NULL, 0, LEAVE_STEP_MS);
}

/* Closing would wait for a line that takes nothing, for half a minute. */
void serial_port_close(int fd)
{
    if (waiting(fd) > 0)
        (void)tcflush(fd, TCOFLUSH);
    close(fd);
}
