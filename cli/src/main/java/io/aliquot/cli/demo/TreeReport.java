package io.aliquot.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.cli.text.Percent;
import io.aliquot.cli.text.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * What came of the tree play. Immutable.
 *
 * @param seconds that the whole play took
 * @param reclaimMs from the wake-up of the tenant that has a floor to the end of the first window in which it had it
 */
record TreeReport(
        boolean simulated, List<PhaseResult> phases, OptionalDouble reclaimMs, List<Account> accounts, double seconds)
        implements Play.Outcome {
    /**
     * Two points of a GPU's time: who is further from what is expected on a GPU, or on average of its GPUs from what Aliquot says
     * of it, missed.
     */
    static final double TOLERANCE_PERMILLE = 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    TreeReport {
        phases = List.copyOf(phases);
        accounts = List.copyOf(accounts);
    }

    /**
     * @param seconds of the part that was measured
     * @param tenants in their order, parents too
     */
    record PhaseResult(
            TreeScript.Phase phase,
            double seconds,
            List<PartResult> parts,
            List<Double> busyPermille,
            List<TenantResult> tenants) {
        boolean missed() {
            return parts.stream().anyMatch(PartResult::missed)
                    || tenants.stream().anyMatch(TenantResult::missed);
        }
    }

    /**
     * A tenant on one GPU, permille of the GPU's time.
     *
     * @param targetPermille what the controller gave it at the end
     * @param measuredPermille where the GPU is wanted whole, of what all tenants got of it; elsewhere of wall time
     * @param workedPermille of wall time
     */
    record PartResult(
            TreeScript.Part part,
            double expectedPermille,
            double targetPermille,
            double measuredPermille,
            double workedPermille) {
        double offPermille() {
            return measuredPermille - expectedPermille;
        }

        boolean missed() {
            return isFar(offPermille());
        }
    }

    /**
     * A tenant on all its GPUs, GPU-equivalents.
     *
     * @param gpus on which it, or a tenant in it, has programs
     * @param measuredGpus sum of the parts' {@link PartResult#measuredPermille}
     * @param workedGpus sum of the parts' {@link PartResult#workedPermille}
     * @param meteredGpus what the node metered over the same time, for whoever looks for the reason of a difference
     * @param saidGpus what each part of Aliquot says that it had
     * @param words of the explanation at the end
     */
    record TenantResult(
            String tenant,
            int gpus,
            double measuredGpus,
            double workedGpus,
            double meteredGpus,
            SequencedMap<Source, Double> saidGpus,
            List<String> words) {
        /** What a source says too much. */
        double offGpus(Source source) {
            double own = source == Source.EXPLAIN_SHARED ? measuredGpus : workedGpus;
            return saidGpus.getOrDefault(source, 0.0) - own;
        }

        boolean missed(Source source) {
            return isFar(offGpus(source) * 1000 / gpus);
        }

        boolean missed() {
            return saidGpus.keySet().stream().anyMatch(this::missed);
        }
    }

    private static boolean isFar(double permille) {
        return Math.abs(permille) > TOLERANCE_PERMILLE;
    }

    @Override
    public boolean missed() {
        return reclaimMs.isEmpty()
                || phases.stream().anyMatch(PhaseResult::missed)
                || accounts.stream().anyMatch(this::missed);
    }

    private boolean missed(Account account) {
        return isFar(account.offPermille(seconds));
    }

    @Override
    public String json() {
        ObjectNode json = JSON.createObjectNode()
                .put("play", "tree")
                .put("gpu", simulated ? "sim" : "real")
                .put("tolerancePermille", TOLERANCE_PERMILLE);
        ArrayNode array = json.putArray("phases");
        phases.forEach(phase -> put(phase, array.addObject()));
        ArrayNode audited = json.putArray("report");
        accounts.forEach(account -> audited.addObject()
                .put("tenant", account.tenant())
                .put("workedGpuSeconds", rounded(account.workedGpuSeconds(), 1e3))
                .put("reportedGpuSeconds", rounded(account.reportedGpuSeconds(), 1e3))
                .put("missed", missed(account)));
        if (reclaimMs.isPresent()) {
            json.put("reclaimMs", rounded(reclaimMs.getAsDouble(), 10));
        } else {
            json.putNull("reclaimMs");
        }
        return json.put("missed", missed()).toString();
    }

    private static void put(PhaseResult phase, ObjectNode json) {
        json.put("name", phase.phase().name()).put("seconds", rounded(phase.seconds(), 10));
        ArrayNode busy = json.putArray("gpuBusyPermille");
        phase.busyPermille().forEach(permille -> busy.add(Math.round(permille)));
        ArrayNode parts = json.putArray("parts");
        phase.parts()
                .forEach(part -> parts.addObject()
                        .put("tenant", part.part().tenant())
                        .put("gpu", part.part().gpu())
                        .put("expectedPermille", rounded(part.expectedPermille(), 10))
                        .put("targetPermille", rounded(part.targetPermille(), 10))
                        .put("measuredPermille", rounded(part.measuredPermille(), 10))
                        .put("workedPermille", rounded(part.workedPermille(), 10))
                        .put("missed", part.missed()));
        ArrayNode tenants = json.putArray("tenants");
        for (TenantResult tenant : phase.tenants()) {
            ObjectNode one = tenants.addObject()
                    .put("tenant", tenant.tenant())
                    .put("measuredGpus", rounded(tenant.measuredGpus(), 1e4))
                    .put("workedGpus", rounded(tenant.workedGpus(), 1e4))
                    .put("meteredGpus", rounded(tenant.meteredGpus(), 1e4));
            tenant.saidGpus().forEach((source, gpus) -> one.put(source.field(), rounded(gpus, 1e4)));
            one.put("missed", tenant.missed());
            ArrayNode words = one.putArray("words");
            tenant.words().forEach(words::add);
        }
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        String where = simulated ? " on two simulated GPUs" : " on two GPUs";
        lines.add("Summary, measured by the tenants themselves" + where);
        for (PhaseResult phase : phases) {
            lines.add("");
            lines.add(phase.phase().title());
            parts(phase).lines().forEach(line -> lines.add("  " + line));
        }
        lines.add("");
        lines.add("What explain says, in GPUs" + (simulated ? " (simulated)" : "")
                + ", beside what the tenants measured, and beside how much of the wall time they worked");
        lines.add("");
        lines.addAll(statements().lines());
        lines.add("");
        lines.add("What report says of the whole play, in GPU-seconds" + (simulated ? " (simulated)" : "")
                + ", beside what the programs worked");
        lines.add("");
        lines.addAll(audit().lines());
        lines.add("");
        lines.add(
                reclaimMs.isPresent()
                        ? "A floor was taken back within %.0f ms: from the wake-up to the end of the first %d ms at the floor."
                                .formatted(reclaimMs.getAsDouble(), TreePlay.RECLAIM_WINDOW.toMillis())
                        : "MISSED: a floor was never taken back.");
        lines.add(
                missed()
                        ? "MISSED: a tenant was more than 2 points of a GPU from what is expected, explained or reported (marked !)."
                        : "Every tenant was within 2 points of what is expected on each GPU, and of what explain and report say.");
        return lines;
    }

    private static Table parts(PhaseResult phase) {
        Table table = new Table("TENANT", "GPU", "EXPECTED", "CONTROLLER", "MEASURED", "OFF BY", "GPU BUSY");
        int last = -1;
        for (PartResult part : phase.parts()) {
            int gpu = part.part().gpu();
            table.row(
                    part.part().tenant(),
                    Integer.toString(gpu),
                    Percent.show(part.expectedPermille()),
                    Percent.show(part.targetPermille()),
                    Percent.show(part.measuredPermille()),
                    marked("%+.1f".formatted(part.offPermille() / 10), part.missed()),
                    gpu == last ? "" : Percent.show(phase.busyPermille().get(gpu)));
            last = gpu;
        }
        return table;
    }

    private Table statements() {
        Table table = new Table(
                "PHASE",
                "TENANT",
                "MEASURED",
                Source.EXPLAIN_SHARED.head(),
                "OFF BY",
                "WORKED",
                Source.EXPLAIN_USED.head(),
                "OFF BY");
        for (PhaseResult phase : phases) {
            String name = phase.phase().name();
            for (TenantResult tenant : phase.tenants()) {
                table.row(
                        name,
                        tenant.tenant(),
                        gpus(tenant.measuredGpus()),
                        gpus(tenant.saidGpus().getOrDefault(Source.EXPLAIN_SHARED, 0.0)),
                        off(tenant, Source.EXPLAIN_SHARED),
                        gpus(tenant.workedGpus()),
                        gpus(tenant.saidGpus().getOrDefault(Source.EXPLAIN_USED, 0.0)),
                        off(tenant, Source.EXPLAIN_USED));
                name = "";
            }
        }
        return table;
    }

    private Table audit() {
        Table table = new Table("TENANT", "WORKED", "REPORT: USED", "OFF BY");
        for (Account account : accounts) {
            table.row(
                    account.tenant(),
                    gpus(account.workedGpuSeconds()),
                    gpus(account.reportedGpuSeconds()),
                    marked("%+.3f".formatted(account.offGpuSeconds()), missed(account)));
        }
        return table;
    }

    private static String gpus(double gpus) {
        return "%.3f".formatted(gpus);
    }

    private static String off(TenantResult tenant, Source source) {
        return marked("%+.3f".formatted(tenant.offGpus(source)), tenant.missed(source));
    }

    private static String marked(String text, boolean missed) {
        return text + (missed ? " !" : "");
    }

    private static double rounded(double value, double parts) {
        return Math.round(value * parts) / parts;
    }
}
