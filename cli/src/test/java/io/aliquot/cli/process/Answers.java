package io.aliquot.cli.process;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.QuotaRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What the controller and the agent of a {@link Cluster} answer, and how they are asked. Any thread. */
final class Answers {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private final String kafka;
    private final int controllerPort;
    private final int agentPort;

    Answers(String kafka, int controllerPort, int agentPort) {
        this.kafka = kafka;
        this.controllerPort = controllerPort;
        this.agentPort = agentPort;
    }

    /** Makes or changes a tenant, as soon as the controller can. */
    void set(String tenant, String quota) {
        await("tenant " + tenant + " is " + quota).atMost(Proc.PATIENCE).until(() -> put(tenant, quota) == 200);
    }

    /** Changes a weight through Kafka alone, as one who never meets the controller. */
    void changeThroughKafka(String tenant, int weight) throws Exception {
        QuotaRequest request = QuotaRequest.newBuilder()
                .setRequestId("through-kafka")
                .setTenant(tenant)
                .setRequestedBy("test")
                .setWeight(weight)
                .build();
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(Topics.QUOTA_REQUEST, tenant, request.toByteArray()))
                    .get();
        }
    }

    private int put(String tenant, String quota) {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + controllerPort + "/v1/tenants/" + tenant))
                        .PUT(BodyPublishers.ofString(quota)))
                .statusCode();
    }

    /** Every quota, as the controller has it. */
    JsonNode quotas() {
        return json(controllerPort, "/v1/tenants");
    }

    /** One quota, as the controller has it; missing when there is none or no answer. */
    JsonNode quota(String tenant) {
        return json(controllerPort, "/v1/tenants/" + tenant);
    }

    /** A tenant's last interval, as the agent tells; missing when it doesn't. */
    JsonNode usage(String tenant) {
        for (JsonNode here : json(agentPort, "/v1/usage").path("gpus").path(0).path("tenants")) {
            if (here.path("tenant").asText().equals(tenant)) {
                return here;
            }
        }
        return MissingNode.getInstance();
    }

    /** The sum of the agent's series of this name, of one tenant when one is named. */
    double metric(String name, String tenant) {
        return get(agentPort, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> tenant.isEmpty() || line.contains("tenant=\"" + tenant + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    boolean controllerReady() {
        return get(controllerPort, "/readyz").statusCode() == 200;
    }

    boolean agentHealthy() {
        return get(agentPort, "/healthz").statusCode() == 200;
    }

    /** Waits until the controller has this weight and the agent has in force what follows from it. */
    void awaitWeight(String tenant, int weight) {
        await(tenant + " has weight " + weight).atMost(Proc.PATIENCE).until(() -> {
            JsonNode quota = quota(tenant);
            return quota.path("weight").asInt() == weight
                    && usage(tenant).path("quotaVersion").asLong()
                            == quota.path("version").asLong(-1);
        });
    }

    private static JsonNode json(int port, String path) {
        try {
            HttpResponse<String> answer = get(port, path);
            return answer.statusCode() == 200 ? JSON.readTree(answer.body()) : MissingNode.getInstance();
        } catch (UncheckedIOException away) {
            return MissingNode.getInstance();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpResponse<String> get(int port, String path) {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
