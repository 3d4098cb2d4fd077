package io.aliquot.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.cli.text.Percent;
import io.aliquot.cli.text.Samples;
import io.aliquot.cli.text.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What came of the demo. Immutable.
 *
 * @param applyMs from asking for a weight through Kafka until it is in force in the node
 * @param lendMs until an idle tenant's share was in use by the others
 */
record DemoReport(boolean simulated, List<PhaseResult> phases, Samples applyMs, OptionalDouble lendMs)
        implements Play.Outcome {
    /** A tenant that is further from its target than this missed it. */
    static final double TOLERANCE_PERMILLE = 30;

    private static final ObjectMapper JSON = new ObjectMapper();

    DemoReport {
        phases = List.copyOf(phases);
    }

    /**
     * @param seconds of the part that was measured
     * @param busyPermille the part of that time in which the GPU worked for the tenants
     */
    record PhaseResult(DemoScript.Phase phase, double seconds, double busyPermille, List<TenantResult> tenants) {}

    record TenantResult(String tenant, int weight, double targetPermille, double achievedPermille, long waitedMs) {
        double offPermille() {
            return achievedPermille - targetPermille;
        }

        boolean missed() {
            return Math.abs(offPermille()) > TOLERANCE_PERMILLE;
        }
    }

    @Override
    public boolean missed() {
        return phases.stream().flatMap(phase -> phase.tenants().stream()).anyMatch(TenantResult::missed);
    }

    @Override
    public String json() {
        ObjectNode json = JSON.createObjectNode().put("gpu", simulated ? "sim" : "real");
        ArrayNode array = json.putArray("phases");
        for (PhaseResult phase : phases) {
            ObjectNode one = array.addObject()
                    .put("name", phase.phase().name())
                    .put("seconds", rounded(phase.seconds()))
                    .put("busyPermille", Math.round(phase.busyPermille()));
            ArrayNode tenants = one.putArray("tenants");
            phase.tenants()
                    .forEach(tenant -> tenants.addObject()
                            .put("tenant", tenant.tenant())
                            .put("weight", tenant.weight())
                            .put("targetPermille", rounded(tenant.targetPermille()))
                            .put("achievedPermille", rounded(tenant.achievedPermille()))
                            .put("waitedMs", tenant.waitedMs()));
        }
        json.putObject("apply")
                .put("samples", applyMs.count())
                .put("p50Ms", rounded(applyMs.percentile(50)))
                .put("maxMs", rounded(applyMs.max()));
        if (lendMs.isPresent()) {
            json.put("lendMs", rounded(lendMs.getAsDouble()));
        } else {
            json.putNull("lendMs");
        }
        return json.toString();
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        lines.add("Summary, measured by the tenants themselves" + (simulated ? " on a simulated GPU" : ""));
        lines.add("");
        Table table = new Table("PHASE", "TENANT", "WEIGHT", "TARGET", "ACHIEVED", "OFF BY", "WAITED", "GPU BUSY");
        for (PhaseResult phase : phases) {
            boolean first = true;
            for (TenantResult tenant : phase.tenants()) {
                table.row(
                        first ? phase.phase().title() : "",
                        tenant.tenant(),
                        Integer.toString(tenant.weight()),
                        Percent.show(tenant.targetPermille()),
                        Percent.show(tenant.achievedPermille()),
                        "%+.1f".formatted(tenant.offPermille() / 10) + (tenant.missed() ? " !" : ""),
                        "%.1f s".formatted(tenant.waitedMs() / 1000.0),
                        first ? Percent.show(phase.busyPermille()) : "");
                first = false;
            }
        }
        lines.addAll(table.lines());
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "A weight asked for through Kafka was in force after %.0f ms (median of %d changes; the slowest %.0f ms).",
                applyMs.percentile(50),
                applyMs.count(),
                applyMs.max()));
        lines.add(
                lendMs.isPresent()
                        ? "The idle tenant's share was in use by the others after %.0f ms."
                                .formatted(lendMs.getAsDouble())
                        : "The idle tenant's share was never in full use by the others.");
        lines.add(
                missed()
                        ? "MISSED: a tenant was more than 3 points from its target (marked !)."
                        : "Every tenant was within 3 points of its target in every phase.");
        return lines;
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
