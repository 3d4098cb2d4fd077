package io.aliquot.agent.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aliquot.agent.Natives;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.GpuShares;
import io.aliquot.agent.model.NodeSnapshot;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.agent.model.TenantSnapshot;
import io.aliquot.schema.ServiceClass;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeTest {
    private static final List<GpuInfo> GPUS =
            List.of(new GpuInfo(0, "GPU-a", "test", 1L << 34, true), new GpuInfo(1, "GPU-b", "test", 1L << 34, true));

    @TempDir
    Path folder;

    @Test
    void showsTheQuotasThatWereApplied() throws Exception {
        try (Node node = open()) {
            assertThat(node.snapshot().tenants()).isEmpty();
            long beforeNs = System.nanoTime();

            node.apply(decision("L", 3, 1, 4), false);

            NodeSnapshot snapshot = node.snapshot();
            assertThat(snapshot.generation()).isPositive();
            assertThat(snapshot.appliedAtNs()).isBetween(beforeNs, System.nanoTime());
            assertThat(snapshot.takenAtNs()).isBetween(beforeNs, System.nanoTime());
            assertThat(snapshot.tenants())
                    .filteredOn(t -> t.gpuIndex() == 1)
                    .singleElement()
                    .satisfies(t -> {
                        assertThat(t.tenant()).isEqualTo("a");
                        assertThat(t.share())
                                .isEqualTo(new TenantSnapshot.Quota(
                                        4, 100, 800, false, ServiceClass.STANDARD, 500, 125, 7_000_000));
                    });
        }
    }

    @Test
    void putsAHardCeilingInForceAndMakesItSoftAgain() throws Exception {
        try (Node node = open()) {
            node.apply(decision("L", 3, 1, 4, true), false);
            assertThat(share(node))
                    .isEqualTo(new TenantSnapshot.Quota(4, 100, 800, true, ServiceClass.STANDARD, 500, 125, 7_000_000));

            node.apply(decision("L", 3, 2, 4, true).atFallback(), true);
            assertThat(share(node).hardCeiling()).isTrue();

            node.apply(decision("L", 3, 3, 4, false), false);
            assertThat(share(node).hardCeiling()).isFalse();
        }
    }

    @Test
    void putsEachClassInForceBesideEitherCeiling() throws Exception {
        try (Node node = open()) {
            long sequence = 0;
            for (boolean hard : new boolean[] {true, false}) {
                for (ServiceClass any : ServiceClass.values()) {
                    Decision decision = decision("L", 3, ++sequence, 4, hard, any);

                    node.apply(decision, false);
                    assertThat(share(node))
                            .isEqualTo(new TenantSnapshot.Quota(4, 100, 800, hard, any, 500, 125, 7_000_000));

                    node.apply(decision.atFallback(), true);
                    assertThat(share(node).serviceClass()).isEqualTo(any);
                }
            }
        }
    }

    @Test
    void refusesAStaleFenceAndKeepsWhatIsInForce() throws Exception {
        try (Node node = open()) {
            node.apply(decision("L", 3, 2, 4), false);

            NodeException stale =
                    catchThrowableOfType(NodeException.class, () -> node.apply(decision("L", 3, 1, 9), false));

            assertThat(stale.errno()).isEqualTo(NodeException.ESTALE);
            assertThat(stale).hasMessageContaining("ESTALE");
            assertThat(weight(node)).isEqualTo(4);
        }
    }

    @Test
    void takesTheFallbackFormAndThenAHigherDecisionAndThenANewOrder() throws Exception {
        try (Node node = open()) {
            node.apply(decision("L", 900, 1, 4), false);
            node.apply(decision("L", 900, 1, 4).atFallback(), true);
            assertThat(weight(node)).isEqualTo(125);
            node.apply(decision("L", 900, 2, 5), false);
            assertThat(weight(node)).isEqualTo(5);
            node.apply(decision("M", 0, 1, 6), false);
            assertThat(weight(node)).isEqualTo(6);
            node.apply(decision("M", 0, 2, 7), false);
            assertThat(weight(node)).isEqualTo(7);
        }
    }

    @Test
    void takesMoreTenantsThanItsBuffersBeganWith() throws Exception {
        List<TenantShare> tenants = java.util.stream.IntStream.range(0, 100)
                .mapToObj(i -> new TenantShare("t" + i, 1, 0, 1000, false, ServiceClass.STANDARD, 0, 10, 10, 0, 0))
                .toList();
        try (Node node = open()) {
            node.apply(
                    new Decision("n", new FenceStamp("L", 0, 1), 0, 1000, List.of(new GpuShares("GPU-a", tenants))),
                    false);

            assertThat(node.snapshot().tenants().stream()
                            .map(TenantSnapshot::tenant)
                            .distinct())
                    .hasSize(100);
        }
    }

    @Test
    void saysThatALiveAgentOwnsTheFolder() throws Exception {
        try (Node node = open()) {
            NodeException taken = catchThrowableOfType(NodeException.class, this::open);

            assertThat(taken.errno()).isEqualTo(NodeException.EADDRINUSE);
            assertThat(node.arbitrating()).isTrue();
        }
        open().close();
    }

    @Test
    void endsItsArbiterWhenItIsClosed() throws Exception {
        Node node = open();
        assertThat(node.arbitrating()).isTrue();

        node.close();
        node.close();

        assertThat(node.arbitrating()).isFalse();
        assertThat(node.failure()).isEmpty();
        assertThatThrownBy(node::snapshot).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void namesBothNumbersAndTheFixOfALibraryOfAnotherBuild() throws Exception {
        Path other = Natives.compile(folder, "other", "unsigned aliquot_node_abi(void) { return 7; }");

        assertThatThrownBy(() -> Node.open(other, folder, GPUS))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("ABI 7")
                .hasMessageContaining("ABI " + NodeLibrary.ABI)
                .hasMessageContaining("one build");
        assertThatThrownBy(() -> Node.open(folder.resolve("none.so"), folder, GPUS))
                .hasMessageContaining("none.so");
    }

    private Node open() throws NodeException {
        return Node.open(Natives.folder().resolve("libaliquot-node.so"), folder, GPUS);
    }

    private static int weight(Node node) {
        return share(node).weight();
    }

    private static TenantSnapshot.Quota share(Node node) {
        return node.snapshot().tenants().stream()
                .filter(t -> t.gpuIndex() == 1)
                .findFirst()
                .orElseThrow()
                .share();
    }

    private static Decision decision(String topic, long term, long sequence, int weight) {
        return decision(topic, term, sequence, weight, false);
    }

    private static Decision decision(String topic, long term, long sequence, int weight, boolean hard) {
        return decision(topic, term, sequence, weight, hard, ServiceClass.STANDARD);
    }

    private static Decision decision(
            String topic, long term, long sequence, int weight, boolean hard, ServiceClass serviceClass) {
        TenantShare share = new TenantShare("a", weight, 100, 800, hard, serviceClass, 7_000_000, 500, 125, 250, 0);
        return new Decision(
                "n", new FenceStamp(topic, term, sequence), 0, 1000, List.of(new GpuShares("GPU-b", List.of(share))));
    }
}
