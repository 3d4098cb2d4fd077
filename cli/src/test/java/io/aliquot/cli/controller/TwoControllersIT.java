package io.aliquot.cli.controller;

import static io.aliquot.cli.controller.Lab.follows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aliquot.cli.broker.AnyBroker;
import io.aliquot.controller.app.Controller;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.Decision;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two controllers at one broker. */
@AnyBroker
class TwoControllersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path dir;

    private Lab lab;

    @BeforeEach
    void startBroker() throws Exception {
        lab = new Lab(dir);
    }

    @AfterEach
    void stopBroker() {
        lab.close();
    }

    @Test
    void theStandbyShowsWhatIsAndTakesOverAtOnceWhenTheActiveOneIsClosed() throws Exception {
        try (Controller first = lab.controller("first");
                Controller second = lab.controller("second")) {
            assertThat(first.active()).isTrue();
            Lab.Answer quota = lab.put(first, "a", "{\"weight\":2}");
            assertThat(quota.status()).isEqualTo(200);
            lab.telemetry("n", Map.of("a", 500));
            Decision before = lab.awaitDecision("n", d -> follows(d, quota));

            expectStandby(second, "first");
            await().atMost(PATIENCE)
                    .until(() -> lab.get(second, "/v1/tenants/a").status() == 200);
            await().atMost(PATIENCE)
                    .until(() ->
                            lab.get(second, "/v1/allocations").json().encode().contains("\"n\""));
            assertThat(terms()).containsExactly(before.getFence().getTerm());

            long closedNs = System.nanoTime();
            CompletableFuture<Void> closing = CompletableFuture.runAsync(first::close);
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(second::active);
            System.out.println("active after a clean close: " + millisSince(closedNs) + " ms");
            closing.join();
            System.out.println("closed after " + millisSince(closedNs) + " ms");
            assertThat(lab.get(second, "/v1/tenants/a").json().getInteger("weight"))
                    .isEqualTo(2);
            Lab.Answer changed = lab.put(second, "a", "{\"weight\":3}");
            assertThat(changed.status()).isEqualTo(200);
            lab.telemetry("n", Map.of("a", 500));
            Decision after = lab.awaitDecision("n", d -> follows(d, changed));
            assertThat(after.getFence().getTerm())
                    .isGreaterThan(before.getFence().getTerm());
        }
    }

    @Test
    void ofTwoThatStartTogetherExactlyOneIsActive() throws Exception {
        List<CompletableFuture<Controller>> starts = Stream.of("first", "second")
                .map(holder -> CompletableFuture.supplyAsync(() -> starting(holder)))
                .toList();
        try (Controller one = starts.getFirst().join();
                Controller other = starts.getLast().join()) {
            assertThat(one.active()).isNotEqualTo(other.active());
            Controller active = one.active() ? one : other;
            Controller standby = one.active() ? other : one;
            expectStandby(standby, one.active() ? "first" : "second");
            assertThat(lab.put(active, "a", "{\"weight\":2}").status()).isEqualTo(200);
            await().atMost(PATIENCE)
                    .until(() -> lab.get(standby, "/v1/tenants/a").status() == 200);
            assertThat(active.active()).isTrue();
        }
    }

    private void expectStandby(Controller standby, String activeHolder) throws Exception {
        assertThat(standby.active()).isFalse();
        Lab.Answer ready = lab.get(standby, "/readyz");
        assertThat(ready.status()).isEqualTo(200);
        assertThat(ready.json().getString("role")).isEqualTo("standby");
        assertThat(ready.json().getString("active")).isEqualTo(activeHolder);
        assertThat(lab.get(standby, "/metrics").json().getString("body"))
                .contains("\naliquot_controller_active 0.0\n", "\naliquot_controller_ready 1.0\n");
        Lab.Answer refused = lab.put(standby, "refused", "{\"weight\":9}");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.json().getString("error"))
                .isEqualTo("this controller stands by; the active one is " + activeHolder + "; nothing was changed");
        assertThat(lab.get(standby, "/v1/report").status()).isEqualTo(503);
        assertThat(lab.audits("refused")).isEmpty();
    }

    private Set<Long> terms() {
        return lab.read(Topics.DECISION).stream()
                .map(record -> {
                    try {
                        return Decision.parseFrom(record.value()).getFence().getTerm();
                    } catch (InvalidProtocolBufferException e) {
                        throw new AssertionError(e);
                    }
                })
                .collect(Collectors.toSet());
    }

    private Controller starting(String holder) {
        try {
            return lab.controller(holder);
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    private static long millisSince(long ns) {
        return Duration.ofNanos(System.nanoTime() - ns).toMillis();
    }
}
