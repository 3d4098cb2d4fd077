package io.aliquot.controller.replay;

import io.aliquot.controller.publish.DecisionDifference;
import io.aliquot.controller.publish.PlannedDecision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares decisions with recorded ones, byte by byte. One thread. */
final class Comparison {
    private static final int MOST_SHOWN = 5;

    private final List<String> shown = new ArrayList<>();
    private long same;
    private long different;
    private long unsent;
    private long skipped;

    /** So many decisions can't be compared. */
    void skipped(int decisions) {
        skipped += decisions;
    }

    /** @param made the replay's decisions of the tick, numbered from its first */
    void compare(ReplayTick tick, List<PlannedDecision> made) {
        long end = tick.first().sequence() + tick.decisions();
        for (PlannedDecision decision : made) {
            long sequence = decision.fence().sequence();
            String node = decision.plan().node();
            byte[] recorded = tick.recorded().get(sequence);
            byte[] replayed = decision.toBytes();
            if (sequence >= end) {
                differs(tick, node, sequence, "made by the replay alone");
            } else if (recorded == null) {
                unsent++;
            } else if (Arrays.equals(recorded, replayed)) {
                same++;
            } else {
                differs(tick, node, sequence, DecisionDifference.first(recorded, replayed));
            }
        }
        for (long next = tick.first().sequence() + made.size(); next < end; next++) {
            differs(tick, "", next, "recorded, and not made by the replay");
        }
    }

    private void differs(ReplayTick tick, String node, long sequence, String what) {
        different++;
        if (shown.size() < MOST_SHOWN) {
            shown.add("term " + tick.first().term() + ", decision " + sequence
                    + (node.isEmpty() ? "" : " for node '" + node + "'") + ": " + what);
        }
    }

    ReplayReport.Compared result() {
        return new ReplayReport.Compared(same, different, unsent, skipped, shown);
    }
}
