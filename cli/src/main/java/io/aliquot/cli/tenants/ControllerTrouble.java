package io.aliquot.cli.tenants;

import io.aliquot.cli.base.CommandException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import javax.net.ssl.SSLException;

/** What keeps a command from a controller, in words that say what to do. Pure. */
final class ControllerTrouble {
    private ControllerTrouble() {}

    static CommandException of(String url, IOException e) {
        if (e instanceof SSLException) {
            return tls(url, String.valueOf(e.getMessage()), e);
        }
        if (isUnreached(e)) {
            return CommandException.unavailable(
                    "no controller answers at " + url,
                    "start one with `aliquot up`, or name another with --controller URL",
                    e);
        }
        if (e instanceof HttpTimeoutException) {
            return CommandException.unavailable(
                    url + " took the request and did not answer", "see whether it took effect, and its log", e);
        }
        return CommandException.unavailable(
                url + " closed the connection without an answer",
                "use " + (url.startsWith("http:") ? "https:" + url.substring("http:".length()) : url)
                        + " if it has TLS; else see its log",
                e);
    }

    /** Whether nothing was sent. */
    static boolean isUnreached(IOException e) {
        return e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
    }

    private static CommandException tls(String url, String message, IOException e) {
        String problem = "no TLS with " + url + ": ";
        if (message.contains("Unsupported or unrecognized SSL message")) {
            return CommandException.unavailable(
                    problem + "it does not speak TLS", "use http" + url.substring("https".length()), e);
        }
        if (message.contains("subject alternative") || message.contains("No name matching")) {
            return CommandException.unavailable(
                    problem + message, "name the controller as its certificate does, or give it one with this name", e);
        }
        return CommandException.unavailable(
                problem + message, "name the CA of its certificate with " + ControllerAccess.CA_OPTION + " FILE", e);
    }
}
