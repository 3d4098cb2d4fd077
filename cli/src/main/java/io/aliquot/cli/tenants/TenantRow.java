package io.aliquot.cli.tenants;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.cli.text.Bytes;
import io.aliquot.cli.text.Percent;
import io.aliquot.cli.text.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A tenant with its quota and what it has now, over all GPUs, with all that is in it; permille of one GPU, so that 2000 is two
 * whole ones. Immutable.
 *
 * @param quota as the API tells it; not changed by anyone
 * @param simulated whether any of its figures is of a simulated GPU
 */
record TenantRow(
        JsonNode quota,
        int targetPermille,
        int achievedPermille,
        long memoryUsedBytes,
        int processes,
        boolean simulated) {

    /** Joins the answers of the controller's API, in the order of the tenants. Pure. */
    static List<TenantRow> of(JsonNode tenants, JsonNode allocations) {
        List<TenantRow> rows = new ArrayList<>();
        for (JsonNode quota : tenants) {
            rows.add(of(quota, quota.path("tenant").asText(), allocations));
        }
        return rows;
    }

    private static TenantRow of(JsonNode quota, String path, JsonNode allocations) {
        int target = 0;
        int achieved = 0;
        int processes = 0;
        long used = 0;
        boolean simulated = false;
        for (JsonNode node : allocations.path("nodes")) {
            Map<String, Integer> onNode = new HashMap<>();
            for (JsonNode gpu : node.path("gpus")) {
                simulated |= gpu.path("simulated").asBoolean();
                for (JsonNode here : gpu.path("tenants")) {
                    String tenant = here.path("tenant").asText();
                    if (tenant.equals(path) || tenant.startsWith(path + "/")) {
                        target += here.path("targetPermille").asInt();
                        achieved += here.path("achievedPermille").asInt();
                        // each is counted on every GPU of its node
                        onNode.merge(tenant, here.path("processes").asInt(), Math::max);
                        used += here.path("memoryUsedBytes").asLong();
                    }
                }
            }
            processes += onNode.values().stream().mapToInt(Integer::intValue).sum();
        }
        return new TenantRow(quota, target, achieved, used, processes, simulated);
    }

    /** The quota's fields, and what it has. */
    ObjectNode toJson() {
        ObjectNode json = quota.deepCopy();
        return json.put("targetPermille", targetPermille)
                .put("achievedPermille", achievedPermille)
                .put("memoryUsedBytes", memoryUsedBytes)
                .put("processes", processes)
                .put("simulated", simulated);
    }

    /** The table for people: what is in a tenant stands under it, by its own name. */
    static List<String> table(List<TenantRow> rows) {
        Table table = new Table(
                "TENANT",
                "CLASS",
                "WEIGHT",
                "FLOOR",
                "CEILING",
                "TARGET",
                "ACHIEVED",
                "MEMORY USED",
                "LIMIT",
                "PROCESSES");
        for (TenantRow row : rows) {
            long limit = row.quota.path("memoryLimitBytes").asLong();
            table.row(
                    indented(row.quota.path("tenant").asText()),
                    row.quota.path("serviceClass").asText(),
                    row.quota.path("weight").asText(),
                    QuotaWords.amount(row.quota, "floor"),
                    QuotaWords.amount(row.quota, "ceiling")
                            + (row.quota.path("hardCeiling").asBoolean() ? " hard" : ""),
                    Percent.show(row.targetPermille),
                    Percent.show(row.achievedPermille),
                    new Bytes(row.memoryUsedBytes).toString(),
                    limit == 0 ? "none" : new Bytes(limit).toString(),
                    Integer.toString(row.processes));
        }
        return table.lines();
    }

    private static String indented(String path) {
        long depth = path.chars().filter(c -> c == '/').count();
        return "  ".repeat((int) depth) + path.substring(path.lastIndexOf('/') + 1);
    }
}
