package io.aliquot.cli.replay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.cli.text.Table;
import io.aliquot.controller.replay.ReplayReport;
import io.aliquot.controller.replay.ReplayReport.Compared;
import io.aliquot.controller.replay.ReplayReport.Tenant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A report as text, JSON or CSV. Pure. */
final class ReportText {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double ROUNDING = 1e6;

    private ReportText() {}

    static List<String> of(ReplayReport report, Form form) {
        return switch (form) {
            case TABLE -> table(report);
            case JSON -> List.of(json(report).toString());
            case CSV -> csv(report);
        };
    }

    private static List<String> table(ReplayReport report) {
        List<String> lines = new ArrayList<>();
        if (report.ticks() == 0) {
            lines.add("no tick of the recording is between --from and --to");
            return lines;
        }
        Table table = new Table("TENANT", "USED", "WANTED", "ENTITLED", "SHARED", "GUARANTEED", "LENT", "BORROWED");
        for (Tenant tenant : report.tenants()) {
            boolean known = tenant.known();
            table.row(
                    tenant.tenant(),
                    shown(tenant.used(), true),
                    shown(tenant.demand(), known),
                    shown(tenant.entitled(), known),
                    shown(tenant.shared(), known),
                    shown(tenant.guaranteed(), known),
                    shown(tenant.lent(), known),
                    shown(tenant.borrowed(), known));
        }
        lines.addAll(table.lines());
        lines.add("");
        lines.add("GPU-seconds%s from %s to %s, %d ticks; USED was recorded, the rest is what %s policy gives."
                .formatted(
                        report.simulated() ? " of simulated GPUs" : "",
                        Instant.ofEpochMilli(report.fromUnixMs()),
                        Instant.ofEpochMilli(report.toUnixMs()),
                        report.ticks(),
                        report.asRecorded() ? "the recorded" : "the other"));
        lines.add("capacity %s, used %s, idle %s; shared %s, left %s"
                .formatted(
                        shown(report.capacity(), true),
                        shown(report.used(), true),
                        shown(report.idle(), true),
                        shown(report.shared(), true),
                        shown(report.unshared(), true)));
        lines.add(fairness(report));
        lines.addAll(comparison(report));
        return lines;
    }

    private static String fairness(ReplayReport report) {
        if (report.fairness().isEmpty()) {
            return "fairness: nobody wanted more than it got";
        }
        String used = report.fairnessUsed().isPresent()
                ? ", of what was used %.3f".formatted(report.fairnessUsed().getAsDouble())
                : "";
        return "fairness (Jain, among those that wanted more than they got): of what is shared %.3f%s"
                .formatted(report.fairness().getAsDouble(), used);
    }

    /** What became of the decisions, and what could not be replayed. */
    static List<String> comparison(ReplayReport report) {
        List<String> lines = new ArrayList<>();
        Compared compared = report.compared();
        long all = compared.same() + compared.different();
        if (!report.asRecorded()) {
            lines.add("decisions: not compared, for the policy is another");
        } else if (all > 0) {
            lines.add(compared.same() + " of " + all + " decisions are the same, byte by byte");
        } else {
            lines.add("decisions: none could be compared");
        }
        compared.differences().forEach(difference -> lines.add("different: " + difference));
        if (compared.unsent() > 0) {
            lines.add(
                    compared.unsent() + " more were overtaken before they were sent, or compacted away: not compared");
        }
        if (compared.skipped() > 0) {
            lines.add(compared.skipped() + " more were not compared: something before them is missing");
        }
        report.notes().forEach(note -> lines.add("note: " + note));
        return lines;
    }

    private static ObjectNode json(ReplayReport report) {
        ObjectNode root = JSON.createObjectNode()
                .put("policy", report.asRecorded() ? "recorded" : "other")
                .put("simulated", report.simulated())
                .put("ticks", report.ticks())
                .put("terms", report.terms())
                .put("fromUnixMs", report.fromUnixMs())
                .put("toUnixMs", report.toUnixMs())
                .put("capacityGpuSeconds", rounded(report.capacity()))
                .put("usedGpuSeconds", rounded(report.used()))
                .put("idleGpuSeconds", rounded(report.idle()))
                .put("sharedGpuSeconds", rounded(report.shared()))
                .put("leftGpuSeconds", rounded(report.unshared()));
        put(root, "fairnessShared", report.fairness());
        put(root, "fairnessUsed", report.fairnessUsed());
        Compared compared = report.compared();
        ObjectNode decisions = root.putObject("decisions")
                .put("same", compared.same())
                .put("different", compared.different())
                .put("unsent", compared.unsent())
                .put("notCompared", compared.skipped());
        compared.differences().forEach(decisions.putArray("differences")::add);
        report.notes().forEach(root.putArray("notes")::add);
        ArrayNode tenants = root.putArray("tenants");
        for (Tenant tenant : report.tenants()) {
            tenants.addObject()
                    .put("tenant", tenant.tenant())
                    .put("known", tenant.known())
                    .put("usedGpuSeconds", rounded(tenant.used()))
                    .put("wantedGpuSeconds", rounded(tenant.demand()))
                    .put("entitledGpuSeconds", rounded(tenant.entitled()))
                    .put("sharedGpuSeconds", rounded(tenant.shared()))
                    .put("guaranteedGpuSeconds", rounded(tenant.guaranteed()))
                    .put("lentGpuSeconds", rounded(tenant.lent()))
                    .put("borrowedGpuSeconds", rounded(tenant.borrowed()));
        }
        return root;
    }

    private static void put(ObjectNode root, String name, OptionalDouble value) {
        if (value.isPresent()) {
            root.put(name, rounded(value.getAsDouble()));
        } else {
            root.putNull(name);
        }
    }

    private static List<String> csv(ReplayReport report) {
        List<String> lines = new ArrayList<>();
        lines.add("tenant,simulated,used_gpu_s,wanted_gpu_s,entitled_gpu_s,shared_gpu_s,guaranteed_gpu_s,lent_gpu_s,"
                + "borrowed_gpu_s");
        for (Tenant t : report.tenants()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%s,%b,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f",
                    quoted(t.tenant()),
                    report.simulated(),
                    t.used(),
                    t.demand(),
                    t.entitled(),
                    t.shared(),
                    t.guaranteed(),
                    t.lent(),
                    t.borrowed()));
        }
        return lines;
    }

    /** A tenant of telemetry alone may have any name. */
    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9._/-]+") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    private static String shown(double seconds, boolean known) {
        return known ? String.format(Locale.ROOT, "%.1f", seconds) : "-";
    }

    private static double rounded(double value) {
        return Math.round(value * ROUNDING) / ROUNDING;
    }
}
