package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.QuotaRequest;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The controller dies by SIGKILL. */
class ControllerDeathIT {
    private static final Duration SPAN = Duration.ofSeconds(3);

    @RegisterExtension
    final Cluster cluster = new Cluster();

    @Test
    void leavesTenantsTheirSharesAndItsSuccessorKnowsEveryQuotaAndWhatWasAskedMeanwhile() throws Exception {
        cluster.startBroker();
        Proc controller = cluster.startController();
        cluster.startAgent();
        cluster.set("a", "{\"weight\":1,\"ceilingPermille\":900,\"memoryLimitBytes\":1073741824}");
        cluster.set("b", "{\"weight\":3,\"floorPermille\":100}");
        cluster.set("idle", "{\"weight\":7,\"reason\":\"has no program\"}");
        cluster.awaitWeight("a", 1);
        cluster.awaitWeight("b", 3);
        Tenant a = cluster.tenant("a");
        Tenant b = cluster.tenant("b");
        expectPart("with a controller", a, b, 250);
        JsonNode before = cluster.quotas();
        assertThat(before.path("tenants")).hasSize(3);

        controller.sigkill();
        expectPart("without a controller", a, b, 250);
        ask("b", 1);
        expectPart("with a request that nobody reads", a, b, 250);

        cluster.startController();
        cluster.awaitWeight("b", 1);
        JsonNode after = cluster.quotas();
        assertThat(after.path("tenants")).hasSize(3);
        for (JsonNode quota : before.path("tenants")) {
            JsonNode now = cluster.quota(quota.path("tenant").asText());
            if (quota.path("tenant").asText().equals("b")) {
                assertThat(now.path("weight").asInt()).isOne();
                assertThat(now.path("floorPermille").asInt()).isEqualTo(100);
            } else {
                assertThat(now).isEqualTo(quota);
            }
        }
        expectPart("with the next controller", a, b, 500);
        assertThat(a.proc().alive()).isTrue();
        assertThat(b.proc().alive()).isTrue();
    }

    private static void expectPart(String when, Tenant a, Tenant b, double permille) {
        double part = Tenant.partOf(SPAN, a, b);
        System.out.println("a beside b, " + when + ": " + part + " permille of " + permille);
        assertThat(part).as(when).isBetween(permille - 80, permille + 80);
    }

    /** Changes a weight through Kafka alone. */
    private void ask(String tenant, int weight) throws Exception {
        QuotaRequest request = QuotaRequest.newBuilder()
                .setRequestId("while-it-is-dead")
                .setTenant(tenant)
                .setRequestedBy("test")
                .setWeight(weight)
                .build();
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", cluster.kafka()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(Topics.QUOTA_REQUEST, tenant, request.toByteArray()))
                    .get();
        }
    }
}
