package io.aliquot.cli.bus;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.Decision;
import io.aliquot.schema.v1.DecisionAck;
import io.aliquot.schema.v1.Fence;
import io.aliquot.schema.v1.SampleMark;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Reads the decisions for all simulated nodes through one consumer, and acknowledges each as an agent would. */
final class SimulatedAppliers implements AutoCloseable {
    private final SimulatedNodes nodes;
    private final KafkaConsumer<String, byte[]> consumer;
    private final KafkaProducer<String, byte[]> producer;
    private final Latencies latencies = new Latencies();
    private final AtomicLong decisions = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final Thread thread = Thread.ofPlatform().name("sim-decisions").unstarted(this::run);
    private volatile boolean closed;

    SimulatedAppliers(String bootstrap, SimulatedNodes nodes) {
        this.nodes = nodes;
        this.consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "max.poll.records", 2000, "auto.offset.reset", "latest"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        this.producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "client.id",
                        "sim-acks",
                        "compression.type",
                        "lz4",
                        "linger.ms",
                        5),
                new StringSerializer(),
                new ByteArraySerializer());
        thread.start();
    }

    Latencies latencies() {
        return latencies;
    }

    long decisions() {
        return decisions.get();
    }

    long bytes() {
        return bytes.get();
    }

    private void run() {
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.DECISION).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        while (!closed) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                if (record.key().startsWith("sim-")) {
                    apply(record);
                }
            }
        }
        consumer.close();
    }

    private void apply(ConsumerRecord<String, byte[]> record) {
        Head head = head(record.value());
        decisions.incrementAndGet();
        bytes.addAndGet(record.value().length);
        DecisionAck.Builder ack = DecisionAck.newBuilder()
                .setNode(record.key())
                .setApplied(head.fence)
                .setAppliedAtUnixMs(System.currentTimeMillis())
                .setReadToAppliedUs(1);
        if (head.answers.getSequence() > 0) {
            long us = System.nanoTime() / 1000 - head.answers.getSampledAtMonotonicUs();
            latencies.add(us);
            ack.setSampleSequence(head.answers.getSequence()).setSampleToAppliedUs(Math.max(1, us));
        }
        nodes.applied(Integer.parseInt(record.key().substring(4)), head.fence);
        producer.send(new ProducerRecord<>(Topics.ACK, record.key(), ack.build().toByteArray()));
    }

    private record Head(Fence fence, SampleMark answers) {}

    /** All but the GPUs, which are most of it. */
    private static Head head(byte[] decision) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(decision);
            Fence.Builder fence = Fence.newBuilder();
            SampleMark.Builder answers = SampleMark.newBuilder();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag >>> 3) {
                    case Decision.FENCE_FIELD_NUMBER -> in.readMessage(fence, ExtensionRegistryLite.getEmptyRegistry());
                    case Decision.ANSWERS_FIELD_NUMBER ->
                        in.readMessage(answers, ExtensionRegistryLite.getEmptyRegistry());
                    default -> in.skipField(tag);
                }
            }
            return new Head(fence.build(), answers.build());
        } catch (IOException e) {
            throw new IllegalStateException("a decision of the controller can't be read", e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
        producer.close(Duration.ofSeconds(1));
    }
}
