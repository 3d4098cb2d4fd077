package io.aliquot.cli.security;

import io.aliquot.cli.broker.BrokerAccess;
import io.aliquot.cli.broker.EmbeddedBroker;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.KafkaConfigFile;
import io.aliquot.schema.kafka.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.awaitility.Awaitility;

/** A real broker that wants TLS, a password and ACLs, with a CA of its own. Who is not a super user may nothing at first. */
final class GuardedBroker implements AutoCloseable {
    private static final String ADMIN = "admin";
    private static final String STORE_PASSWORD = "changeit";

    private final Path dir;
    private final EmbeddedBroker broker;

    private GuardedBroker(Path dir, EmbeddedBroker broker) {
        this.dir = dir;
        this.broker = broker;
    }

    /** @param users their names; the password of each is {@link #password} */
    static GuardedBroker start(Path dir, String... users) throws Exception {
        Path keys = Files.createDirectories(dir.resolve("keys"));
        Path store = keys.resolve("broker.p12");
        keytool(store, "-genkeypair", "-alias", "ca", "-keyalg", "EC", "-dname", "CN=lab CA", "-ext", "bc:c");
        keytool(
                store,
                "-exportcert",
                "-alias",
                "ca",
                "-rfc",
                "-file",
                keys.resolve("ca.pem").toString());
        keytool(
                store,
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "EC",
                "-dname",
                "CN=broker",
                "-signer",
                "ca",
                "-ext",
                "san=ip:127.0.0.1");
        keytool(store, "-delete", "-alias", "ca");
        Path other = keys.resolve("other.p12");
        keytool(other, "-genkeypair", "-alias", "ca", "-keyalg", "EC", "-dname", "CN=other CA", "-ext", "bc:c");
        keytool(
                other,
                "-exportcert",
                "-alias",
                "ca",
                "-rfc",
                "-file",
                keys.resolve("other.pem").toString());

        List<String> scram = new ArrayList<>();
        for (String user : withAdmin(users)) {
            scram.add("SCRAM-SHA-512=[name=" + user + ",password=" + password(user) + "]");
        }
        Map<String, String> properties = Map.of(
                "ssl.keystore.location",
                store.toString(),
                "ssl.keystore.password",
                STORE_PASSWORD,
                "ssl.truststore.location",
                keys.resolve("ca.pem").toString(),
                "ssl.truststore.type",
                "PEM",
                "sasl.enabled.mechanisms",
                "SCRAM-SHA-512",
                "sasl.mechanism.inter.broker.protocol",
                "SCRAM-SHA-512",
                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config",
                jaas(ADMIN, password(ADMIN)),
                "authorizer.class.name",
                "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                // The broker talks to its own controller without a login; nobody else can reach that port in a test.
                "super.users",
                "User:" + ADMIN + ";User:ANONYMOUS");
        EmbeddedBroker broker =
                EmbeddedBroker.start(dir.resolve("records"), 0, new BrokerAccess("SASL_SSL", properties, scram));
        return new GuardedBroker(dir, broker);
    }

    String bootstrap() {
        return broker.bootstrapServers();
    }

    static String password(String user) {
        return "secret-of-" + user;
    }

    /** Allows a user what its role needs, and returns when the broker knows. */
    void grant(Role role, String user) throws Exception {
        List<AclBinding> bindings = role.grants().stream()
                .flatMap(grant -> grant.operations().stream()
                        .map(operation -> new AclBinding(
                                new ResourcePattern(grant.type(), grant.name(), PatternType.LITERAL),
                                new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW))))
                .toList();
        try (Admin admin = Admin.create(access(ADMIN).client())) {
            admin.createAcls(bindings).all().get();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> admin.describeAcls(AclBindingFilter.ANY)
                            .values()
                            .get()
                            .containsAll(bindings));
        }
    }

    /** As a broker that makes topics by itself would. */
    void makeTopicWithTheBrokersSettings(String topic) throws Exception {
        try (Admin admin = Admin.create(access(ADMIN).client())) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    /** The way of a user who does everything right. */
    KafkaAccess access(String user) throws Exception {
        return access(file(user, password(user), "ca.pem"));
    }

    KafkaAccess withWrongPassword(String user) throws Exception {
        return access(file(user, "wrong", "ca.pem"));
    }

    /** A user who does not trust the broker's CA but another one. */
    KafkaAccess withOtherCa(String user) throws Exception {
        return access(file(user, password(user), "other.pem"));
    }

    KafkaAccess withAbsentCa(String user) throws Exception {
        return access(file(user, password(user), "absent.pem"));
    }

    private KafkaAccess access(Path file) throws Exception {
        return new KafkaAccess(bootstrap(), KafkaConfigFile.read(file).properties());
    }

    /** A file as an operator would write it, with the password in another one. */
    Path file(String user, String password, String ca) throws Exception {
        Path secret = Files.writeString(dir.resolve(user + "-" + ca + ".secret"), "password=" + password + "\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        return Files.writeString(dir.resolve(user + "-" + ca + ".properties"), """
                security.protocol=SASL_SSL
                ssl.truststore.type=PEM
                ssl.truststore.location=%s
                sasl.mechanism=SCRAM-SHA-512
                sasl.jaas.config=%s
                """.formatted(
                        dir.resolve("keys").resolve(ca), jaas(user, "${file:" + secret + ":password}")));
    }

    private static String jaas(String user, String password) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                + password + "\";";
    }

    private static List<String> withAdmin(String... users) {
        List<String> all = new ArrayList<>(List.of(users));
        all.add(ADMIN);
        return all;
    }

    private static void keytool(Path store, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", STORE_PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new AssertionError(command + ": " + said);
        }
    }

    @Override
    public void close() {
        broker.close();
    }
}
