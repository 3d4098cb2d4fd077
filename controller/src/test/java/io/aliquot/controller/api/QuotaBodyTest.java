package io.aliquot.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.Quotas;
import io.aliquot.schema.ServiceClass;
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
    void theViewSaysItAsTheBodyDoes() {
        Quota quota = Quotas.quota("a", 1, 0, 500, true, ServiceClass.LATENCY_CRITICAL, 0, 1, 0, "me");
        assertThat(Views.quota(quota).getValue("hardCeiling")).isEqualTo(true);
        assertThat(Views.quota(quota).getValue("serviceClass")).isEqualTo("latency-critical");
    }
}
