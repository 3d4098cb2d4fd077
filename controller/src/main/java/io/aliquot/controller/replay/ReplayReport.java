package io.aliquot.controller.replay;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What came of a replay. Amounts are GPU-equivalents times seconds. Immutable.
 *
 * @param asRecorded true under the recorded policy, false under another
 * @param ticks that were counted
 * @param terms that were replayed
 * @param fromUnixMs the first tick that was counted; 0 when there was none
 * @param toUnixMs the last one
 * @param simulated true when any GPU was Aliquot's simulated one
 * @param capacity of all GPUs that reported
 * @param used of it, as was recorded
 * @param shared of it, as the policy gives at the recorded demand
 * @param fairness Jain's index of what the policy gives; empty when nobody lacked anything
 * @param fairnessUsed Jain's index of what was used; empty under another policy, too
 * @param tenants by path: those that have no tenants in them, and who else had work
 * @param notes what could not be replayed as it was
 */
public record ReplayReport(
        boolean asRecorded,
        long ticks,
        int terms,
        long fromUnixMs,
        long toUnixMs,
        boolean simulated,
        double capacity,
        double used,
        double shared,
        OptionalDouble fairness,
        OptionalDouble fairnessUsed,
        List<Tenant> tenants,
        Compared compared,
        List<String> notes) {
    public ReplayReport {
        tenants = List.copyOf(tenants);
        notes = List.copyOf(notes);
    }

    /** What nobody used, as was recorded. */
    public double idle() {
        return Math.max(0, capacity - used);
    }

    /** What the policy gives to nobody at the recorded demand. */
    public double unshared() {
        return Math.max(0, capacity - shared);
    }

    /**
     * One tenant.
     *
     * @param known false when it is in no policy of the replay
     * @param used as was recorded
     * @param demand what it would have used if nothing had held it back, as the controller estimates it
     * @param entitled by the tree of tenants
     * @param shared what the policy gives it of its GPUs
     * @param guaranteed its fair part of the GPUs on which it had work, when all want all
     * @param lent of what is guaranteed, what others borrowed
     * @param borrowed of what is guaranteed to others, what it had
     */
    public record Tenant(
            String tenant,
            boolean known,
            double used,
            double demand,
            double entitled,
            double shared,
            double guaranteed,
            double lent,
            double borrowed) {}

    /**
     * Decisions of the replay against the recorded ones.
     *
     * @param same to the byte
     * @param different in some byte, or made by one of the two alone
     * @param unsent made again, and not recorded: a newer one overtook it, or Kafka compacted it away
     * @param skipped not compared: something before them is missing, or the policy is another
     * @param differences the first ones: node, sequence, the first field that differs
     */
    public record Compared(long same, long different, long unsent, long skipped, List<String> differences) {
        public Compared {
            differences = List.copyOf(differences);
        }
    }
}
