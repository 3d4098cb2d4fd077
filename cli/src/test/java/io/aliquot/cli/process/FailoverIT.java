package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aliquot.cli.Ports;
import io.aliquot.schema.NodeBuckets;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.Decision;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.Telemetry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two controllers, each a process: the active one is paused, comes back, and then the other is killed. */
class FailoverIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private long sequence;

    @Test
    void aPausedAndAKilledControllerAreReplacedAndTheReturningOneStandsBy() throws Exception {
        CLUSTER.startBroker();
        int firstPort = Ports.free();
        int secondPort = Ports.free();
        Proc first = controller("first", firstPort);
        first.awaitOut(Cluster.READY);
        Proc second = controller("second", secondPort);
        second.awaitOut(Pattern.compile("ready: .*, standing by\n"));
        assertThat(put(firstPort, "a", 2).statusCode()).isEqualTo(200);
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", CLUSTER.kafka()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            long firstTerm = awaitTermAbove(-1, producer);

            first.signal("STOP");
            awaitRole(secondPort, "active", "after a pause");
            assertThat(weight(secondPort, "a")).isEqualTo(2);
            assertThat(put(secondPort, "a", 3).statusCode()).isEqualTo(200);
            long secondTerm = awaitTermAbove(firstTerm, producer);

            first.signal("CONT");
            awaitRole(firstPort, "standby", "back again");
            await("the one that was paused follows").atMost(Proc.PATIENCE).until(() -> weight(firstPort, "a") == 3);
            HttpResponse<String> refused = put(firstPort, "a", 4);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("the active one is second; nothing was changed");
            assertThat(put(secondPort, "a", 5).statusCode()).isEqualTo(200);

            second.sigkill();
            awaitRole(firstPort, "active", "after a kill");
            assertThat(weight(firstPort, "a")).isEqualTo(5);
            long thirdTerm = awaitTermAbove(secondTerm, producer);

            List<Long> terms = terms();
            assertThat(terms).containsOnly(firstTerm, secondTerm, thirdTerm);
            // One decision for the node may have been on its way when its controller was stopped.
            assertThat(late(terms)).isLessThanOrEqualTo(1);
            assertThat(terms.getLast()).isEqualTo(thirdTerm);
        }
    }

    private static Proc controller(String holder, int port) {
        return CLUSTER.java(
                holder,
                "controller",
                "--kafka",
                CLUSTER.kafka(),
                "--holder",
                holder,
                "--http-port",
                Integer.toString(port));
    }

    private static void awaitRole(int port, String role, String when) {
        long beganNs = System.nanoTime();
        await(role + " " + when)
                .atMost(Proc.PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> role.equals(get(port, "/readyz").path("role").asText()));
        long ms = Duration.ofNanos(System.nanoTime() - beganNs).toMillis();
        System.out.println(role + " " + when + ": " + ms + " ms");
    }

    private static int weight(int port, String tenant) throws Exception {
        return get(port, "/v1/tenants/" + tenant).path("weight").asInt();
    }

    /** Plays a node until a decision of a higher term comes. */
    private long awaitTermAbove(long term, KafkaProducer<String, byte[]> producer) throws Exception {
        long deadline = System.nanoTime() + Proc.PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Telemetry telemetry = Telemetry.newBuilder()
                    .setNode("n")
                    .setSequence(++sequence)
                    .setIntervalUs(100_000)
                    .addGpus(GpuSample.newBuilder().setUuid("GPU-1").setSimulated(true))
                    .build();
            producer.send(new ProducerRecord<>(Topics.TELEMETRY, "n", telemetry.toByteArray()))
                    .get();
            List<Long> terms = terms();
            if (!terms.isEmpty() && terms.getLast() > term) {
                return terms.getLast();
            }
        }
        throw new AssertionError("no decision of a term above " + term + " within " + Proc.PATIENCE);
    }

    /** Of all decisions so far, in their order. */
    private static List<Long> terms() throws Exception {
        List<Long> terms = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", CLUSTER.kafka(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            TopicPartition decisions = new TopicPartition(
                    Topics.DECISION,
                    NodeBuckets.of("n", consumer.partitionsFor(Topics.DECISION).size()));
            consumer.assign(List.of(decisions));
            consumer.seekToBeginning(List.of(decisions));
            long end = consumer.endOffsets(List.of(decisions)).get(decisions);
            while (consumer.position(decisions) < end) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    terms.add(Decision.parseFrom(record.value()).getFence().getTerm());
                }
            }
        }
        return terms;
    }

    /** How many come after one of a higher term. */
    private static long late(List<Long> terms) {
        long highest = -1;
        long late = 0;
        for (long term : terms) {
            late += term < highest ? 1 : 0;
            highest = Math.max(highest, term);
        }
        return late;
    }

    private static JsonNode get(int port, String path) throws Exception {
        return JSON.readTree(send(request(port, path)).body());
    }

    private static HttpResponse<String> put(int port, String tenant, int weight) throws Exception {
        return send(request(port, "/v1/tenants/" + tenant).PUT(BodyPublishers.ofString("{\"weight\":" + weight + "}")));
    }

    private static HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }
}
