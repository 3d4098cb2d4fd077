package io.aliquot.cli.tenants;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.aliquot.cli.base.CommandException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The line to a controller; of several, to the active one. The token goes to no address but those that were given, for no redirect
 * is followed. One thread.
 */
final class ControllerLine {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** For a look whether a controller is active. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    /** Another controller takes over within three seconds. */
    private static final Duration FAILOVER = Duration.ofSeconds(5);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
    private static final String HEALTH = "/healthz";

    /** Fractions stay as exact as they came. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final ControllerAccess access;
    private final HttpClient http;
    private final boolean several;

    /** The one that is asked; null until the active one of several was looked for. */
    private @Nullable String chosen;

    ControllerLine(ControllerAccess access) {
        this.access = access;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(PATIENCE);
        access.trust().ifPresent(builder::sslContext);
        this.http = builder.build();
        this.several = access.urls().size() > 1;
        this.chosen = several ? null : access.urls().getFirst();
    }

    /**
     * An answer.
     *
     * @param body its JSON; missing when it is none
     */
    record Answer(String url, int status, JsonNode body) {
        /** Whether another controller is the active one, and nothing was done. */
        boolean isOfStandby() {
            String role = body.path("role").asText();
            return status == 503 && (role.equals("standby") || role.equals("taking over"));
        }

        private boolean isOfActive() {
            return body.path("role").asText().equals("active");
        }
    }

    /**
     * Sends a request. Where the active one of several turns out to be another by now, it is looked for once more; what may have
     * been taken is never sent again.
     *
     * @throws CommandException when there is no answer
     */
    Answer send(String method, String path, BodyPublisher body) {
        String url = chosen == null ? active() : chosen;
        chosen = url;
        try {
            Answer answer = exchange(url, method, path, body, PATIENCE);
            if (!several || !answer.isOfStandby()) {
                return answer;
            }
        } catch (IOException e) {
            if (!several || !ControllerTrouble.isUnreached(e)) {
                throw ControllerTrouble.of(url, e);
            }
        }
        String other = active();
        chosen = other;
        try {
            return exchange(other, method, path, body, PATIENCE);
        } catch (IOException e) {
            throw ControllerTrouble.of(other, e);
        }
    }

    /**
     * Asks each for its role, without the token. While none is active it waits for as long as a failover takes; then it is the
     * first that answers.
     */
    private String active() {
        long giveUpNs = System.nanoTime() + FAILOVER.toNanos();
        while (true) {
            List<String> alive = new ArrayList<>();
            List<CommandException> troubles = new ArrayList<>();
            for (String url : access.urls()) {
                try {
                    if (exchange(url, "GET", HEALTH, BodyPublishers.noBody(), LOOK)
                            .isOfActive()) {
                        return url;
                    }
                    alive.add(url);
                } catch (IOException e) {
                    troubles.add(ControllerTrouble.of(url, e));
                }
            }
            if (alive.isEmpty()) {
                throw troubles.getFirst();
            }
            if (System.nanoTime() > giveUpNs) {
                return alive.getFirst();
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
    }

    private Answer exchange(String url, String method, String path, BodyPublisher body, Duration patience)
            throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path)).timeout(patience).method(method, body);
        if (!path.equals(HEALTH)) {
            access.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        }
        try {
            var response = http.send(request.build(), BodyHandlers.ofString());
            return new Answer(url, response.statusCode(), parse(response.body()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandException.unavailable("interrupted while waiting for " + url, "", e);
        }
    }

    private static JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
