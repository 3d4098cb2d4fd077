package io.aliquot.controller.ingest;

import io.aliquot.controller.state.NodeAck;
import io.aliquot.controller.state.NodeInventory;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/** Reads what nodes have, from the beginning, and which decisions they put in force, from now on. */
public final class FleetReader implements AutoCloseable {
    private static final TopicPartition INVENTORY = new TopicPartition(Topics.INVENTORY, 0);
    private static final TopicPartition ACK = new TopicPartition(Topics.ACK, 0);

    private final Consumer<String, byte[]> consumer;
    private final PolledReader reader;
    private final MalformedRecords malformed;
    private final java.util.function.Consumer<NodeAck> acks;
    private final Map<String, NodeInventory> inventories = new ConcurrentHashMap<>();

    /**
     * @param acks told of each, on the reader's thread
     * @param onFailure told when that thread ended by an error
     */
    public FleetReader(
            KafkaAccess kafka,
            MalformedRecords malformed,
            MeterRegistry meters,
            java.util.function.Consumer<NodeAck> acks,
            java.util.function.Consumer<Throwable> onFailure) {
        this.consumer = ClientProperties.consumer(kafka, "fleet", "earliest");
        this.malformed = malformed;
        this.acks = acks;
        this.reader = new PolledReader("aliquot-fleet", consumer, this::keep, onFailure);
        LagGauge.watch(meters, Topics.ACK, reader);
    }

    public void start() {
        consumer.assign(List.of(INVENTORY, ACK));
        consumer.seekToBeginning(List.of(INVENTORY));
        consumer.seekToEnd(List.of(ACK));
        consumer.position(ACK); // a node that acknowledges from now on is heard
        reader.start();
    }

    /** By node, as each said last. Any thread. */
    public Map<String, NodeInventory> inventories() {
        return Map.copyOf(inventories);
    }

    private void keep(ConsumerRecords<String, byte[]> records) {
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                if (record.topic().equals(Topics.ACK)) {
                    NodeAck ack = FromProto.ack(PolledReader.value(record));
                    requireKey(record, ack.node());
                    acks.accept(ack);
                } else {
                    keepInventory(record);
                }
            } catch (IllegalArgumentException e) {
                malformed.skipped(record, e);
            }
        }
    }

    private void keepInventory(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null && record.key() != null) {
            inventories.remove(record.key());
            return;
        }
        NodeInventory inventory = FromProto.inventory(PolledReader.value(record));
        requireKey(record, inventory.node());
        inventories.put(inventory.node(), inventory);
    }

    private static void requireKey(ConsumerRecord<String, byte[]> record, String node) {
        if (!node.equals(record.key())) {
            throw new IllegalArgumentException("its key is '" + record.key() + "', and it is of node '" + node + "'");
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
