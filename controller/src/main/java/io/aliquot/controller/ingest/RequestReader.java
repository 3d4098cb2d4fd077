package io.aliquot.controller.ingest;

import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/** Reads quota requests in order, each once. */
public final class RequestReader implements AutoCloseable {
    private static final TopicPartition REQUESTS = new TopicPartition(Topics.QUOTA_REQUEST, 0);

    private final org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer;
    private final PolledReader reader;
    private final MalformedRecords malformed;
    private final Consumer<Batch> sink;

    /**
     * Requests that came together.
     *
     * @param nextOffset the offset after the last of them
     */
    public record Batch(List<Numbered> requests, long nextOffset) {
        public Batch {
            requests = List.copyOf(requests);
        }
    }

    /** A request and where it stands in its topic. */
    public record Numbered(QuotaRequest request, long offset) {}

    /**
     * @param sink called on the reader's thread, and done with a batch when it returns
     * @param onFailure told when the reader's thread ended by an error of the sink
     */
    public RequestReader(
            KafkaAccess kafka,
            MalformedRecords malformed,
            MeterRegistry meters,
            Consumer<Batch> sink,
            Consumer<Throwable> onFailure) {
        this.consumer = ClientProperties.consumer(kafka, "requests", "earliest");
        this.malformed = malformed;
        this.sink = sink;
        this.reader = new PolledReader("aliquot-requests", consumer, this::accept, onFailure);
        LagGauge.watch(meters, Topics.QUOTA_REQUEST, reader);
    }

    /**
     * Starts reading.
     *
     * @param firstOffset of the first request that was not answered yet
     */
    public void start(long firstOffset) {
        consumer.assign(List.of(REQUESTS));
        consumer.seek(REQUESTS, firstOffset);
        reader.start();
    }

    private void accept(ConsumerRecords<String, byte[]> records) {
        List<Numbered> requests = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records.records(REQUESTS)) {
            try {
                requests.add(new Numbered(FromProto.request(PolledReader.value(record)), record.offset()));
            } catch (IllegalArgumentException e) {
                malformed.skipped(record, e);
            }
        }
        if (!requests.isEmpty()) {
            sink.accept(new Batch(requests, consumer.position(REQUESTS)));
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
