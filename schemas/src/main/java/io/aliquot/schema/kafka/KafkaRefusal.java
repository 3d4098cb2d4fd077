package io.aliquot.schema.kafka;

import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.jspecify.annotations.Nullable;

/**
 * A broker refused, or no client can be made for it: trying again does not help until somebody changes something.
 *
 * @param problem what was refused
 * @param fix what the operator can check, as an instruction
 */
public record KafkaRefusal(String problem, String fix) {
    /**
     * Looks for a refusal among a failure and its causes.
     *
     * @param role whose ACLs `aliquot acls` prints: {@code --controller}, {@code --node}, {@code --reader}
     */
    public static Optional<KafkaRefusal> of(Throwable failure, KafkaAccess kafka, String role) {
        for (@Nullable Throwable one = failure; one != null; one = one.getCause()) {
            if (one instanceof SslAuthenticationException) {
                return Optional.of(new KafkaRefusal(
                        "no TLS with broker " + kafka.bootstrapServers() + ": " + root(one),
                        "check that ssl.truststore.location in --kafka-config holds the CA of the broker's certificate, and"
                                + " that the certificate names the host"));
            }
            if (one instanceof AuthenticationException) {
                return Optional.of(new KafkaRefusal(
                        "broker " + kafka.bootstrapServers() + " refused the login: " + one.getMessage(),
                        "check sasl.mechanism, user and password of sasl.jaas.config in --kafka-config, and that the"
                                + " broker has this user"));
            }
            if (one instanceof AuthorizationException) {
                return Optional.of(new KafkaRefusal(
                        "broker " + kafka.bootstrapServers() + " refused this user: " + one.getMessage(),
                        "give it the ACLs that `aliquot acls " + role + "` prints"));
            }
        }
        return isUnusable(failure)
                ? Optional.of(new KafkaRefusal(
                        "no client can be made for broker " + kafka.bootstrapServers() + ": " + root(failure),
                        "correct it in --kafka-config"))
                : Optional.empty();
    }

    /** A wrong value or a file that can't be read; a host name that can't be resolved may be resolved later. */
    private static boolean isUnusable(Throwable failure) {
        String said = String.valueOf(failure.getMessage());
        boolean building = failure instanceof ConfigException
                || said.startsWith("Failed to construct kafka")
                || said.startsWith("Failed to create new KafkaAdminClient");
        return building && !root(failure).contains("bootstrap");
    }

    private static String root(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root instanceof NoSuchFileException
                ? "file " + root.getMessage() + " is not there"
                : String.valueOf(root.getMessage());
    }
}
