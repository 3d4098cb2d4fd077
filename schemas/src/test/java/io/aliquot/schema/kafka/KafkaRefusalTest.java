package io.aliquot.schema.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.NoSuchFileException;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class KafkaRefusalTest {
    private static final KafkaAccess KAFKA = KafkaAccess.open("k:9093");

    @Test
    void tellsALoginFromAMissingAcl() {
        assertThat(of(new ExecutionException(new SaslAuthenticationException("bad credentials"))))
                .startsWith("broker k:9093 refused the login: bad credentials; check");
        assertThat(of(new TopicAuthorizationException(Set.of("t"))))
                .startsWith("broker k:9093 refused this user: ")
                .endsWith("`aliquot acls --node a` prints");
    }

    @Test
    void namesAFileThatIsNotThere() {
        assertThat(of(new KafkaException("Failed to construct kafka producer", new NoSuchFileException("/ca.pem"))))
                .startsWith("no client can be made for broker k:9093: file /ca.pem is not there");
    }

    @Test
    void takesWhatPassesForNoRefusal() {
        assertThat(of(new TimeoutException("no answer"))).isEmpty();
        assertThat(of(new KafkaException(
                        "Failed to construct kafka consumer",
                        new ConfigException("No resolvable bootstrap urls given in bootstrap.servers"))))
                .isEmpty();
    }

    private static String of(Throwable failure) {
        return KafkaRefusal.of(failure, KAFKA, "--node a")
                .map(refusal -> refusal.problem() + "; " + refusal.fix())
                .orElse("");
    }
}
