package io.aliquot.cli.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
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
    void whatComesAfterTheEndIsEndedAtOnce() {
        Lifetime life = Lifetime.ofTask();
        life.close();
        assertThatThrownBy(() -> life.onEnd(() -> ended.add("late"))).isInstanceOf(CancellationException.class);
        assertThat(ended).containsExactly("late");
    }
}
