package io.aliquot.cli.simulation;

/** A process that may die, be stopped for a while, be cut off from the broker, and whose clocks are its own. */
abstract class Program {
    private static final long MS = 1_000_000;

    final World world;
    final Broker broker;
    final String name;
    private long clockBeganNs;
    private double clockRate;
    private long wallOffsetMs;
    private int life;
    private boolean alive;
    private long stoppedUntilMs;
    private long cutOffUntilMs;

    Program(World world, Broker broker, String name) {
        this.world = world;
        this.broker = broker;
        this.name = name;
    }

    /** What a start does. */
    protected abstract void begin();

    void start() {
        life++;
        alive = true;
        stoppedUntilMs = 0;
        clockBeganNs = world.random.nextLong();
        clockRate = 0.97 + 0.06 * world.random.nextDouble();
        wallOffsetMs = world.between(-100_000, 100_000);
        begin();
    }

    /** Dies, and is started again a while later. */
    void crash(String why, long downMs) {
        world.say(name, "dies: " + why);
        alive = false;
        int ended = life;
        world.after(downMs, () -> {
            if (life == ended) {
                start();
            }
        });
    }

    void stop(long forMs) {
        world.say(name, "is stopped for " + forMs + " ms");
        stoppedUntilMs = world.nowMs + forMs;
    }

    void cutOff(long forMs) {
        world.say(name, "is cut off for " + forMs + " ms");
        cutOffUntilMs = world.nowMs + forMs;
    }

    void stepWallClock(long byMs) {
        wallOffsetMs += byMs;
    }

    /** All faults of this process end. */
    void heal() {
        stoppedUntilMs = Math.min(stoppedUntilMs, world.nowMs);
        cutOffUntilMs = 0;
    }

    boolean alive() {
        return alive;
    }

    boolean running() {
        return alive && world.nowMs >= stoppedUntilMs;
    }

    boolean reaches() {
        return world.nowMs >= cutOffUntilMs && broker.up();
    }

    /** This start of it. */
    int life() {
        return life;
    }

    long nowNs() {
        return clockBeganNs + (long) (world.nowMs * clockRate * MS);
    }

    long wallMs() {
        return 1_700_000_000_000L + world.nowMs + wallOffsetMs;
    }

    /** Does it later, once it is not stopped, and unless it died since. */
    void later(long delayMs, Runnable what) {
        int now = life;
        world.after(delayMs, () -> resume(now, what));
    }

    private void resume(int ofLife, Runnable what) {
        if (!alive || life != ofLife) {
            return;
        }
        if (world.nowMs < stoppedUntilMs) {
            world.after(stoppedUntilMs - world.nowMs, () -> resume(ofLife, what));
        } else {
            what.run();
        }
    }

    /**
     * Sends something to the broker. It may be lost, come late, and its answer may be lost though it came; what is under way
     * when the sender dies may still come.
     *
     * @param arrive what the broker does
     * @param answered what the sender does with the answer
     * @param failed what it does without one
     */
    void send(Runnable arrive, Runnable answered, Runnable failed) {
        if (!reaches() || world.fault(0.02)) {
            later(1500, failed);
            return;
        }
        long delayMs = world.fault(0.04) ? world.between(0, 7000) : world.between(1, 20);
        boolean answerLost = world.fault(0.02);
        int sender = life;
        world.after(delayMs, () -> {
            boolean arrives = broker.up();
            if (arrives) {
                arrive.run();
            }
            boolean known = arrives && !answerLost;
            world.after(known ? world.between(1, 10) : 1500, () -> resume(sender, known ? answered : failed));
        });
    }
}
