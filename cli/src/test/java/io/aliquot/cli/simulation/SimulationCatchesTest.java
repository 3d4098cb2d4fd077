package io.aliquot.cli.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is broken on purpose is found, by a seed that finds it again. */
class SimulationCatchesTest {
    private static final int MOST_SEEDS = 600;

    @BeforeAll
    static void quiet() {
        QuietLogs.set();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "AGENT_FORGETS_ITS_FENCE; after it had accepted",
                "AGENT_NEVER_LOOKS_AT_ITS_CLOCK; is fresh after",
                "LEADER_IGNORES_EXPIRY; two controllers act at once",
                "LEADER_TAKES_AN_OLDER_TERM; are applied in one term",
                "LEADER_READS_NO_HISTORY; begins with quotas",
                "LEADER_TRUSTS_AN_OLD_TOPIC_ID; in one term|of an older lease topic|is static after",
                "BROKER_FENCES_NO_TRANSACTION; is answered after request",
            })
    void findsWhatIsBroken(Broken broken, String violation) {
        Pattern wanted = Pattern.compile(violation);
        for (long seed = 0; seed < MOST_SEEDS; seed++) {
            String found = violation(seed, broken);
            if (wanted.matcher(found.lines().findFirst().orElse("")).find()) {
                assertThat(found)
                        .startsWith("seed " + seed + " at ")
                        .contains("-Daliquot.seed=" + seed)
                        .contains("what led to it:");
                assertThat(violation(seed, broken)).isEqualTo(found);
                return;
            }
        }
        fail(MOST_SEEDS + " seeds found nothing wrong with " + broken);
    }

    private static String violation(long seed, Broken broken) {
        try {
            Simulation.run(seed, broken);
            return "";
        } catch (AssertionError e) {
            return String.valueOf(e.getMessage());
        }
    }
}
