/* The limiter's one thread: closes and reaps batches, tends the link, and sleeps until there is something to do. */
#ifndef ALIQUOT_HELPER_H
#define ALIQUOT_HELPER_H

#include <stdbool.h>

/** Starts the thread with every signal blocked. Called once a process, by link_start(). */
void helper_start(void);
/** @return whether the thread is there: without it nobody opens what waits on the GPU when the agent dies. Any thread */
bool helper_is_there(void);
/** In a fork's child: there is no helper, and what it worked on is the parent's. */
void helper_forget(void);

#endif
