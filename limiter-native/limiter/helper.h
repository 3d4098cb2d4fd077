/* The limiter's one thread: closes and reaps batches, tends the link, and sleeps until there is something to do. */
#ifndef ALIQUOT_HELPER_H
#define ALIQUOT_HELPER_H

/** Starts the thread with every signal blocked. Called once a process, by link_start(). */
void helper_start(void);
/** In a fork's child: there is no helper, and what it worked on is the parent's. */
void helper_forget(void);

#endif
