package io.aliquot.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aliquot.controller.state.Quota;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaBodyTest {
    @Test
    void readsWhetherTheCeilingIsHardAndKeepsWhatIsNotSaid() {
        assertThat(QuotaBody.parse("a", "me", "{\"hardCeiling\":true}").hardCeiling())
                .isTrue();
        assertThat(QuotaBody.parse("a", "me", "{\"hardCeiling\":false}").hardCeiling())
                .isFalse();
        assertThat(QuotaBody.parse("a", "me", "{\"ceilingPermille\":500}").hardCeiling())
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
    void theViewSaysItAsTheBodyDoes() {
        Quota quota = new Quota("a", 1, 0, 500, true, 0, 1, 0, "me");
        assertThat(Views.quota(quota).getValue("hardCeiling")).isEqualTo(true);
    }
}
