package io.aliquot.cli.simulation;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Random;

/** Virtual time, chance, and what happens next. All that one run does follows from its seed. One thread. */
final class World {
    private static final int TRACE = 60;

    final long seed;
    final Broken broken;
    final Random random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMs).thenComparingLong(Event::number));
    private final Deque<String> trace = new ArrayDeque<>();
    private long number;
    private long digest;
    long nowMs;
    /** No faults any more. */
    boolean calm;

    private record Event(long atMs, long number, Runnable what) {}

    World(long seed, Broken broken) {
        this.seed = seed;
        this.broken = broken;
        this.random = new Random(seed);
    }

    void after(long delayMs, Runnable what) {
        events.add(new Event(nowMs + delayMs, number++, what));
    }

    /** Lets the next thing happen. @return false when that is after the given time */
    boolean step(long untilMs) {
        Event next = events.peek();
        if (next == null || next.atMs > untilMs) {
            nowMs = untilMs;
            return false;
        }
        events.remove();
        nowMs = next.atMs;
        next.what.run();
        return true;
    }

    /** From the least to less than the bound. */
    long between(long least, long bound) {
        return least + (long) (random.nextDouble() * (bound - least));
    }

    /** A fault of this probability; none once it is calm. */
    boolean fault(double probability) {
        return random.nextDouble() < probability && !calm;
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** For who looks at a run that failed; equal runs say the same. */
    void say(String who, String what) {
        String line = nowMs + " ms  " + who + ": " + what;
        digest = digest * 31 + line.hashCode();
        trace.add(line);
        if (trace.size() > TRACE) {
            trace.remove();
        }
    }

    /** Of all that was said. */
    long digest() {
        return digest;
    }

    String trace() {
        return String.join("\n", trace);
    }
}
