/* A pipe to oneself that ends a blocked poll(2). */
#include "src/transport/wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

bool wakeup_prepare(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}

bool wakeup_open(struct wakeup *wakeup)
{
    int ends[2];
    wakeup->reader = wakeup->writer = -1;
    if (pipe(ends) != 0) return false;
    wakeup->reader = ends[0];
    wakeup->writer = ends[1];
    if (wakeup_prepare(ends[0]) && wakeup_prepare(ends[1])) return true;
    wakeup_close(wakeup);
    return false;
}

void wakeup_close(struct wakeup *wakeup)
{
    if (wakeup->reader >= 0) close(wakeup->reader);
    if (wakeup->writer >= 0) close(wakeup->writer);
    wakeup->reader = wakeup->writer = -1;
}

void wakeup_signal(const struct wakeup *wakeup)
{
    int kept = errno;
    char byte = 0;
    /* A full pipe is readable already: nothing is lost. */
    ssize_t written = write(wakeup->writer, &byte, 1);
    (void)written;
    errno = kept;
}

void wakeup_drain(const struct wakeup *wakeup)
{
    char bytes[256];
    while (read(wakeup->reader, bytes, sizeof bytes) == (ssize_t)sizeof bytes) continue;
}

int wakeup_timeout(uint64_t milliseconds)
{
    return milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
}

void wakeup_wait(const struct wakeup *wakeup, uint64_t milliseconds)
{
    struct pollfd polled = {.fd = wakeup->reader, .events = POLLIN};
    if (poll(&polled, 1, wakeup_timeout(milliseconds)) > 0) wakeup_drain(wakeup);
}
