package io.aliquot.controller.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.state.Ruling.Accepted;
import io.aliquot.controller.state.Ruling.Refused;
import io.aliquot.controller.state.Ruling.Removed;
import io.aliquot.schema.ServiceClass;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaPolicyTest {
    private static final ClusterState EMPTY = ClusterState.EMPTY;

    @Test
    void aNewTenantTakesDefaultsForWhatIsNotSaid() {
        assertThat(QuotaPolicy.validate(request("a", 4L, null, null, null), EMPTY, 77))
                .isEqualTo(new Accepted(Quotas.quota("a", 4, 0, 1000, false, ServiceClass.STANDARD, 0, 1, 77, "me")));
    }

    @Test
    void aKnownTenantKeepsWhatIsNotSaidAndCountsItsVersion() {
        ClusterState state = with(quota("a", 4, 100, 800, 1L << 30));
        assertThat(QuotaPolicy.validate(request("a", 5L, null, null, null), state, 78))
                .isEqualTo(new Accepted(
                        Quotas.quota("a", 5, 100, 800, false, ServiceClass.STANDARD, 1L << 30, 2, 78, "me")));
    }

    @Test
    void aCeilingStaysHardUntilItIsSaidToBeSoft() {
        ClusterState soft = with(quota("a", 1, 0, 500, 0));
        ClusterState hard = accepted(ceiling(null, true), soft);
        assertThat(hard.quotas().get("a"))
                .isEqualTo(Quotas.quota("a", 1, 0, 500, true, ServiceClass.STANDARD, 0, 2, 0, "me"));
        ClusterState higher = accepted(ceiling(700L, null), hard);
        assertThat(higher.quotas().get("a"))
                .isEqualTo(Quotas.quota("a", 1, 0, 700, true, ServiceClass.STANDARD, 0, 3, 0, "me"));
        assertThat(accepted(ceiling(null, false), higher).quotas().get("a"))
                .isEqualTo(Quotas.quota("a", 1, 0, 700, false, ServiceClass.STANDARD, 0, 4, 0, "me"));
    }

    @Test
    void aClassStaysUntilAnotherIsSaid() {
        ClusterState standard = with(quota("a", 4, 0, 1000, 0));
        for (ServiceClass said : ServiceClass.values()) {
            ClusterState next = accepted(serviceClass(said.number(), false), standard);
            assertThat(next.quotas().get("a")).isEqualTo(Quotas.quota("a", 4, 0, 1000, false, said, 0, 2, 0, "me"));
            assertThat(accepted(ceiling(700L, null), next).quotas().get("a"))
                    .isEqualTo(Quotas.quota("a", 4, 0, 700, false, said, 0, 3, 0, "me"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, -1, Integer.MAX_VALUE})
    void refusesAClassThatItDoesNotKnow(int number) {
        assertThat(QuotaPolicy.validate(serviceClass(number, false), EMPTY, 0))
                .isEqualTo(new Refused("tenant 'a': serviceClass " + number
                        + ": expected 0 (standard), 1 (latency-critical) or 2 (best-effort)"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                "0; -; -; -; weight 0: expected 1 to 1000000",
                "4294967295; -; -; -; weight 4294967295: expected 1 to 1000000",
                "-; 1001; -; -; floorPermille 1001: expected 0 to 1000",
                "-; -; 0; -; ceilingPermille 0: expected 1 to 1000",
                "-; -; 1001; -; ceilingPermille 1001: expected 1 to 1000",
                "-; 500; 400; -; floor 50 %: expected at most its ceiling, which is 40 %",
                "-; -; -; 5; memoryLimitBytes 5: expected 16777216 (16 MiB)",
                "-; -; -; 1125899906842625; memoryLimitBytes 1125899906842625: expected",
                "-; -; -; -1; memoryLimitBytes 18446744073709551615: expected",
            })
    void refusesNamingFieldValueAndWhatWouldBeRight(Long weight, Long floor, Long ceiling, Long memory, String reason) {
        Ruling ruling = QuotaPolicy.validate(request("a", weight, floor, ceiling, memory), EMPTY, 0);
        assertThat(ruling).isInstanceOf(Refused.class);
        assertThat(((Refused) ruling).reason()).startsWith("tenant 'a': " + reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "A",
                "-a",
                "a-",
                "a b",
                "ä",
                "a\n",
                "../x",
                "0123456789012345678901234567890123456789012345678901234567890123"
            })
    void refusesANameThatIsNoTenants(String name) {
        Ruling ruling = QuotaPolicy.validate(request(name, 1L, null, null, null), EMPTY, 0);
        assertThat(((Refused) ruling).reason())
                .startsWith("tenant '")
                .contains("expected 1 to 63")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "0", "team-a.train_1", "012345678901234567890123456789012345678901234567890123456789012"})
    void acceptsNames(String name) {
        assertThat(QuotaPolicy.validate(request(name, 1L, null, null, null), EMPTY, 0))
                .isInstanceOf(Accepted.class);
    }

    @Test
    void refusesFloorsAboveTheGpuAndSaysWhatIsLeft() {
        ClusterState state = with(quota("a", 1, 700, 1000, 0), quota("b", 1, 100, 1000, 0));
        assertThat(QuotaPolicy.validate(request("c", 1L, 201L, null, null), state, 0))
                .isEqualTo(new Refused("tenant 'c': floor 20.1 %: the floors of the others in the cluster come to 80 %,"
                        + " expected at most 20 %"));
        assertThat(QuotaPolicy.validate(request("c", 1L, 200L, null, null), state, 0))
                .isInstanceOf(Accepted.class);
        assertThat(QuotaPolicy.validate(request("a", 1L, 900L, null, null), state, 0))
                .isInstanceOf(Accepted.class);
    }

    @Test
    void removesOnlyWhatExistsAndWithNoOtherField() {
        ClusterState state = with(quota("a", 1, 0, 1000, 0));
        assertThat(QuotaPolicy.validate(removal("a", null), state, 0)).isEqualTo(new Removed("a"));
        assertThat(QuotaPolicy.validate(removal("b", null), state, 0))
                .isEqualTo(new Refused("tenant 'b' does not exist: expected one that is listed"));
        assertThat(((Refused) QuotaPolicy.validate(removal("a", 3L), state, 0)).reason())
                .isEqualTo("tenant 'a': remove true with weight: a removal takes no other field");
        QuotaRequest soft = request("a", new QuotaChange.Builder().hardCeiling(false), true);
        assertThat(((Refused) QuotaPolicy.validate(soft, state, 0)).reason()).contains("hardCeiling");
        assertThat(((Refused) QuotaPolicy.validate(serviceClass(0, true), state, 0)).reason())
                .contains("serviceClass");
    }

    private static ClusterState with(Quota... quotas) {
        ClusterState state = EMPTY;
        for (Quota quota : quotas) {
            state = state.apply(new ClusterEvent.QuotaChanged(quota));
        }
        return state;
    }

    private static Quota quota(String tenant, int weight, int floor, int ceiling, long memory) {
        return Quotas.quota(tenant, weight, floor, ceiling, false, ServiceClass.STANDARD, memory, 1, 0, "me");
    }

    private static ClusterState accepted(QuotaRequest request, ClusterState state) {
        return state.apply(new ClusterEvent.QuotaChanged(((Accepted) QuotaPolicy.validate(request, state, 0)).quota()));
    }

    private static QuotaRequest ceiling(Long ceiling, Boolean hard) {
        return request("a", new QuotaChange.Builder().ceilingPermille(ceiling).hardCeiling(hard), false);
    }

    private static QuotaRequest serviceClass(int number, boolean remove) {
        return request("a", new QuotaChange.Builder().serviceClass(number), remove);
    }

    private static QuotaRequest request(String tenant, Long weight, Long floor, Long ceiling, Long memory) {
        QuotaChange.Builder said = new QuotaChange.Builder()
                .weight(weight)
                .floorPermille(floor)
                .ceilingPermille(ceiling)
                .memoryLimitBytes(memory);
        return request(tenant, said, false);
    }

    private static QuotaRequest removal(String tenant, Long weight) {
        return request(tenant, new QuotaChange.Builder().weight(weight), true);
    }

    private static QuotaRequest request(String tenant, QuotaChange.Builder said, boolean remove) {
        return new QuotaRequest("id", tenant, "me", 0, said.build(), remove, "");
    }
}
