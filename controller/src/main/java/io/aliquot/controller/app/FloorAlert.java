package io.aliquot.controller.app;

import io.aliquot.controller.fairshare.Unmet;
import io.aliquot.controller.state.ClusterView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Says when floors can't be met, and when they are again; not more often than every ten seconds. One thread. */
final class FloorAlert {
    private static final long PAUSE_MS = 10_000;

    private Set<String> said = Set.of();
    private boolean crowdedSaid;
    private long saidAtMs = -PAUSE_MS;

    /** @return what is to be said now, a sentence each; empty when nothing is new */
    List<String> look(ClusterView view) {
        List<Unmet> unmet = view.division().entitlements().unmet();
        Set<String> paths = new HashSet<>();
        unmet.forEach(one -> paths.add(one.path()));
        boolean crowded = view.division().crowdedGpus() > 0;
        if ((paths.equals(said) && crowded == crowdedSaid) || view.atMs() - saidAtMs < PAUSE_MS) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        unmet.stream().filter(one -> !said.contains(one.path())).forEach(one -> lines.add(one.toString()));
        said.stream()
                .filter(path -> !paths.contains(path))
                .sorted()
                .forEach(path -> lines.add("floor of tenant '" + path + "' is met again"));
        if (crowded != crowdedSaid) {
            lines.add(
                    crowded
                            ? "on " + view.division().crowdedGpus()
                                    + " GPUs the floors in use exceed what there is: they are met in proportion; start"
                                    + " programs on other GPUs, or lower floors"
                            : "on every GPU the floors in use fit again");
        }
        said = paths;
        crowdedSaid = crowded;
        saidAtMs = view.atMs();
        return lines;
    }
}
