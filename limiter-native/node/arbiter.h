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
 * Some seats run beside the turns (beside.c): their window stays open, the hardware interleaves them with the holder, and they
 * are charged the estimated time of what they launch.
 *   light             a program that waits for each of its short kernels leaves gaps too short to hand the GPU over in, and uses
 *                     less than its share. How much it can use is measured while it has turns. One that uses more than its
 *                     share, or gets less than it could in turns, takes turns again.
 *   latency-critical  by its class, until a floor of another seat is at risk. A best-effort holder stands still while it works.
 *                     Beside bursts that are longer than the hardware's slice it may have much in flight, and stands still on
 *                     the GPU; but a context that stands still seems to keep the rest of its slice, so beside short ones (a token) it
 *                     has little in flight, and its pipe runs empty.
 * Best-effort seats have turns when no other seat wants one, or when their floor is at risk.
 *
 * A tenant's GPUs take their turns together: its work on one may wait for its work on another (collectives). Where it has the
 * turn on the first of its GPUs it goes first on the others, and where it has not, last, within gang_ns of what it is due.
 *
 * A hard ceiling holds even when nobody else wants the GPU: a budget of turn time that fills at ceiling_permille; when it is
 * spent the turn ends, and the seat waits until the budget has grown to a quantum again. Turn time in which the GPU did nothing
 * (threads wake late) is given back once the seat has drained, as far as its meter says so, and an eighth at most.
 */
#ifndef ALIQUOT_ARBITER_H
#define ALIQUOT_ARBITER_H

#include <stdbool.h>
#include <stdint.h>

enum { ARBITER_SEATS = 128 };

/* Times of the turn rule, nanoseconds. docs/adr/0003-pacing.md says where they come from. */
struct arbiter_times {
    uint64_t quantum_ns;      /* a contended turn lasts at least this long */
    uint64_t quantum_urgent_ns; /* or this long, where a seat comes back that has saved up a quantum */
    uint64_t window_ns;       /* in flight at most, while a seat that comes and goes may ask at any moment */
    uint64_t window_known_ns; /* in flight at most, while everyone else waits already: the turn's end is known */
    uint64_t window_alone_ns; /* in flight at most, while nobody else is about */
    uint64_t window_brief_ns; /* in flight at most, and ahead, of a best-effort seat beside short latency-critical bursts */
    uint64_t ahead_ns;        /* a seat may launch so much before its turn */
    uint64_t about_ns;        /* a seat is about for so long after it last had work */
    uint64_t hold_ns;         /* an idle holder keeps a contended turn this long */
    uint64_t hold_critical_ns; /* others stand still for a latency-critical seat for so long after it has drained */
    uint64_t slice_ns;        /* the hardware takes the GPU from a context after about this long, if another waits */
    uint64_t silent_ns;       /* a holder that waits, and launches nothing for so long, may have been stopped */
    uint64_t mute_ns;         /* and has no turn for so long, or until it launches or rings */
    double sparse;            /* a holder that keeps the GPU busy for less of the time, once it has drained, is sparse */
    uint64_t sparse_ns;       /* over so long */
    uint64_t sparse_again_ns; /* and is taken to be so for so long: it hands over when it has drained */
    uint64_t sparse_retry_ns; /* one that fared badly so is taken to be so again after this long, twice as long each time */
    double sparse_least;      /* of what it could use, and is due: with less, handing over does it harm */
    uint64_t early_ns;        /* a closed turn is handed over when no more than this is left in flight */
    uint64_t drain_limit_ns;  /* a closed turn is handed over after this even if work is left */
    uint64_t credit_ns;       /* charge that idling may save up */
    uint64_t probe_ns;        /* turn time over which a seat's demand is measured */
    double light_most;        /* of a light seat's demand */
    uint32_t light_probes;    /* that must have said so */
    uint64_t light_ns;        /* a light seat is judged this often */
    uint64_t retry_ns;        /* a seat that fared badly as a light one takes turns for so long */
    uint64_t gang_ns;         /* charge by which a seat may be ahead or behind, to have its turns together */
    uint64_t floor_ns;        /* a floor is at risk when so much of its time is owed */
    uint32_t least_permille;  /* floor of a seat that has none, beside classes that go first */
};

extern const struct arbiter_times ARBITER_TIMES;

/* What the tenant's turn on the first of its busy GPUs says to its turns on the others. */
enum arbiter_gang { ARBITER_FREE, ARBITER_TOGETHER, ARBITER_APART };

enum arbiter_class { ARBITER_STANDARD, ARBITER_LATENCY_CRITICAL, ARBITER_BEST_EFFORT };

/* What a tenant may use of the GPU. */
struct arbiter_terms {
    uint32_t weight;           /* >= 1 */
    uint32_t floor_permille;   /* 0..ceiling_permille */
    uint32_t ceiling_permille; /* 1..1000 */
    bool hard; /* the ceiling holds when nobody else wants the GPU, too */
    enum arbiter_class class;
};

struct arbiter_seat {
    /* set by arbiter_set() and arbiter_remove() */
    bool used;
    struct arbiter_terms terms;
    /* inputs: written by the caller before each step; may be any value, they come from the tenant */
    bool present; /* has a process */
    enum arbiter_gang gang;
    bool waiting;
    uint64_t inflight_ns;
    uint64_t queued_ns;  /* estimated time of all launches so far */
    uint64_t metered_ns; /* GPU time of all that has finished so far */
    /* outputs */
    bool beside;         /* runs beside the turns */
    bool yields;         /* it stands still, on the GPU, while `paused` */
    bool announce;       /* others give way to it: it says when it begins to work, and when it has drained */
    uint64_t window_ns;  /* 0: the turn is closed */
    uint64_t ahead_ns;   /* it may launch so much before its turn */
    uint64_t ends_ns;    /* of the turn: what is launched should be done by then; 0 = not known */
    uint64_t charged_ns; /* contended turn time since the seat was made; only grows */
    /* own state */
    bool backlogged; /* has work waiting or in flight, as it says */
    bool competing;  /* waits, or holds the turn with work: only these move the clock */
    uint64_t active_ns; /* when it was last backlogged; 0 = never */
    double rate;  /* share of the GPU, 0..1 */
    double vtime; /* ns of charge / rate */
    bool urgent;  /* it came back with a quantum saved up, and waits since */
    double demand; /* part of its turns in which it keeps the GPU busy, about 1 for most; 0 = not known */
    uint32_t probes; /* from which that is known */
    uint64_t seen_ns; /* queued_ns at the last step */
    uint64_t launched_ns; /* since the step before */
    bool in_flight_before; /* it had work in flight at the step before */
    uint64_t worked_ns;   /* when it last launched, or had work in flight */
    uint64_t mute_until_ns;
    uint64_t burst_ns, peak_ns; /* of a latency-critical one: most that it had in flight, in its last burst and in this one */
    bool light;
    uint64_t busy_ns; /* when it last launched, or had work */
    uint64_t probed_ns, probed_use_ns, probed_busy_ns; /* since the last judgement: time, launched, with work */
    uint64_t probed_most_ns;                           /* launched at once */
    uint64_t probed_blocked_ns;                        /* with launches held back */
    uint64_t light_from_ns; /* not light before */
    uint64_t sparse_from_ns, sparse_until_ns; /* it is sparse; until 0: not */
    uint64_t sparse_queued_ns;                /* queued_ns when that began */
    double sparse_use;                        /* of the GPU, that it could have */
    uint64_t sparse_not_before_ns, sparse_retry_ns;
    uint64_t drained_ns, drained_queued_ns; /* when it first drained in this turn (0: not yet), and queued_ns then */
    bool spent;       /* of a hard seat: waits for its budget */
    double budget_ns; /* of a hard seat: turn time that is left */
    double taken_ns;  /* from it, since the seat last had nothing in flight */
    uint64_t settled_ns; /* metered_ns then */
    double owed_ns;   /* of its floor */
    bool at_risk;     /* too much of it */
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
    bool shared;           /* a seat that runs beside the turns has work */
    bool paused;           /* a best-effort holder stands still for a latency-critical seat */
    bool rates_stale, terms_stale;
    uint64_t turns;        /* granted */
};

/** An empty arbiter with ARBITER_TIMES. */
void arbiter_init(struct arbiter *arbiter, uint64_t now_ns);

/** Makes a seat or changes its terms. @param seat 0..ARBITER_SEATS-1 */
void arbiter_set(struct arbiter *arbiter, int seat, const struct arbiter_terms *terms);

/** A sign of life: the seat rang. One that was taken for stopped has turns again. */
void arbiter_hear(struct arbiter *arbiter, int seat);

/** Empties a seat; its turn, if it has it, is free at the next step. */
void arbiter_remove(struct arbiter *arbiter, int seat);

/**
 * Charges what has passed, decides who holds the turn, and sets every seat's window_ns.
 * @param now_ns never before the last step's
 * @return when to step again if nothing is heard before, or UINT64_MAX. now_ns: once the windows are published, and the inputs
 *         read after that: a turn has just been closed
 */
uint64_t arbiter_step(struct arbiter *arbiter, uint64_t now_ns);

#endif
