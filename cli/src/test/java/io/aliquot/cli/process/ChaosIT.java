package io.aliquot.cli.process;

import io.aliquot.cli.Alone;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A short part of {@code bench/chaos.sh}: the active controller is killed, and a broker. All of it: docs/results/chaos.md. */
@Alone
class ChaosIT {
    @Test
    void nothingIsLostAndSharesComeBackWhenAControllerAndABrokerAreKilled() throws Exception {
        try (Site site = new Site(Network.loopback())) {
            try {
                site.start(1);
                try (Chaos chaos = new Chaos(site)) {
                    List<Long> failoverMs = chaos.failovers(1);
                    Site.Part broker = chaos.leaseLeader();
                    broker.proc().sigkill();
                    site.startBroker(broker);
                    chaos.settle();
                    chaos.judge(true);
                    System.out.println("failovers: " + failoverMs + " ms");
                }
            } catch (Exception | AssertionError e) {
                e.addSuppressed(new Throwable(site.toString()));
                throw e;
            }
        }
    }
}
