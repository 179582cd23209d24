/* A pipe to oneself that ends a blocked poll(2): the one way that is safe from any thread and from a signal handler. */
#ifndef SRC_TRANSPORT_WAKEUP_H
#define SRC_TRANSPORT_WAKEUP_H

#include <stdbool.h>
#include <stdint.h>

struct wakeup {
    int reader;
    int writer;
};

/* false: the system has no descriptors left (errno says why); both are then -1. */
bool wakeup_open(struct wakeup *wakeup);
void wakeup_close(struct wakeup *wakeup);
/* Makes reader readable. Async-signal-safe; keeps errno. */
void wakeup_signal(const struct wakeup *wakeup);
/* Takes all signals given so far. */
void wakeup_drain(const struct wakeup *wakeup);
/* Blocks until a signal, a signal handler or the time, then drains. */
void wakeup_wait(const struct wakeup *wakeup, uint64_t milliseconds);

/* Milliseconds as poll(2) takes them. */
int wakeup_timeout(uint64_t milliseconds);
/* Sets close-on-exec and non-blocking. */
bool wakeup_prepare(int descriptor);

#endif
