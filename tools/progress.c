/* Tells a person at a terminal how far a job is. */
#include "tools/progress.h"
#include "tools/message.h"
#include "tools/signals.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 20, LINE_LIMIT = 400, SHORT_TEXT = 32, TRAFFIC_TEXT = 100, PAINT_INTERVAL = 100, REPAINT_INTERVAL = 1000 };

static uint64_t milliseconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int terminal_width(void)
{
#ifdef TIOCGWINSZ
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
#endif
    return 80;
}

uint64_t progress_elapsed(const struct progress *progress)
{
    return milliseconds() - progress->begin;
}

void progress_format_bytes(char *text, uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double value = (double)bytes / 1000;
    unsigned unit = 0;
    if (bytes < 1000) {
        snprintf(text, SHORT_TEXT, "%" PRIu64 " B", bytes);
        return;
    }
    for (; value >= 999.95 && unit < 3; unit++) value /= 1000;
    snprintf(text, SHORT_TEXT, "%.1f %s", value, units[unit]);
}

/* How long the rest takes at the pace since the work began; empty while that cannot be known. */
static void format_left(char *text, const struct progress *progress, uint64_t elapsed)
{
    double done = progress->latest.fraction - progress->first.fraction;
    text[0] = 0;
    if (!(done > 0.01)) return;
    double left = (double)elapsed / 1000 * (1 - progress->latest.fraction) / done;
    if (!(left >= 0 && left < 360000)) return;
    unsigned seconds = (unsigned)(left + 0.5);
    if (seconds >= 3600)
        snprintf(text, SHORT_TEXT, "  %u:%02u:%02u left", seconds / 3600, seconds / 60 % 60, seconds % 60);
    else
        snprintf(text, SHORT_TEXT, "  %u:%02u left", seconds / 60, seconds % 60);
}

static void format_traffic(char *text, const fate_progress *latest)
{
    char sent[SHORT_TEXT], received[SHORT_TEXT];
    text[0] = 0;
    if (latest->bytes_sent == 0 && latest->bytes_received == 0) return;
    progress_format_bytes(sent, latest->bytes_sent);
    progress_format_bytes(received, latest->bytes_received);
    snprintf(text, TRAFFIC_TEXT, "  out %s  in %s", sent, received);
}

static const char *round_name(const fate_job *job)
{
    const char *algorithm = fate_job_algorithm(job);
    return algorithm && strstr(algorithm, "boosting") ? "tree" : "round";
}

static void format_bar(char *text, double fraction, int width)
{
    int filled = fraction > 0 ? (int)((fraction < 1 ? fraction : 1) * width) : 0;
    text[0] = 0;
    if (width == 0) return;
    text[0] = ' ';
    text[1] = '[';
    for (int i = 0; i < width; i++) text[i + 2] = i < filled ? '#' : '.';
    text[width + 2] = ']';
    text[width + 3] = 0;
}

static int format_line(const struct progress *progress, char *line, int bar_width)
{
    const fate_progress *latest = &progress->latest;
    char bar[BAR_WIDTH + 4], traffic[TRAFFIC_TEXT], left[SHORT_TEXT], level[SHORT_TEXT] = "";
    uint64_t elapsed = milliseconds() - progress->work_begin;
    uint64_t speed = elapsed ? (uint64_t)((double)(latest->rows - progress->first.rows) * 1000 / (double)elapsed) : 0;
    format_bar(bar, latest->fraction, bar_width);
    format_left(left, progress, elapsed);
    format_traffic(traffic, latest);
    if (latest->levels) snprintf(level, sizeof level, " level %u/%u", latest->level, latest->levels);
    return snprintf(line, LINE_LIMIT, "%s %u/%u%s%s %d%%  %" PRIu64 " rows/s%s%s", round_name(progress->job), latest->round, latest->rounds,
                    level, bar, (int)(latest->fraction * 100), speed, traffic, left);
}

static void paint(struct progress *progress)
{
    char line[LINE_LIMIT];
    if (!progress->terminal || progress->latest.rounds == 0) return;
    int width = terminal_width() - 1, bar_width = BAR_WIDTH, length;
    while ((length = format_line(progress, line, bar_width)) > width && bar_width > 0) bar_width = bar_width > 5 ? bar_width / 2 : 0;
    if (progress->metric[0] && length + 2 + (int)strlen(progress->metric) <= width)
        snprintf(line + length, (size_t)(LINE_LIMIT - length), "  %s", progress->metric);
    if (width < LINE_LIMIT) line[width] = 0;
    fprintf(stderr, "\r%s\033[K", line);
    progress->painted = 1;
    progress->painted_at = milliseconds();
}

void progress_hide(struct progress *progress)
{
    if (progress->painted) fprintf(stderr, "\r\033[K");
    progress->painted = 0;
}

static int32_t go_on(void)
{
    return signals_cancelled() ? FATE_E_CANCELLED : FATE_OK;
}

static int32_t on_progress(void *context, const fate_progress *latest)
{
    struct progress *progress = context;
    int fresh = latest->round != progress->latest.round;
    if (progress->work_begin == 0) {
        progress->work_begin = milliseconds();
        progress->first = *latest;
    }
    progress->latest = *latest;
    if (fresh || milliseconds() - progress->painted_at >= PAINT_INTERVAL) paint(progress);
    return go_on();
}

static int32_t on_metric(void *context, const char *name, uint32_t round, double value)
{
    struct progress *progress = context;
    (void)round;
    snprintf(progress->metric, sizeof progress->metric, "%s %.4f", name, value);
    return FATE_OK;
}

static int32_t on_warning(void *context, const char *sentence)
{
    struct progress *progress = context;
    progress_hide(progress);
    message_warning(sentence);
    return FATE_OK;
}

static int32_t on_peer(void *context, uint32_t peer, int32_t state)
{
    struct progress *progress = context;
    const char *name = fate_job_party_name(progress->job, peer);
    progress_hide(progress);
    if (state == 0) {
        progress->lost_peers++;
        message_error("warning: %s has not been heard of for a while; waiting for it.", name);
    } else if (progress->terminal || progress->lost_peers) {
        message_note("%s is connected.", name);
        progress->lost_peers -= progress->lost_peers > 0;
    }
    return FATE_OK;
}

static int32_t on_tick(void *context)
{
    struct progress *progress = context;
    if (milliseconds() - progress->painted_at >= REPAINT_INTERVAL) paint(progress);
    return go_on();
}

void progress_begin(struct progress *progress, fate_observer *observer, const fate_job *job)
{
    memset(progress, 0, sizeof *progress);
    memset(observer, 0, sizeof *observer);
    progress->job = job;
    progress->terminal = isatty(STDERR_FILENO);
    progress->begin = milliseconds();
    observer->struct_size = sizeof *observer;
    observer->abi_version = FATE_ABI_VERSION;
    observer->context = progress;
    observer->progress = on_progress;
    observer->metric = on_metric;
    observer->warning = on_warning;
    observer->peer_changed = on_peer;
    observer->tick = on_tick;
}
