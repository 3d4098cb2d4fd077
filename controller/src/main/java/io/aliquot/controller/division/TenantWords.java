package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.ExplanationWords;
import io.aliquot.controller.fairshare.Words;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** Says a {@link TenantExplanation} so that a person understands it: one sentence an entry. Pure; any thread. */
public final class TenantWords {
    private static final double SAME = 1e-3;
    private static final double PERCENT = 100;

    private TenantWords() {}

    /** Sentences, the most important first. */
    public static List<String> say(TenantExplanation explanation) {
        List<String> text = new ArrayList<>();
        Collections.addAll(text, ExplanationWords.say(explanation.entitlement()).split("\n", -1));
        if (explanation.gpus().isEmpty()) {
            text.add("It has no program on any GPU now.");
            return text;
        }
        text.add("Of its GPUs it gets " + Words.gpus(explanation.sharedGpus()) + " and uses "
                + Words.gpus(explanation.usedGpus()) + ".");
        explanation.gpus().forEach(gpu -> text.add(gpu(explanation.entitlement().path(), gpu)));
        if (explanation.atOnceGpus() > SAME) {
            text.add("Whoever else is at work, " + Words.gpus(explanation.atOnceGpus())
                    + " of its floors are its own within a turn of the GPU, some milliseconds after it launches work; it"
                    + " takes no tick of the controller.");
        }
        return text;
    }

    private static String gpu(String path, GpuExplanation gpu) {
        Share share = gpu.share();
        String who = share.tenant().equals(path) ? "it" : share.tenant();
        StringBuilder text = new StringBuilder("On GPU " + gpu.gpu() + " of " + gpu.node() + " " + who + " gets "
                + percent(share.share()) + " (guaranteed " + percent(share.guaranteed()) + ", wants "
                + percent(share.demand()) + "): " + why(gpu) + ".");
        if (!gpu.borrowsFrom().isEmpty()) {
            text.append(" It borrows ").append(list(gpu.borrowsFrom(), "from")).append('.');
        }
        if (!gpu.lendsTo().isEmpty()) {
            text.append(" It lends ").append(list(gpu.lendsTo(), "to")).append('.');
        }
        return text.toString();
    }

    private static String why(GpuExplanation gpu) {
        return switch (gpu.binding()) {
            case DEMAND -> "all that it wants";
            case CEILING -> "a hard ceiling keeps it there";
            case GANG -> "as much as the slowest GPU of its job has for it";
            case LEFTOVER -> "what nobody else wants, for that GPU is not meant for it";
            case OTHERS -> "the others there have the rest, by what they are entitled to";
        };
    }

    private static String list(List<GpuExplanation.Flow> flows, String preposition) {
        return flows.stream()
                .map(flow -> percent(flow.part()) + " " + preposition + " " + flow.tenant())
                .collect(Collectors.joining(", "));
    }

    private static String percent(double part) {
        return Words.number(part * PERCENT) + " %";
    }
}
