package io.aliquot.cli.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class TenantRowTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final JsonNode tenants = json("""
            [{"tenant":"a","parent":"/","weight":4,"floorPermille":100,"ceilingPermille":800,"hardCeiling":true,
              "serviceClass":"latency-critical","memoryLimitBytes":10737418240},
             {"tenant":"a/x","parent":"a","weight":1,"floorGpus":1.5,"ceilingGpus":2.0,"serviceClass":"standard"},
             {"tenant":"ab","serviceClass":"standard","weight":1,"floorPermille":0,"ceilingPermille":1000,"memoryLimitBytes":0}]
            """);

    @Test
    void sumsWhatATenantHasOverAllGpusAndAllThatIsInIt() {
        JsonNode allocations = json("""
                {"nodes":[{"gpus":[
                  {"simulated":true,"tenants":[{"tenant":"a/x","targetPermille":800,"achievedPermille":790,
                    "processes":1,"memoryUsedBytes":1073741824},{"tenant":"ab","targetPermille":7}]},
                  {"simulated":true,"tenants":[{"tenant":"a/y","targetPermille":500,"achievedPermille":510,
                    "processes":2,"memoryUsedBytes":1073741824}]}]}]}
                """);
        List<TenantRow> rows = TenantRow.of(tenants, allocations);
        assertThat(rows.get(0)).isEqualTo(new TenantRow(tenants.get(0), 1300, 1300, 2L << 30, 3, true));
        assertThat(rows.get(1)).isEqualTo(new TenantRow(tenants.get(1), 800, 790, 1L << 30, 1, true));
        assertThat(rows.get(2).targetPermille()).isEqualTo(7);
    }

    @Test
    void aProcessIsCountedOnceANode() {
        JsonNode allocations = json("""
                {"nodes":[{"gpus":[{"tenants":[{"tenant":"ab","processes":2}]},{"tenants":[{"tenant":"ab","processes":2}]}]},
                          {"gpus":[{"tenants":[{"tenant":"ab","processes":1}]}]}]}
                """);
        assertThat(TenantRow.of(tenants, allocations).get(2).processes()).isEqualTo(3);
    }

    @Test
    void showsWhatIsInATenantUnderItAlsoWithoutProcesses() {
        List<TenantRow> rows = TenantRow.of(tenants, json("{\"nodes\":[]}"));
        assertThat(TenantRow.table(rows))
                .containsExactly(
                        "TENANT              CLASS   WEIGHT      FLOOR    CEILING   TARGET   ACHIEVED   MEMORY USED    LIMIT   PROCESSES",
                        "a        latency-critical        4        10%   80% hard     0.0%       0.0%           0 B   10 GiB           0",
                        "  x              standard        1   1.5 GPUs     2 GPUs     0.0%       0.0%           0 B     none           0",
                        "ab               standard        1         0%       100%     0.0%       0.0%           0 B     none           0");
    }

    @Test
    void saysInJsonAllOfTheQuotaWithTheFullPath() {
        JsonNode row = TenantRow.of(tenants, json("{}")).get(1).toJson();
        assertThat(row.path("tenant").asText()).isEqualTo("a/x");
        assertThat(row.path("floorGpus").asDouble()).isEqualTo(1.5);
        assertThat(row.path("targetPermille").isInt()).isTrue();
        assertThat(row.path("simulated").isBoolean()).isTrue();
        assertThat(tenants.get(1).has("simulated")).isFalse();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (Exception e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
