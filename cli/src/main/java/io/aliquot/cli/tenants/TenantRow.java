package io.aliquot.cli.tenants;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.text.Bytes;
import io.aliquot.cli.text.Percent;
import io.aliquot.cli.text.Table;
import java.util.ArrayList;
import java.util.List;

/**
 * A tenant with its quota and what it has now, over all GPUs; permille of one GPU, so that 2000 is two whole ones. Immutable.
 *
 * @param hardCeiling whether the ceiling holds when nobody else wants the time, too
 * @param serviceClass the word for who goes first of those that have work
 * @param simulated whether any of its figures is of a simulated GPU
 */
public record TenantRow(
        String tenant,
        int weight,
        int floorPermille,
        int ceilingPermille,
        boolean hardCeiling,
        String serviceClass,
        long memoryLimitBytes,
        int targetPermille,
        int achievedPermille,
        long memoryUsedBytes,
        int processes,
        boolean simulated) {

    /** Joins the answers of the controller's API. Pure. */
    static List<TenantRow> of(JsonNode tenants, JsonNode allocations) {
        List<TenantRow> rows = new ArrayList<>();
        for (JsonNode quota : tenants) {
            rows.add(of(quota, quota.path("tenant").asText(), allocations));
        }
        return rows;
    }

    private static TenantRow of(JsonNode quota, String name, JsonNode allocations) {
        int target = 0;
        int achieved = 0;
        int processes = 0;
        long used = 0;
        boolean simulated = false;
        for (JsonNode node : allocations.path("nodes")) {
            for (JsonNode gpu : node.path("gpus")) {
                simulated |= gpu.path("simulated").asBoolean();
                for (JsonNode here : gpu.path("tenants")) {
                    if (here.path("tenant").asText().equals(name)) {
                        target += here.path("targetPermille").asInt();
                        achieved += here.path("achievedPermille").asInt();
                        processes += here.path("processes").asInt();
                        used += here.path("memoryUsedBytes").asLong();
                    }
                }
            }
        }
        return new TenantRow(
                name,
                quota.path("weight").asInt(),
                quota.path("floorPermille").asInt(),
                quota.path("ceilingPermille").asInt(),
                quota.path("hardCeiling").asBoolean(),
                quota.path("serviceClass").asText(),
                quota.path("memoryLimitBytes").asLong(),
                target,
                achieved,
                used,
                processes,
                simulated);
    }

    /** The table for people. */
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
            table.row(
                    row.tenant,
                    row.serviceClass,
                    Integer.toString(row.weight),
                    Percent.show(row.floorPermille),
                    Percent.show(row.ceilingPermille) + (row.hardCeiling ? " hard" : ""),
                    Percent.show(row.targetPermille),
                    Percent.show(row.achievedPermille),
                    new Bytes(row.memoryUsedBytes).toString(),
                    row.memoryLimitBytes == 0 ? "none" : new Bytes(row.memoryLimitBytes).toString(),
                    Integer.toString(row.processes));
        }
        return table.lines();
    }
}
