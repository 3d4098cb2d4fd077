package io.aliquot.cli.process;

import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantSample;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Nodes that only report: one GPU with tenants a and b each, once a second, on a thread of its own. */
final class SoakLoad implements AutoCloseable {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int A_PERMILLE = 250;

    private final int nodes;
    private final KafkaProducer<String, byte[]> producer;
    private final Thread thread = Thread.ofPlatform().daemon(true).name("load").unstarted(this::run);
    private volatile boolean closed;

    SoakLoad(String kafka, int nodes) {
        this.nodes = nodes;
        this.producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka, "acks", "1", "max.block.ms", 1000),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    void start() {
        thread.start();
    }

    private void run() {
        for (long sequence = 1; !closed; sequence++) {
            long begunNs = System.nanoTime();
            for (int node = 0; node < nodes; node++) {
                String name = "simulated" + node;
                producer.send(new ProducerRecord<>(Topics.TELEMETRY, name, telemetry(name, sequence)));
            }
            try {
                Thread.sleep(Duration.ofNanos(Math.max(0, SECOND_NS - (System.nanoTime() - begunNs))));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static byte[] telemetry(String node, long sequence) {
        return Telemetry.newBuilder()
                .setNode(node)
                .setSequence(sequence)
                .setSampledAtUnixMs(System.currentTimeMillis())
                .setIntervalUs(SECOND_NS / 1000)
                .addGpus(GpuSample.newBuilder()
                        .setUuid("GPU-" + node)
                        .setSimulated(true)
                        .addTenants(tenant("a", A_PERMILLE))
                        .addTenants(tenant("b", 1000 - A_PERMILLE)))
                .build()
                .toByteArray();
    }

    private static TenantSample tenant(String name, int permille) {
        return TenantSample.newBuilder()
                .setTenant(name)
                .setProcesses(1)
                .setGpuNs(permille * SECOND_NS / 1000)
                .setBlockedPermille(1000 - permille)
                .build();
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        producer.close(Duration.ofSeconds(1));
    }
}
