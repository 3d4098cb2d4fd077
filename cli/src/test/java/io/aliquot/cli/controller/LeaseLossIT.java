package io.aliquot.cli.controller;

import static io.aliquot.cli.controller.Lab.follows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.aliquot.agent.link.LinkDoor;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerException;
import io.aliquot.schema.TopicSpec;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.Decision;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A controller that loses what makes it the active one while it still holds the lease. */
class LeaseLossIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern TERM = Pattern.compile("\naliquot_controller_term (-?[0-9.E]+)");

    @TempDir
    Path dir;

    @Test
    @Timeout(90)
    void whenTheLeaseTopicIsCreatedAgainItEndsAndTheNextStartsANewOrder() throws Exception {
        try (Lab lab = new Lab(dir);
                Admin admin = Admin.create(Map.of("bootstrap.servers", lab.bootstrap()))) {
            Decision before;
            try (Controller first = lab.controller("first")) {
                before = decided(lab, first);
                admin.deleteTopics(List.of(Topics.LEASE)).all().get();
                await().atMost(PATIENCE).ignoreExceptions().until(() -> created(admin));
                ControllerException ended = catchThrowableOfType(ControllerException.class, first::awaitTermination);
                assertThat(ended).hasMessageContaining("topic " + Topics.LEASE + " was created again");
                assertThat(ended.fix()).isEqualTo("start all controllers again");
            }
            try (Controller second = lab.controller("second")) {
                FenceStamp older = LinkDoor.decode(before.toByteArray()).fence();
                lab.telemetry("n", Map.of("a", 500));
                Decision after = lab.awaitDecision(
                        "n", d -> !d.getFence().getLeaseTopicId().equals(older.leaseTopicId()));
                FenceStamp newer = LinkDoor.decode(after.toByteArray()).fence();
                assertThat(newer.supersedes(older)).isTrue();
                assertThat(older.supersedes(newer)).isFalse();
                assertThat(second.active()).isTrue();
            }
        }
    }

    @Test
    void whenItsTransactionsAreRefusedItStepsDownAndNoRequestIsLostOrAppliedTwice() throws Exception {
        try (Lab lab = new Lab(dir);
                Controller controller = lab.controller("east")) {
            decided(lab, controller);
            double term = term(lab, controller);
            try (var other = new KafkaProducer<>(
                    Map.of("bootstrap.servers", lab.bootstrap(), "transactional.id", "aliquot-controller"),
                    new StringSerializer(),
                    new ByteArraySerializer())) {
                other.initTransactions();
            }
            lab.send(Lab.request("refused-first", "a").setWeight(3).build());
            await().atMost(PATIENCE).until(() -> term(lab, controller) > term);
            await().atMost(PATIENCE)
                    .until(() -> lab.get(controller, "/v1/tenants/a").json().getInteger("weight") == 3);
            assertThat(lab.get(controller, "/v1/tenants/a").json().getLong("version"))
                    .isEqualTo(2);
            assertThat(lab.audits("a")).hasSize(2);
        }
    }

    private static Decision decided(Lab lab, Controller controller) throws Exception {
        Lab.Answer quota = lab.put(controller, "a", "{\"weight\":2}");
        assertThat(quota.status()).isEqualTo(200);
        lab.telemetry("n", Map.of("a", 500));
        return lab.awaitDecision("n", d -> follows(d, quota));
    }

    private static boolean created(Admin admin) throws Exception {
        TopicSpec lease = Topics.all().stream()
                .filter(topic -> topic.name().equals(Topics.LEASE))
                .findFirst()
                .orElseThrow();
        admin.createTopics(List.of(new NewTopic(Topics.LEASE, 1, (short) 1).configs(lease.config())))
                .all()
                .get();
        return true;
    }

    private static double term(Lab lab, Controller controller) throws Exception {
        Matcher found = TERM.matcher(lab.get(controller, "/metrics").json().getString("body"));
        assertThat(found.find()).isTrue();
        return Double.parseDouble(found.group(1));
    }
}
