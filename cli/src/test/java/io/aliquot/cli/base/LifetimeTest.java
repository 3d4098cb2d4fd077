package io.aliquot.cli.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LifetimeTest {
    private final List<String> ended = new ArrayList<>();

    @Test
    void endsInReverseOrderOnce() {
        Lifetime life = Lifetime.ofTask();
        life.onEnd(() -> ended.add("folder"));
        life.onEnd(() -> ended.add("broker"));
        life.onEnd(() -> ended.add("tenant"));
        life.close();
        life.close();
        assertThat(ended).containsExactly("tenant", "broker", "folder");
        assertThat(life.ended()).isTrue();
    }

    @Test
    void oneThatFailsToEndKeepsNoOther() {
        Lifetime life = Lifetime.ofTask();
        life.onEnd(() -> ended.add("folder"));
        life.onEnd(() -> {
            throw new IllegalStateException("a test's");
        });
        life.close();
        assertThat(ended).containsExactly("folder");
    }

    @Test
    void theEndWaitsForTheStepUnderWayAndLetsNoOtherBegin() throws Exception {
        Lifetime life = Lifetime.ofTask();
        CountDownLatch inStep = new CountDownLatch(1);
        life.onEnd(() -> ended.add("folder"));
        Thread starting = Thread.ofPlatform()
                .start(() -> life.step(() -> {
                    inStep.countDown();
                    awaitEnd(life);
                    return ended.add("made");
                }));
        inStep.await();
        life.close();
        starting.join();
        assertThat(ended).containsExactly("made", "folder");
        assertThatThrownBy(() -> life.step(() -> ended.add("late"))).isInstanceOf(CancellationException.class);
        assertThat(ended).hasSize(2);
    }

    @Test
    void aStepThatFailsOnceTheEndHasBegunIsCancelled() {
        Lifetime life = Lifetime.ofTask();
        Error failure = new ExceptionInInitializerError("shutdown in progress");
        assertThatThrownBy(() -> life.step(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
        assertThatThrownBy(() -> life.step(() -> {
                    life.close();
                    throw failure;
                }))
                .isInstanceOf(CancellationException.class)
                .hasCause(failure);
    }

    private static void awaitEnd(Lifetime life) {
        try {
            assertThat(life.endsWithin(Duration.ofSeconds(60))).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatComesAfterTheEndIsEndedAtOnce() {
        Lifetime life = Lifetime.ofTask();
        life.close();
        assertThatThrownBy(() -> life.onEnd(() -> ended.add("late"))).isInstanceOf(CancellationException.class);
        assertThat(ended).containsExactly("late");
    }
}
