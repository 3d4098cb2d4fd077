package io.aliquot.cli.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aliquot.agent.app.Agent;
import io.aliquot.agent.app.AgentConfig;
import io.aliquot.agent.app.AgentException;
import io.aliquot.agent.app.GpuMode;
import io.aliquot.cli.Cli;
import io.aliquot.cli.Cli.Result;
import io.aliquot.cli.stack.QuotaSender;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerConfig;
import io.aliquot.controller.app.ControllerException;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.Role;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Controller, agent and others at a broker that wants TLS, SCRAM and ACLs; each with the ACLs of its role and no more. */
class KafkaSecurityIT {
    private static final String NODE = "gpu-17";
    private static GuardedBroker broker;

    @TempDir
    static Path records;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        broker = GuardedBroker.start(records, "controller", NODE, "portal", "auditor", "stranger");
        broker.grant(Role.CONTROLLER, "controller");
        broker.grant(Role.AGENT, NODE);
        broker.grant(Role.REQUESTER, "portal");
        broker.grant(Role.READER, "auditor");
        broker.makeTopicWithTheBrokersSettings(Topics.LEASE); // the controller sets its own
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void everyRoleWorksWithTheAclsThatItsListHas() throws Exception {
        try (Controller controller = controller(broker.access("controller"));
                Agent agent = agent(broker.access(NODE));
                QuotaSender portal = new QuotaSender(broker.access("portal"), "portal");
                Cli cli = new Cli(folder)) {
            agent.awaitBroker(Duration.ofSeconds(10));
            portal.weight("by-kafka", 3);
            assertThat(put(controller, "/v1/tenants/by-http", "{\"weight\":2}")).isEqualTo(200);

            await().atMost(Duration.ofSeconds(15))
                    .untilAsserted(
                            () -> assertThat(agent.decision().orElseThrow().toString())
                                    .contains("by-kafka", "by-http"));
            await().atMost(Duration.ofSeconds(15))
                    .untilAsserted(() ->
                            assertThat(get(controller, "/v1/report?by=gpu")).contains("GPU-"));
            await().atMost(Duration.ofSeconds(15))
                    .untilAsserted(() -> assertThat(get(controller, "/v1/nodes"))
                            .contains("\"by\":\"acknowledgement\"", "\"driverVersion\":"));

            Result replay = cli.run(
                    "replay",
                    "--kafka",
                    broker.bootstrap(),
                    "--kafka-config",
                    broker.file("auditor", GuardedBroker.password("auditor"), "ca.pem")
                            .toString());
            assertThat(replay.exitCode()).as(replay.toString()).isZero();
            assertThat(replay.out()).contains("decisions are the same");
        }
    }

    @Test
    void aNodeMayNotDecideAndAPortalMayNotGrant() throws Exception {
        assertThat(refusal(NODE, Topics.DECISION)).isInstanceOf(TopicAuthorizationException.class);
        assertThat(refusal(NODE, Topics.TENANT_QUOTA)).isInstanceOf(TopicAuthorizationException.class);
        assertThat(refusal(NODE, Topics.QUOTA_REQUEST)).isInstanceOf(TopicAuthorizationException.class);
        assertThat(refusal("portal", Topics.TENANT_QUOTA)).isInstanceOf(TopicAuthorizationException.class);
        assertThat(refusal("portal", Topics.TELEMETRY)).isInstanceOf(TopicAuthorizationException.class);
        assertThat(refusal("auditor", Topics.QUOTA_REQUEST)).isInstanceOf(TopicAuthorizationException.class);
    }

    @Test
    void aWrongPasswordIsToldAsOne() throws Exception {
        String login = "broker " + broker.bootstrap() + " refused the login: ";
        assertThat(controllerRefused(broker.withWrongPassword("controller")))
                .startsWith(login)
                .contains("password of sasl.jaas.config");
        assertThat(agentRefused(broker.withWrongPassword(NODE)))
                .startsWith(login)
                .contains("password of sasl.jaas.config");
    }

    @Test
    void aCertificateOfAnotherCaIsToldAsOne() throws Exception {
        String tls = "no TLS with broker " + broker.bootstrap() + ": ";
        assertThat(controllerRefused(broker.withOtherCa("controller")))
                .startsWith(tls)
                .contains("ssl.truststore.location");
        assertThat(agentRefused(broker.withOtherCa(NODE))).startsWith(tls).contains("ssl.truststore.location");
    }

    @Test
    void aUserWithoutAclsIsSentToTheCommandThatPrintsThem() throws Exception {
        String user = "broker " + broker.bootstrap() + " refused this user: ";
        assertThat(controllerRefused(broker.access("stranger")))
                .startsWith(user)
                .contains("`aliquot acls --controller");
        assertThat(agentRefused(broker.access("stranger")))
                .startsWith(user)
                .contains(Topics.DECISION, "`aliquot acls --node " + NODE + "`");
    }

    @Test
    void aTrustStoreThatIsNotThereIsToldAsOne() throws Exception {
        KafkaAccess absent = broker.withAbsentCa(NODE);
        String client = "no client can be made for broker " + broker.bootstrap() + ": ";
        assertThat(controllerRefused(absent)).startsWith(client).contains("absent.pem");
        assertThat(agentRefused(absent)).startsWith(client).contains("absent.pem");
    }

    @Test
    void aCommandEndsWithOneLineAndNoSecret() throws Exception {
        try (Cli cli = new Cli(folder)) {
            Result result = cli.run(
                    "controller",
                    "--http-port",
                    "0",
                    "--kafka",
                    broker.bootstrap(),
                    "--kafka-config",
                    broker.file("controller", "a-wrong-secret", "ca.pem").toString());
            assertThat(result.exitCode()).isEqualTo(4);
            assertThat(result.err())
                    .startsWith("aliquot: broker")
                    .hasLineCount(1)
                    .doesNotContain("a-wrong-secret");
        }
    }

    private static Controller controller(KafkaAccess access) throws Exception {
        return Controller.start(new ControllerConfig(
                access, "127.0.0.1", 0, "it", ControllerConfig.DEFAULT_TICK, ControllerConfig.DEFAULT_TIME_TO_LIVE));
    }

    private static String controllerRefused(KafkaAccess access) {
        ControllerException e = catchThrowableOfType(
                ControllerException.class, () -> controller(access).close());
        return line(e.getMessage() + "; " + e.fix());
    }

    private Agent agent(KafkaAccess access) throws Exception {
        Path natives = Path.of(System.getProperty("aliquot.native", "absent")).toAbsolutePath();
        assumeTrue(Files.exists(natives.resolve("libaliquot-node.so")), natives + " has no libaliquot-node.so");
        AgentConfig config = AgentConfig.of(
                NODE, access.bootstrapServers(), folder.resolve("run"), folder.resolve("state"), natives);
        return Agent.start(config.withGpu(GpuMode.SIM).withKafka(access));
    }

    private String agentRefused(KafkaAccess access) throws Exception {
        try (Agent agent = agent(access)) {
            AgentException e =
                    catchThrowableOfType(AgentException.class, () -> agent.awaitBroker(Duration.ofSeconds(20)));
            return line(e.problem() + "; " + e.fix());
        }
    }

    private static String line(String said) {
        assertThat(said).hasLineCount(1).doesNotContain("secret-of-");
        return said;
    }

    private static Throwable refusal(String user, String topic) throws Exception {
        Map<String, Object> client = broker.access(user).client();
        client.put("enable.idempotence", false); // else who may write nowhere is refused before it names a topic
        try (var producer = new KafkaProducer<>(client, new StringSerializer(), new ByteArraySerializer())) {
            var sent = producer.send(new ProducerRecord<>(topic, NODE, new byte[1]));
            return catchThrowableOfType(ExecutionException.class, sent::get).getCause();
        }
    }

    private static int put(Controller controller, String path, String body) throws Exception {
        return send(controller, path, "PUT", body).statusCode();
    }

    private static String get(Controller controller, String path) throws Exception {
        return send(controller, path, "GET", "").body();
    }

    private static HttpResponse<String> send(Controller controller, String path, String method, String body)
            throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + controller.httpPort() + path);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(uri)
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
