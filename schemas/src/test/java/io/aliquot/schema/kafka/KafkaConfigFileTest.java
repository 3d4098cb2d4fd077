package io.aliquot.schema.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaConfigFileTest {
    private static final String SECRET = "s3cret-of-gpu-17";

    @TempDir
    Path folder;

    @Test
    void takesWhatTlsAndALoginNeed() throws Exception {
        KafkaConfigFile read = KafkaConfigFile.read(file("client.properties", """
                security.protocol=SASL_SSL
                sasl.mechanism=SCRAM-SHA-512
                sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="a" password="b";
                ssl.truststore.location=/etc/ca.pem
                ssl.truststore.type=PEM
                ssl.keystore.location=/etc/node.p12
                ssl.keystore.password=x
                ssl.key.password=x
                """));

        assertThat(read.properties()).hasSize(8).containsEntry("security.protocol", "SASL_SSL");
        assertThat(read.warnings()).isEmpty();
    }

    @Test
    void readsSecretsFromOtherFiles() throws Exception {
        Path secrets = file("secrets.properties", "password=" + SECRET);
        Path plain = file("plain", SECRET + "\n");

        KafkaConfigFile read = KafkaConfigFile.read(file(
                "client.properties",
                "sasl.jaas.config=M required password=\"${file:" + secrets + ":password}\";\n"
                        + "ssl.key.password=${dir:" + folder + ":" + plain.getFileName() + "}\n"));

        assertThat(read.properties())
                .containsEntry("sasl.jaas.config", "M required password=\"" + SECRET + "\";")
                .containsEntry("ssl.key.password", SECRET);
    }

    @Test
    void namesAReferenceThatLeadsNowhere() throws Exception {
        Path secrets = file("secrets.properties", "passwort=" + SECRET);

        refused(
                "ssl.key.password=${file:" + secrets + ":password}",
                "'ssl.key.password'",
                "'password'",
                "not in " + secrets);
        refused("ssl.key.password=${file:/nowhere/s:password}", "/nowhere/s", "is not there");
        refused("ssl.key.password=${dir:/nowhere:password}", "/nowhere/password", "is not there");
        refused("ssl.key.password=${env:HOME}", "'env'", "${file:PATH:KEY} or ${dir:FOLDER:NAME}");
    }

    @Test
    void leavesToTheDesignWhatIsItsOwn() throws Exception {
        for (String key : new String[] {
            "acks", "enable.idempotence", "isolation.level", "enable.auto.commit", "key.serializer", "transactional.id",
            "group.id", "client.id", "request.timeout.ms", "auto.offset.reset", "max.block.ms", "interceptor.classes"
        }) {
            refused(key + "=" + SECRET, "client.properties: '" + key + "' is Aliquot's to set", "take it out");
        }
        refused("bootstrap.servers=h:1", "--kafka", "take it out");
        refused("config.providers=file", "'config.providers' is not needed");
    }

    @Test
    void namesTheNearestOfAKeyThatIsNone() throws Exception {
        refused(
                "sasl.jass.config=" + SECRET,
                "'sasl.jass.config' is no client property",
                "did you mean sasl.jaas.config?");
        refused("security.protocoll=SSL", "did you mean security.protocol?");
        refused("listeners=SSL://:9093", "'listeners'", "security.protocol, sasl.* and ssl.*");
    }

    @Test
    void warnsOfEveryFileWhoseSecretOthersCanRead() throws Exception {
        Path secrets = file("secrets.properties", "password=" + SECRET);
        open(secrets);
        Path refers = file("refers.properties", "ssl.key.password=${file:" + secrets + ":password}");
        open(refers); // it holds no secret itself
        Path holds = file("holds.properties", "ssl.key.password=" + SECRET);
        open(holds);
        Path none = file("none.properties", "security.protocol=SSL");
        open(none);

        assertThat(KafkaConfigFile.read(refers).warnings())
                .containsExactly(
                        secrets + " holds a secret that every user of this machine can read; chmod o-r " + secrets);
        assertThat(KafkaConfigFile.read(holds).warnings())
                .singleElement()
                .asString()
                .contains("chmod o-r " + holds);
        assertThat(KafkaConfigFile.read(none).warnings()).isEmpty();
    }

    @Test
    void tellsKeysAndNoValues() throws Exception {
        KafkaConfigFile read = KafkaConfigFile.read(file("client.properties", "ssl.key.password=" + SECRET));
        KafkaAccess access = new KafkaAccess("h:1", read.properties());

        assertThat(read.toString() + access).contains("ssl.key.password").doesNotContain(SECRET);
        assertThat(access.client()).containsEntry("ssl.key.password", SECRET).containsEntry("bootstrap.servers", "h:1");
    }

    /** Kafka logs the settings of each client, but for those that it takes for passwords. */
    @Test
    void allowsNoSecretThatKafkaWouldLog() {
        assertThat(ClientKeys.ALLOWED)
                .contains("sasl.jaas.config", "ssl.keystore.key", "ssl.truststore.password")
                .filteredOn(key -> key.matches(".*(password|secret|jaas\\.config|keystore\\.key)$"))
                .allMatch(ClientKeys::isSecret);
    }

    @Test
    void anAccessTakesNoOtherKeysEither() {
        assertThatThrownBy(() -> new KafkaAccess("h:1", java.util.Map.of("acks", "0")))
                .hasMessageContaining("'acks'");
    }

    private void refused(String text, String... said) throws Exception {
        Path file = file("client.properties", text);
        KafkaConfigException refusal =
                catchThrowableOfType(KafkaConfigException.class, () -> KafkaConfigFile.read(file));
        assertThat(refusal).as(text).isNotNull();
        assertThat(refusal.problem() + "; " + refusal.fix()).contains(said).doesNotContain(SECRET);
    }

    private Path file(String name, String text) throws Exception {
        Path file = Files.writeString(folder.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static void open(Path file) throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
}
