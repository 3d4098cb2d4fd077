package io.aliquot.cli.controller;

import static io.aliquot.cli.controller.Lab.follows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerConfig;
import io.aliquot.controller.app.ControllerException;
import io.aliquot.schema.Topics;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the controller does when what it needs is not there. */
class ControllerFailureIT {
    @TempDir
    Path dir;

    @Test
    void namesTheBrokerThatItCantReach() {
        long start = System.nanoTime();
        assertThatThrownBy(() -> Controller.start(ControllerConfig.local("127.0.0.1:9", 0)))
                .isInstanceOf(ControllerException.class)
                .hasMessage("broker 127.0.0.1:9 unreachable after 10 s")
                .extracting(e -> ((ControllerException) e).fix())
                .isEqualTo(
                        "start it or set --kafka HOST:PORT; one that wants TLS or a login needs --kafka-config FILE");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void namesTheTakenPort() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> Controller.start(ControllerConfig.local("127.0.0.1:9", port)))
                    .isInstanceOf(ControllerException.class)
                    .hasMessage("port " + port + " taken on 127.0.0.1")
                    .extracting(e -> ((ControllerException) e).fix())
                    .isEqualTo("set another with --http-port");
        }
    }

    @Test
    void isNotReadyWithoutItsBrokerAndGoesOnWhenItIsBack() throws Exception {
        try (Lab lab = new Lab(dir);
                Controller controller = lab.controller()) {
            lab.put(controller, "a", "{\"weight\":2}");
            assertThat(lab.get(controller, "/readyz").status()).isEqualTo(200);
            lab.stopBroker();
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> lab.get(controller, "/readyz").status() == 503);
            assertThat(lab.get(controller, "/healthz").status()).isEqualTo(200);
            assertThat(lab.get(controller, "/v1/tenants/a").status()).isEqualTo(200);
            Lab.Answer refused = lab.put(controller, "a", "{\"weight\":3}");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.json().getString("error"))
                    .isEqualTo("no broker answers at " + lab.bootstrap() + "; nothing was changed");
            assertThat(refused.json().getString("fix")).contains("--kafka");
            lab.startBrokerAgain();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> lab.get(controller, "/readyz").status() == 200);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> lab.put(controller, "a", "{\"weight\":4}").status() == 200);
            Lab.Answer set = lab.get(controller, "/v1/tenants/a");
            assertThat(set.json().getInteger("weight")).isEqualTo(4);
            lab.telemetry("n", Map.of("a", 500));
            lab.awaitDecision("n", d -> follows(d, set));
        }
    }

    @Test
    void compactsAQuotaTopicThatTheBrokerMadeByItself() throws Exception {
        try (Lab lab = new Lab(dir);
                Admin admin = Admin.create(Map.of("bootstrap.servers", lab.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(Topics.TENANT_QUOTA, 1, (short) 1)))
                    .all()
                    .get();
            try (Controller controller = lab.controller()) {
                ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Topics.TENANT_QUOTA);
                assertThat(admin.describeConfigs(List.of(topic))
                                .all()
                                .get()
                                .get(topic)
                                .get("cleanup.policy")
                                .value())
                        .isEqualTo("compact");
                assertThat(lab.put(controller, "a", "{\"weight\":2}").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void namesALeaseTopicThatIsNotStampedByTheBroker() throws Exception {
        try (Lab lab = new Lab(dir);
                Admin admin = Admin.create(Map.of("bootstrap.servers", lab.bootstrap()))) {
            NewTopic chosen = new NewTopic(Topics.LEASE, 1, (short) 1)
                    .configs(Map.of("message.timestamp.type", "CreateTime", "cleanup.policy", "delete"));
            admin.createTopics(List.of(chosen)).all().get();
            assertThatThrownBy(lab::controller)
                    .isInstanceOf(ControllerException.class)
                    .hasMessage("topic aliquot.lease.v1: message.timestamp.type is CreateTime, expected LogAppendTime");
        }
    }
}
