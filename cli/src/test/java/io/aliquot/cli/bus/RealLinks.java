package io.aliquot.cli.bus;

import io.aliquot.agent.link.AckLink;
import io.aliquot.agent.link.DecisionLink;
import io.aliquot.agent.link.TelemetryLink;
import io.aliquot.agent.model.Applied;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.GpuUsage;
import io.aliquot.agent.model.Inventory;
import io.aliquot.agent.model.NodeLabels;
import io.aliquot.agent.model.NodeUsage;
import io.aliquot.agent.model.TenantUsage;
import io.aliquot.schema.ServiceClass;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Nodes that are the agent's own Kafka classes; what they would write into pages is left out (some ten microseconds). */
final class RealLinks implements AutoCloseable {
    private final Load load;
    private final Latencies latencies = new Latencies();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(1);
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<DecisionLink> decisions = new ArrayList<>();

    RealLinks(Load load, String bootstrap) {
        this.load = load;
        KafkaAccess kafka = KafkaAccess.open(bootstrap);
        for (int i = 0; i < load.links(); i++) {
            open(kafka, "link-" + i, load.nodes() + i);
        }
    }

    Latencies latencies() {
        return latencies;
    }

    /** Records of other nodes that they skipped. */
    long neighbours() {
        return decisions.stream().mapToLong(DecisionLink::neighbours).sum();
    }

    private void open(KafkaAccess kafka, String node, int number) {
        TelemetryLink telemetry = TelemetryLink.start(kafka, node);
        AckLink acks = AckLink.start(kafka, node);
        Reporter reporter = new Reporter(node, number, telemetry);
        acks.offer(new Inventory(node, "bench", "", 0, NodeLabels.NONE, List.of(reporter.gpu(0)), Map.of()));
        DecisionLink link = DecisionLink.start(kafka, node, all -> apply(acks, reporter, all.getLast()));
        decisions.add(link);
        opened.push(telemetry);
        opened.push(acks);
        opened.push(link);
        long periodUs = (long) (1_000_000 / load.hz());
        var due = clock.scheduleAtFixedRate(reporter, (number * 7919L) % periodUs, periodUs, TimeUnit.MICROSECONDS);
        opened.push(() -> due.cancel(false));
    }

    private void apply(AckLink acks, Reporter reporter, Decision decision) {
        long nowNs = System.nanoTime();
        Applied applied =
                new Applied(decision.fence(), decision.answers(), System.currentTimeMillis(), nowNs, System.nanoTime());
        applied.sampleToApplied().map(Duration::toNanos).ifPresent(ns -> latencies.add(ns / 1000));
        reporter.applied = decision.fence();
        acks.offer(applied);
    }

    private final class Reporter implements Runnable {
        private final String node;
        private final int number;
        private final TelemetryLink telemetry;
        private final Random random;
        private long sequence;
        private volatile @Nullable FenceStamp applied;

        Reporter(String node, int number, TelemetryLink telemetry) {
            this.node = node;
            this.number = number;
            this.telemetry = telemetry;
            this.random = new Random(number);
        }

        GpuInfo gpu(int index) {
            return new GpuInfo(
                    index, "GPU-%08d-0000-0000-0000-%012d".formatted(number, index), "Simulated", 141L << 30, true);
        }

        @Override
        public void run() {
            long intervalNs = (long) (1e9 / load.hz());
            List<GpuUsage> gpus = new ArrayList<>();
            for (int g = 0; g < Load.GPUS; g++) {
                List<TenantUsage> tenants = new ArrayList<>();
                for (int t = 0; t < Load.TENANTS_PER_GPU; t++) {
                    String tenant = Load.tenant((number + g + t) % load.tenants());
                    tenants.add(new TenantUsage(
                            tenant,
                            1,
                            intervalNs / 1000 * random.nextInt(250),
                            0,
                            random.nextInt(3) * 300,
                            500,
                            20L << 30,
                            0,
                            1,
                            ServiceClass.STANDARD,
                            250,
                            250,
                            1,
                            0,
                            0,
                            0,
                            0));
                }
                gpus.add(new GpuUsage(gpu(g), Optional.empty(), tenants, List.of()));
            }
            telemetry.offer(new NodeUsage(
                    node,
                    ++sequence,
                    System.currentTimeMillis(),
                    System.nanoTime(),
                    intervalNs,
                    gpus,
                    NodeLabels.NONE,
                    Optional.ofNullable(applied)));
        }
    }

    @Override
    public void close() throws Exception {
        clock.shutdownNow();
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }
}
