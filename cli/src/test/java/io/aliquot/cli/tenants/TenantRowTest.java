package io.aliquot.cli.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class TenantRowTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final JsonNode tenants = json("""
            [{"tenant":"a","weight":4,"floorPermille":100,"ceilingPermille":800,"hardCeiling":true,
              "serviceClass":"latency-critical","memoryLimitBytes":10737418240},
             {"tenant":"b","serviceClass":"standard","weight":1,"floorPermille":0,"ceilingPermille":1000,"memoryLimitBytes":0}]
            """);

    @Test
    void sumsWhatATenantHasOverAllGpus() {
        JsonNode allocations = json("""
                {"nodes":[{"gpus":[
                  {"simulated":true,"tenants":[{"tenant":"a","targetPermille":800,"achievedPermille":790,
                    "processes":1,"memoryUsedBytes":1073741824}]},
                  {"simulated":true,"tenants":[{"tenant":"a","targetPermille":500,"achievedPermille":510,
                    "processes":2,"memoryUsedBytes":1073741824}]}]}]}
                """);
        TenantRow a = TenantRow.of(tenants, allocations).get(0);
        assertThat(a)
                .isEqualTo(new TenantRow(
                        "a", 4, 100, 800, true, "latency-critical", 10L << 30, 1300, 1300, 2L << 30, 3, true));
    }

    @Test
    void aTenantWithoutProcessesIsListedToo() {
        List<TenantRow> rows = TenantRow.of(tenants, json("{\"nodes\":[]}"));
        assertThat(TenantRow.table(rows))
                .containsExactly(
                        "TENANT              CLASS   WEIGHT   FLOOR      CEILING   TARGET   ACHIEVED   MEMORY USED    LIMIT   PROCESSES",
                        "a        latency-critical        4   10.0%   80.0% hard     0.0%       0.0%           0 B   10 GiB           0",
                        "b                standard        1    0.0%       100.0%     0.0%       0.0%           0 B     none           0");
    }

    @Test
    void saysInJsonWhetherTheCeilingIsHardAndTheClass() {
        JsonNode rows = JSON.valueToTree(TenantRow.of(tenants, json("{}")));
        assertThat(rows.get(0).path("hardCeiling").isBoolean()).isTrue();
        assertThat(rows.get(0).path("hardCeiling").asBoolean()).isTrue();
        assertThat(rows.get(1).path("hardCeiling").asBoolean()).isFalse();
        assertThat(rows.get(0).path("serviceClass").asText()).isEqualTo("latency-critical");
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (Exception e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
