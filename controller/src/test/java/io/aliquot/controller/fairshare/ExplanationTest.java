package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.schema.ServiceClass;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static final List<TenantPolicy> TENANTS = List.of(
            TenantPolicy.of("org").withWeight(3),
            TenantPolicy.of("lab").withHardCeiling(new Amount.Gpus(4)),
            TenantPolicy.of("org/chat")
                    .withPriority(ServiceClass.LATENCY_CRITICAL)
                    .withFloor(new Amount.Percent(50)),
            TenantPolicy.of("org/train"),
            TenantPolicy.of("org/eval"));

    @Test
    void saysWhoLendsAndWhatItGetsBack() {
        assertThat(say("org/chat", 1, 20, 20, 20)).isEqualTo("""
                        org/chat is entitled to 1 GPU and wants 1 GPU; its fair share of the 12 GPUs of org is 11.7 GPUs.
                        It gets all that it wants.
                        It lends 5.35 GPUs to org/eval, 5.35 GPUs to org/train.
                        When it wants more, it gets 5 GPUs of its floor back in the next tick.""");
    }

    @Test
    void saysWhoBorrowsAndWhatBindsAtEachLevel() {
        assertThat(say("org/train", 1, 20, 20, 20)).isEqualTo("""
                        org/train is entitled to 5.5 GPUs and wants 20 GPUs; its fair share of the 12 GPUs of org is 0.15 GPUs.
                        Its weight of 1 beside those of its siblings decides.
                        It borrows 5.35 GPUs from org/chat (unused).
                        org is entitled to 12 GPUs and wants 41 GPUs; its fair share of the 16 GPUs of the cluster is 12 GPUs.
                        Its weight of 3 beside those of its siblings decides.""");
    }

    @Test
    void saysThatAHigherClassGoesFirst() {
        assertThat(say("org/train", 20, 20, 20, 20))
                .startsWith("org/train is entitled to 0.15 GPUs and wants 20 GPUs;")
                .contains(
                        "Its class is standard: siblings of a higher class go first, but for floors and a small reserve.");
    }

    @Test
    void saysThatACeilingBinds() {
        assertThat(say("lab", 1, 1, 1, 20)).isEqualTo("""
                        lab is entitled to 4 GPUs and wants 20 GPUs; its fair share of the 16 GPUs of the cluster is 4 GPUs.
                        Its hard ceiling of 4 GPUs keeps it from more.""");
    }

    @Test
    void saysWhichFloorIsNotMet() {
        List<TenantPolicy> tenants = List.of(
                TenantPolicy.of("a").withFloor(new Amount.Gpus(12)),
                TenantPolicy.of("b").withFloor(new Amount.Gpus(12)));
        Entitlements now = new World(16, tenants, Map.of("a", 20.0, "b", 20.0)).solve();
        assertThat(ExplanationWords.say(Explainer.explain(now, "a")))
                .contains("Its floor of 12 GPUs can't be met: the floors in the cluster exceed what it has.");
    }

    @Test
    void knowsTenantsOnly() {
        Entitlements now = new World(16, TENANTS, Map.of()).solve();
        assertThatThrownBy(() -> Explainer.explain(now, "org/none"))
                .hasMessage("tenant 'org/none' is unknown: expected one of the 5 in the policy");
        assertThatThrownBy(() -> Explainer.explain(now, "")).hasMessageContaining("not the cluster");
    }

    private static String say(String path, double chat, double train, double eval, double lab) {
        Map<String, Double> demand = Map.of("org/chat", chat, "org/train", train, "org/eval", eval, "lab", lab);
        return ExplanationWords.say(Explainer.explain(new World(16, TENANTS, demand).solve(), path));
    }
}
