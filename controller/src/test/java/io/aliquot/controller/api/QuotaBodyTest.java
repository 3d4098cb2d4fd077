package io.aliquot.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Quotas;
import io.aliquot.controller.state.Scope;
import io.aliquot.schema.ServiceClass;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaBodyTest {
    @Test
    void readsWhetherTheCeilingIsHardAndKeepsWhatIsNotSaid() {
        assertThat(QuotaBody.parse("a", "me", "{\"hardCeiling\":true}").change().hardCeiling())
                .isTrue();
        assertThat(QuotaBody.parse("a", "me", "{\"hardCeiling\":false}")
                        .change()
                        .hardCeiling())
                .isFalse();
        assertThat(QuotaBody.parse("a", "me", "{\"ceilingPermille\":500}")
                        .change()
                        .hardCeiling())
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "\"yes\"", "null", "[]", "0.5"})
    void takesNothingElseForTrueOrFalse(String value) {
        ApiError error = catchThrowableOfType(
                ApiError.class, () -> QuotaBody.parse("a", "me", "{\"hardCeiling\":" + value + "}"));
        assertThat(error.status()).isEqualTo(400);
        assertThat(error.error()).isEqualTo("hardCeiling " + value.replace("\"", "") + ": expected true or false");
        assertThat(error.fix()).isEqualTo("send true or false without quotes");
    }

    @Test
    void readsAClassByItsWordAndKeepsOneThatIsNotSaid() {
        for (ServiceClass any : ServiceClass.values()) {
            String body = "{\"serviceClass\":\"" + any.word() + "\"}";
            assertThat(QuotaBody.parse("a", "me", body).change().serviceClass()).isEqualTo(any.number());
        }
        assertThat(QuotaBody.parse("a", "me", "{\"weight\":1}").change().serviceClass())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "gold, 422, correct serviceClass",
        "Standard, 422, correct serviceClass",
        "'', 422, correct serviceClass",
        "1, 400, send one of them in quotes",
        "null, 400, send one of them in quotes"
    })
    void namesAClassThatIsNone(String value, int status, String fix) {
        String json = status == 422 ? "\"" + value + "\"" : value;
        ApiError error = catchThrowableOfType(
                ApiError.class, () -> QuotaBody.parse("a", "me", "{\"serviceClass\":" + json + "}"));
        assertThat(error.status()).isEqualTo(status);
        assertThat(error.error())
                .isEqualTo("serviceClass " + value + ": expected standard, latency-critical or best-effort");
        assertThat(error.fix()).isEqualTo(fix);
    }

    @Test
    void readsAllThatATenantCanHave() {
        String body = """
                {"weight":2,"floorGpus":1.5,"ceilingGpus":10000000,"historyHalfLifeSeconds":3600,
                 "burstCreditGpuSeconds":7200,"gang":true,"gpus":{"pool":"a","model":"NVIDIA A100"}}""";
        assertThat(QuotaBody.parse("org/a", "me", body))
                .isEqualTo(QuotaRequest.change(
                        "org/a",
                        "me",
                        new QuotaChange.Builder()
                                .weight(2L)
                                .floorMilligpus(1500L)
                                .ceilingMilligpus(10_000_000_000L)
                                .historyHalfLifeSeconds(3600L)
                                .burstCreditGpuSeconds(7200L)
                                .gang(true)
                                .gpuLabels(Map.of("pool", "a", "model", "NVIDIA A100"))
                                .build(),
                        ""));
    }

    @Test
    void readsTheClustersFactors() {
        QuotaRequest request =
                QuotaBody.parseCluster("me", "{\"gpuSpeed\":{\"model=NVIDIA A100\":0.4,\"k=v\":2},\"reason\":\"new\"}");
        assertThat(request.tenant()).isEqualTo("/");
        assertThat(request.reason()).isEqualTo("new");
        assertThat(request.change())
                .isEqualTo(new QuotaChange.Builder()
                        .gpuSpeedPermille(Map.of("model=NVIDIA A100", 400L, "k=v", 2000L))
                        .build());
        assertThat(QuotaBody.parseCluster("me", "{\"gpuSpeed\":{}}").change().gpuSpeedPermille())
                .isEmpty();
        for (String body : List.of("{}", "{\"gpuSpeed\":[]}", "{\"gpuSpeed\":{\"k=v\":\"1\"}}", "{\"weight\":1}")) {
            assertThat(catchThrowableOfType(ApiError.class, () -> QuotaBody.parseCluster("me", body))
                            .status())
                    .as(body)
                    .isEqualTo(400);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "floorGpus; -1; 422; floorGpus -1: expected a number of GPUs",
                "floorGpus; 1.0005; 422; floorGpus 1.0005: expected a number of GPUs, 0 to 10000000 with at most three",
                "ceilingGpus; 1e400; 422; ceilingGpus Infinity: expected",
                "ceilingGpus; 10000001; 422; ceilingGpus 10000001: expected",
                "ceilingGpus; 99999999999999999999999; 422; ceilingGpus 99999999999999999999999: expected",
                "ceilingGpus; \"2\"; 400; ceilingGpus 2: expected a number",
                "ceilingGpus; null; 400; ceilingGpus null: expected a number",
                "historyHalfLifeSeconds; 0.5; 400; historyHalfLifeSeconds 0.5: expected a whole number of seconds",
                "burstCreditGpuSeconds; -1; 422; burstCreditGpuSeconds -1: expected",
                "gang; 1; 400; gang 1: expected true or false",
                "gpus; \"a\"; 400; gpus a: expected an object",
                "gpus; {\"pool\":1}; 400; gpus.pool 1: expected a text",
                "gpuSpeed; {}; 400; unknown field 'gpuSpeed'",
            })
    void namesFieldValueAndWhatIsRight(String field, String value, int status, String problem) {
        ApiError error = catchThrowableOfType(
                ApiError.class, () -> QuotaBody.parse("a", "me", "{\"" + field + "\":" + value + "}"));
        assertThat(error.error()).startsWith(problem);
        assertThat(error.status()).isEqualTo(status);
        assertThat(error.fix()).isNotEmpty();
    }

    /** What is shown can be sent again, and means the same. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"weight\":3,\"floorGpus\":1.5,\"ceilingPermille\":500,\"gang\":true,\"gpus\":{\"k\":\"v\"}}",
                "{\"floorPermille\":125,\"ceilingGpus\":0.001,\"hardCeiling\":true,\"historyHalfLifeSeconds\":60}",
                "{\"serviceClass\":\"best-effort\",\"burstCreditGpuSeconds\":9,\"memoryLimitBytes\":16777216}"
            })
    void theViewSaysItAsTheBodyDoes(String body) {
        Quota quota = Quotas.quota("org/a", QuotaBody.parse("org/a", "me", body).change());
        JsonObject shown = new JsonObject(Views.quota(quota).encode());
        JsonObject sent = new JsonObject(body);
        for (String field : sent.fieldNames()) {
            assertThat(shown.getValue(field)).as(field).isEqualTo(sent.getValue(field));
        }
        assertThat(shown.getString("parent")).isEqualTo("org");
        for (String field : List.of("tenant", "parent", "version", "changedAtUnixMs", "changedBy")) {
            shown.remove(field);
        }
        assertThat(Quotas.quota(
                        "org/a", QuotaBody.parse("org/a", "me", shown.encode()).change()))
                .isEqualTo(quota);
    }

    @Test
    void tenantsComeAfterTheirParentsAndBeforeTheParentsSiblings() {
        ClusterState state = ClusterState.EMPTY;
        for (String tenant : List.of("a", "a-b", "a/x", "a/x/y", "a/x-z", "/")) {
            Quota quota = tenant.equals("/")
                    ? Quota.of("/", QuotaChange.NEW_CLUSTER, 1, 0, "me")
                    : Quotas.quota(tenant, QuotaChange.NONE);
            state = state.apply(new ClusterEvent.QuotaChanged(quota));
        }
        JsonObject shown = Views.tenants(ClusterView.empty(state, 0), Scope.ALL);
        assertThat(shown.getJsonArray("tenants").stream().map(one -> ((JsonObject) one).getString("tenant")))
                .containsExactly("a", "a/x", "a/x/y", "a/x-z", "a-b");
        assertThat(shown.getJsonArray("tenants").getJsonObject(0).getString("parent"))
                .isEqualTo("/");
    }
}
