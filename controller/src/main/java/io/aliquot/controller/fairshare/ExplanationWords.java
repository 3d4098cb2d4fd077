package io.aliquot.controller.fairshare;

import java.util.List;
import java.util.stream.Collectors;

/** Says an {@link Explanation} so that a person understands it: one sentence a line. Pure; any thread. */
public final class ExplanationWords {
    private ExplanationWords() {}

    /** Several lines, without a line end after the last. */
    public static String say(Explanation explanation) {
        StringBuilder text = new StringBuilder();
        List<Explanation.Level> levels = explanation.levels();
        for (int i = 0; i < levels.size(); i++) {
            Explanation.Level level = levels.get(i);
            text.append(i == 0 ? "" : "\n").append(share(level)).append('\n').append(why(level));
            flows(level, text);
            if (level.binding() == Binding.DEMAND || level.binding() == Binding.CEILING) {
                break;
            }
        }
        return text.toString();
    }

    private static String share(Explanation.Level level) {
        return level.path() + " is entitled to " + Words.gpus(level.entitledGpus()) + " and wants "
                + Words.gpus(level.demandGpus()) + "; its fair share of the " + Words.gpus(level.parentGpus()) + " of "
                + parent(level) + " is " + Words.gpus(level.fairGpus()) + ".";
    }

    private static String why(Explanation.Level level) {
        String floor = Words.gpus(level.floorGpus());
        return switch (level.binding()) {
            case DEMAND -> "It gets all that it wants.";
            case CEILING ->
                "Its " + (level.hardCeiling() ? "hard " : "") + "ceiling of " + Words.gpus(level.ceilingGpus())
                        + " keeps it from more" + (level.hardCeiling() ? "." : " while others want the time.");
            case PARENT -> "It has all that " + parent(level) + " has: what holds that down holds it, too.";
            case UNMET_FLOOR ->
                "Its floor of " + floor + " can't be met: the floors in " + parent(level) + " exceed what it has.";
            case FLOOR -> "Its floor of " + floor + " is what it gets: without, others would take more.";
            case PRIORITY ->
                "Its class is " + level.priority().word()
                        + ": siblings of a higher class go first, but for floors and a" + " small reserve.";
            case CREDIT -> "Siblings with more burst credit borrow first; it gets the part that is guaranteed.";
            case WEIGHT -> "Its weight of " + weight(level) + " beside those of its siblings decides.";
        };
    }

    private static String weight(Explanation.Level level) {
        String weight = Words.number(level.weight());
        String effective = Words.number(level.effectiveWeight());
        return weight.equals(effective) ? weight : weight + ", " + effective + " after its past use,";
    }

    private static void flows(Explanation.Level level, StringBuilder text) {
        if (!level.borrowsFrom().isEmpty()) {
            text.append("\nIt borrows ")
                    .append(list(level.borrowsFrom(), "from", " (unused)", " (gives way)"))
                    .append('.');
        }
        if (!level.lendsTo().isEmpty()) {
            text.append("\nIt lends ")
                    .append(list(level.lendsTo(), "to", "", " (it gives way)"))
                    .append('.');
        }
        if (level.reclaimsGpus() > 0 && level.binding() == Binding.DEMAND) {
            text.append("\nWhen it wants more, it gets ")
                    .append(Words.gpus(level.reclaimsGpus()))
                    .append(" of its floor back in the next tick.");
        }
    }

    private static String list(List<Explanation.Flow> flows, String preposition, String idle, String wanted) {
        return flows.stream()
                .map(f -> Words.gpus(f.gpus()) + " " + preposition + " " + f.path() + (f.idle() ? idle : wanted))
                .collect(Collectors.joining(", "));
    }

    private static String parent(Explanation.Level level) {
        int end = level.path().lastIndexOf('/');
        return end < 0 ? "the cluster" : level.path().substring(0, end);
    }
}
