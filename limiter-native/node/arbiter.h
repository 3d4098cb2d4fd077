/*
 * Who may use one GPU now: exclusive turns by virtual time. Pure: time is an argument, there is no I/O and no allocation,
 * and one thread owns an arbiter.
 *
 * Each tenant has a seat. A seat is backlogged while launches are held back (waiting) or work is in flight. Backlogged
 * seats have rates: the weighted max-min division of the GPU between floors and ceilings (rate.h). The holder of the turn
 * is charged wall time for as long as another seat wants the GPU, so a charge needs no word of the tenant: under an
 * exclusive turn wall time is GPU time, and whoever idles in its turn pays for it. virtual time = charge / rate; the
 * lowest virtual time has the next turn. Debt is carried in full; credit from idling is capped.
 *
 * A light seat needs no turns: a program that is bound by its launches leaves gaps too short to hand the GPU over in, and uses
 * less than its share. Its window stays open beside the holder's turn, the hardware interleaves the two, and it is charged
 * the estimated time of what it launches. How much of the GPU a seat can use is measured while it has a turn to itself. A
 * light seat that uses more than its share, or gets less than it could in turns, takes turns again.
 *
 * A hard ceiling holds even when nobody else wants the GPU: a budget of turn time that fills at ceiling_permille; when it is
 * spent the turn ends, and the seat waits until the budget has grown to a quantum again.
 */
#ifndef ALIQUOT_ARBITER_H
#define ALIQUOT_ARBITER_H

#include <stdbool.h>
#include <stdint.h>

enum { ARBITER_SEATS = 128 };

/* Times of the turn rule, nanoseconds. docs/adr/0003-pacing.md says where they come from. */
struct arbiter_times {
    uint64_t quantum_ns;      /* a contended turn lasts at least this long */
    uint64_t window_ns;       /* in flight at most, while a seat that comes and goes may ask at any moment */
    uint64_t window_known_ns; /* in flight at most, while everyone else waits already: the turn's end is known */
    uint64_t window_alone_ns; /* in flight at most, while nobody else is about */
    uint64_t ahead_ns;        /* a seat may launch so much before its turn */
    uint64_t about_ns;        /* a seat is about for so long after it last had work */
    uint64_t hold_ns;         /* an idle holder keeps a contended turn this long */
    uint64_t early_ns;        /* a closed turn is handed over when no more than this is left in flight */
    uint64_t drain_limit_ns;  /* a closed turn is handed over after this even if work is left */
    uint64_t credit_ns;       /* charge that idling may save up */
    uint64_t probe_ns;        /* turn time over which a seat's demand is measured */
    double light_most;        /* of a light seat's demand */
    uint32_t light_probes;    /* that must have said so */
    uint64_t light_ns;        /* a light seat is judged this often */
    uint64_t retry_ns;        /* a seat that fared badly as a light one takes turns for so long */
};

extern const struct arbiter_times ARBITER_TIMES;

struct arbiter_seat {
    /* set by arbiter_set() and arbiter_remove() */
    bool used;
    uint32_t weight;
    uint32_t floor_permille;
    uint32_t ceiling_permille;
    bool hard; /* the ceiling holds when nobody else wants the GPU, too */
    /* inputs: written by the caller before each step; may be any value, they come from the tenant */
    bool waiting;
    uint64_t inflight_ns;
    uint64_t queued_ns; /* estimated time of all launches so far */
    /* outputs */
    bool light;
    uint64_t window_ns;  /* 0: the turn is closed */
    uint64_t ends_ns;    /* of a contended turn: what is launched should be done by then; 0 = not known */
    uint64_t charged_ns; /* contended turn time since the seat was made; only grows */
    /* own state */
    bool backlogged; /* has work waiting or in flight, as it says */
    bool competing;  /* waits, or holds the turn with work: only these move the clock */
    uint64_t active_ns; /* when it was last backlogged; 0 = never */
    double rate;  /* share of the GPU, 0..1 */
    double vtime; /* ns of charge / rate */
    double demand; /* part of its turns in which it keeps the GPU busy, about 1 for most; 0 = not known */
    uint32_t probes; /* from which that is known */
    uint64_t seen_ns; /* queued_ns at the last step */
    bool launched;    /* something, since then */
    uint64_t busy_ns; /* when it last launched, or had work */
    uint64_t probed_ns, probed_use_ns, probed_busy_ns; /* since the last judgement: time, launched, with work */
    uint64_t probed_most_ns;                           /* launched at once */
    uint64_t light_from_ns; /* not light before */
    bool spent;       /* of a hard seat: waits for its budget */
    double budget_ns; /* of a hard seat: turn time that is left */
};

struct arbiter {
    struct arbiter_times times;
    struct arbiter_seat seat[ARBITER_SEATS];
    double vclock;         /* lowest virtual time of those who compete, never falls */
    uint64_t last_ns;      /* of the last step */
    uint64_t held_ns;      /* when the holder's contended turn began */
    uint64_t drain_ns;     /* when it was closed; 0 = open */
    uint64_t idle_ns;         /* since when the holder has been idle; 0 = busy */
    int holder;            /* seat index, or -1 */
    bool contended;        /* another seat was waiting at the last step */
    bool shared;           /* a light seat has work */
    bool rates_stale;
    uint64_t turns;        /* granted */
};

/** An empty arbiter with ARBITER_TIMES. */
void arbiter_init(struct arbiter *arbiter, uint64_t now_ns);

/** Makes a seat or changes its quota. @param seat 0..ARBITER_SEATS-1; weight >= 1; floor <= ceiling, 1..1000 */
void arbiter_set(struct arbiter *arbiter, int seat, uint32_t weight, uint32_t floor_permille, uint32_t ceiling_permille,
                 bool hard);

/** Empties a seat; its turn, if it has it, is free at the next step. */
void arbiter_remove(struct arbiter *arbiter, int seat);

/**
 * Charges what has passed, decides who holds the turn, and sets every seat's window_ns.
 * @param now_ns never before the last step's
 * @return when to step again if nothing is heard before, or UINT64_MAX
 */
uint64_t arbiter_step(struct arbiter *arbiter, uint64_t now_ns);

#endif
