package io.aliquot.cli.bus;

import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.Fence;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantSample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The telemetry of many nodes, through few producers with an agent's settings. Each node reports at its own moment of the
 * interval; its tenants' demands change every few seconds. GPUs are put into bytes once: to make them anew would be most of the load.
 */
final class SimulatedNodes implements AutoCloseable {
    private static final int PRODUCERS = 2;
    private static final int VARIANTS = 6;
    /** A node's demands change this often, seconds on average. */
    private static final double CHANGE_SECONDS = 5;

    private static final long NS_PER_SECOND = 1_000_000_000;

    private final Load load;
    private final List<Thread> threads = new ArrayList<>();
    private final List<KafkaProducer<String, byte[]>> producers = new ArrayList<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final Fence[] applied;
    private volatile boolean closed;

    SimulatedNodes(Load load, String bootstrap) {
        this.load = load;
        this.applied = new Fence[load.nodes()];
        for (int p = 0; p < PRODUCERS; p++) {
            KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                    Map.of(
                            "bootstrap.servers",
                            bootstrap,
                            "client.id",
                            "sim-" + p,
                            "acks",
                            "1",
                            "enable.idempotence",
                            false,
                            "compression.type",
                            "lz4",
                            "linger.ms",
                            5,
                            "request.timeout.ms",
                            2000,
                            "delivery.timeout.ms",
                            2500,
                            "max.block.ms",
                            1000),
                    new StringSerializer(),
                    new ByteArraySerializer());
            producers.add(producer);
            int first = p;
            threads.add(Thread.ofPlatform().name("sim-telemetry-" + p).start(() -> report(producer, first)));
        }
    }

    long sent() {
        return sent.get();
    }

    long failed() {
        return failed.get();
    }

    /** A node has this decision in force, and its telemetry says so. */
    void applied(int node, Fence fence) {
        applied[node] = fence;
    }

    private void report(KafkaProducer<String, byte[]> producer, int first) {
        Random random = new Random(first);
        List<Integer> nodes = new ArrayList<>();
        for (int node = first; node < load.nodes(); node += PRODUCERS) {
            nodes.add(node);
        }
        byte[][][] gpus = new byte[nodes.size()][VARIANTS][];
        for (int i = 0; i < nodes.size(); i++) {
            for (int v = 0; v < VARIANTS; v++) {
                gpus[i][v] = gpus(load, nodes.get(i), random);
            }
        }
        int[] variant = new int[nodes.size()];
        double stepNs = NS_PER_SECOND / load.hz() / nodes.size();
        double changes = 1 / (CHANGE_SECONDS * load.hz());
        long beganNs = System.nanoTime();
        for (long n = 0; !closed; n++) {
            int i = (int) (n % nodes.size());
            long dueNs = beganNs + (long) (n * stepNs);
            while (System.nanoTime() < dueNs) {
                LockSupport.parkNanos(Math.min(2_000_000, dueNs - System.nanoTime()));
            }
            if (random.nextDouble() < changes) {
                variant[i] = random.nextInt(VARIANTS);
            }
            send(producer, nodes.get(i), 1 + n / nodes.size(), gpus[i][variant[i]]);
        }
    }

    private void send(KafkaProducer<String, byte[]> producer, int node, long sequence, byte[] gpus) {
        Telemetry.Builder head = Telemetry.newBuilder()
                .setNode(Load.node(node))
                .setSequence(sequence)
                .setSampledAtUnixMs(System.currentTimeMillis())
                .setSampledAtMonotonicUs(System.nanoTime() / 1000)
                .setIntervalUs((long) (1_000_000 / load.hz()));
        Fence fence = applied[node];
        if (fence != null) {
            head.setApplied(fence);
        }
        byte[] start = head.build().toByteArray();
        byte[] record = new byte[start.length + gpus.length]; // messages that follow each other are one
        System.arraycopy(start, 0, record, 0, start.length);
        System.arraycopy(gpus, 0, record, start.length, gpus.length);
        try {
            producer.send(
                    new ProducerRecord<>(Topics.TELEMETRY, Load.node(node), record),
                    (metadata, error) -> (error == null ? sent : failed).incrementAndGet());
        } catch (RuntimeException e) {
            failed.incrementAndGet();
        }
    }

    /** Eight GPUs with four tenants each, which want more than there is on some and less on others. */
    static byte[] gpus(Load load, int node, Random random) {
        long intervalNs = (long) (NS_PER_SECOND / load.hz());
        Telemetry.Builder gpus = Telemetry.newBuilder();
        for (int g = 0; g < Load.GPUS; g++) {
            GpuSample.Builder gpu = GpuSample.newBuilder()
                    .setUuid("GPU-%08d-0000-0000-0000-%012d".formatted(node, g))
                    .setName("Simulated")
                    .setSimulated(true)
                    .setMemoryTotalBytes(141L << 30)
                    .setMemoryUsedBytes(100L << 30)
                    .setNvmlUtilizationPermille(1000);
            int left = 1000;
            for (int t = 0; t < Load.TENANTS_PER_GPU; t++) {
                int used = random.nextInt(Math.min(left, 400) + 1);
                left -= used;
                gpu.addTenants(TenantSample.newBuilder()
                        .setTenant(Load.tenant(
                                (node * 7 + g * 3 + t * (load.tenants() / Load.TENANTS_PER_GPU)) % load.tenants()))
                        .setProcesses(1)
                        .setGpuNs(intervalNs / 1000 * used)
                        .setWaitedNs(intervalNs / 4)
                        .setBlockedPermille(random.nextInt(3) * 300)
                        .setLaunches(500 + random.nextInt(500))
                        .setMemoryUsedBytes(20L << 30)
                        .setGuaranteedPermille(250)
                        .setQuotaVersion(1));
            }
            gpus.addGpus(gpu);
        }
        return gpus.build().toByteArray();
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        for (Thread thread : threads) {
            thread.join();
        }
        producers.forEach(producer -> producer.close(java.time.Duration.ofSeconds(1)));
    }
}
