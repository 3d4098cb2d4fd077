package io.aliquot.controller.policyfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.state.QuotaChange;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyFileTest {
    @Test
    void readsAllThatAFileCanSay() {
        PolicyFile file = PolicyFile.read("""
                {"tenants":[
                  {"tenant":"org","weight":2,"floor":"30%","ceiling":"2gpus","hardCeiling":true,"class":"standard",
                   "memory":"10GiB","history":"1h","burstCredit":"3600s","gang":true,"gpus":{"pool":"a"}},
                  {"tenant":"org/a"}],
                 "gpuSpeed":{"model=NVIDIA A100":0.4}}""");
        assertThat(file.problems()).isEmpty();
        assertThat(file.tenants())
                .containsExactly(
                        Map.entry(
                                "org",
                                new QuotaChange.Builder()
                                        .weight(2L)
                                        .floorPermille(300L)
                                        .ceilingMilligpus(2000L)
                                        .hardCeiling(true)
                                        .serviceClass(0)
                                        .memoryLimitBytes(10L << 30)
                                        .historyHalfLifeSeconds(3600L)
                                        .burstCreditGpuSeconds(3600L)
                                        .gang(true)
                                        .gpuLabels(Map.of("pool", "a"))
                                        .build()),
                        Map.entry("org/a", QuotaChange.NONE));
        assertThat(file.speeds().orElseThrow().gpuSpeedPermille()).isEqualTo(Map.of("model=NVIDIA A100", 400L));
    }

    @Test
    void listsEveryProblemWithPathValueAndFix() {
        PolicyFile file = PolicyFile.read("""
                {"tenants":[
                  {"tenant":"a","weight":NaN,"wieght":2,"floor":"150%","memory":"5"},
                  {"tenant":"a"},
                  {"tenant":"B"},
                  {"weight":1},
                  7,
                  {"tenant":"c","floor":"60%","ceiling":"50%"}],
                 "gpuSpeed":{"k":1,"k=v":0,"k=w":0.0001},
                 "tenant":{}}""");
        assertThat(file.problems())
                .containsExactly(
                        "the file: unknown field 'tenant': use tenants and gpuSpeed",
                        "tenant 'a': weight NaN: expected a whole number, 1 to 1000000",
                        "tenant 'a': unknown field 'wieght': use " + String.join(", ", TenantFields.NAMES),
                        "tenant 'a': floor '150%' is not an amount: give 0% to 100%, such as 10% or 12.5%, or GPUs, such"
                                + " as 1.5gpus",
                        "tenant 'a': memoryLimitBytes 5: expected 16777216 (16 MiB) to 1125899906842624 (1 PiB), or 0 for"
                                + " no limit",
                        "tenant 'a': given twice: keep one of them",
                        "tenant 'B': name 'B': expected 1 to 63 of a-z, 0-9, '.', '_' and '-', with a letter or digit at"
                                + " both ends",
                        "tenants[3]: tenant null: expected its path in quotes, such as \"org/team\"",
                        "tenants[4] 7: expected an object such as {\"tenant\":\"org\"}",
                        "tenant 'c': floor 60 %: expected at most its ceiling, which is 50 %",
                        "tenant '/': gpuSpeed 'k': expected a label such as model=NVIDIA A100, on each side of '=' 1 to 63"
                                + " of A-Z, a-z, 0-9, space, '.', '_', '/' and '-'",
                        "gpuSpeed 'k=v' 0: expected a number, 0.001 to 1000 with at most three decimals",
                        "gpuSpeed 'k=w' 0.0001: expected a number, 0.001 to 1000 with at most three decimals");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "weight; 1.5; weight 1.5: expected a whole number",
                "weight; 1e999999999; weight 1E+999999999: expected a whole number",
                "weight; -1; weight -1: expected a whole number",
                "weight; 0; weight 0: expected 1 to 1000000",
                "weight; Infinity; weight Infinity: expected",
                "weight; \"2\"; weight \"2\": expected a whole number",
                "floor; 30; floor 30: expected a text such as \"30%\" or \"1.5gpus\"",
                "ceiling; \"0%\"; ceilingPermille 0: expected 1 to 1000",
                "ceiling; null; ceiling null: expected a text",
                "hardCeiling; 1; hardCeiling 1: expected true or false",
                "class; \"gold\"; class \"gold\": expected standard, latency-critical or best-effort",
                "history; \"91d\"; history '91d' is not a span of time",
                "history; \"2161h\"; historyHalfLifeSeconds 7779600: expected 0 to 7776000",
                "burstCredit; 3600; burstCredit 3600: expected a text such as \"3600s\"",
                "gpus; \"a\"; gpus \"a\": expected an object",
                "gpus; {\"pool\":1}; gpus.pool 1: expected a text",
                "gpus; {\"po=ol\":\"a\"}; key 'po=ol' of a GPU label: expected 1 to 63",
            })
    void namesTenantFieldValueAndFix(String field, String value, String problem) {
        PolicyFile file = PolicyFile.read("{\"tenants\":[{\"tenant\":\"org/a\",\"" + field + "\":" + value + "}]}");
        assertThat(file.problems()).hasSize(1);
        assertThat(file.problems().getFirst()).startsWith("tenant 'org/a': " + problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "||; it is empty",
                "{; line 1, column",
                "{\"tenants\":[],\"tenants\":[]}; Duplicate field 'tenants'",
                "{\"tenants\":[{\"tenant\":\"a\",\"weight\":1,\"weight\":2}]}; Duplicate field 'weight'",
                "{} {}; there is more after its end",
                "[]; the file: []: expected {",
                "{}; the file: tenants null: expected a list",
                "{\"tenants\":{}}; the file: tenants {}: expected a list",
                "{\"gpuSpeed\":[]}; gpuSpeed []: expected an object",
            })
    void namesWhatIsNoPolicyFile(String text, String problem) {
        List<String> problems = PolicyFile.read(text).problems();
        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst()).contains(problem);
    }

    @Test
    void readsFactorsAloneAndRefusesWhatIsTooDeepOrTooMuch() {
        assertThat(PolicyFile.read("{\"gpuSpeed\":{}}").problems()).isEmpty();
        assertThat(PolicyFile.read("[".repeat(100_000)).problems()).hasSize(1);
        assertThat(PolicyFile.read(" ".repeat(PolicyFile.MAX_CHARACTERS + 1))
                        .problems()
                        .getFirst())
                .contains("16777217 characters");
        StringBuilder many = new StringBuilder("{\"gpuSpeed\":{\"k=0\":1");
        for (int i = 1; i < 65; i++) {
            many.append(",\"k=").append(i).append("\":1");
        }
        assertThat(PolicyFile.read(many + "}}").problems())
                .containsExactly("tenant '/': 65 speed factors: expected at most 64");
    }

    /** Whatever comes, it is a file with problems, or one without; never an exception. */
    @Property
    void readsAnything(
            @ForAll @Chars({'{', '}', '[', ']', '"', ':', ',', '1', 'e', 'N', 'a', '\\', '\0'}) @StringLength(max = 40)
                    String noise) {
        assertThat(PolicyFile.read(noise).problems()).isNotEmpty();
        String value = "{\"tenants\":[{\"tenant\":\"a\",\"floor\":" + noise + "}]}";
        assertThat(PolicyFile.read(value).tenants().size()).isLessThanOrEqualTo(1);
    }
}
