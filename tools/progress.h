/* Tells a person at a terminal how far a job is: a bar on standard error. Where that is no terminal, only warnings are written. */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <fate/fate.h>

enum { PROGRESS_METRIC_LIMIT = 80 };

struct progress {
    const fate_job *job;
    int terminal;
    int painted;         /* the bar stands on the current line */
    uint32_t lost_peers; /* peers that have not been heard of for a while */
    uint64_t begin;      /* milliseconds */
    uint64_t painted_at;
    uint64_t work_begin; /* when the first progress was reported, after waiting for peers; 0 before */
    fate_progress first; /* that progress: not the beginning when a job continues */
    fate_progress latest;
    char metric[PROGRESS_METRIC_LIMIT];
};

/* Begins to count the time and fills the observer; progress must live as long as it. The observer also cancels the job
 * after a signal (tools/signals.h). */
void progress_begin(struct progress *progress, fate_observer *observer, const fate_job *job);

/* Takes the bar off the screen. */
void progress_hide(struct progress *progress);

/* Milliseconds since progress_begin. */
uint64_t progress_elapsed(const struct progress *progress);

/* "1.2 MB"; text has room for 32 characters. */
void progress_format_bytes(char *text, uint64_t bytes);

#endif
