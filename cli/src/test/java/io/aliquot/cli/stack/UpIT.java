package io.aliquot.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.cli.Cli;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpIT {
    @TempDir
    Path dir;

    private Cli cli;
    private String run;

    @BeforeEach
    void prepare() {
        cli = new Cli(dir);
        run = dir.resolve("run").toString();
    }

    @AfterEach
    void end() throws Exception {
        cli.close();
    }

    @Test
    void keepsQuotasAcrossRestartsAndEndsCleanly() throws Exception {
        Cli.Running first = up();
        Cli.Result set = tenants(
                "set",
                "a",
                "--weight",
                "4",
                "--floor",
                "10%",
                "--ceiling",
                "80%",
                "--hard",
                "--class",
                "best-effort",
                "--memory",
                "10GiB");
        assertThat(set.exitCode()).as(set.toString()).isZero();
        assertThat(set.out()).contains("class best-effort", "weight 4", "floor 10%", "ceiling 80% hard", "10 GiB");
        Cli.Result stopped = first.signal("TERM");
        assertThat(stopped.exitCode()).as(stopped.toString()).isZero();
        assertThat(dir.resolve("run/up.json")).doesNotExist();
        assertThat(dir.resolve("run/run.env")).doesNotExist();

        Cli.Running second = up();
        Cli.Result list = tenants("list", "--output", "json");
        assertThat(list.out())
                .contains(
                        "\"tenant\":\"a\"",
                        "\"weight\":4",
                        "\"floorPermille\":100",
                        "\"hardCeiling\":true",
                        "\"serviceClass\":\"best-effort\"",
                        "\"memoryLimitBytes\":10737418240");
        assertThat(tenants("set", "a", "--soft").out()).contains("ceiling 80%,");
        assertThat(second.signal("INT").exitCode()).isZero();
    }

    @Test
    void endsQuietlyByCtrlCWhileItStarts() throws Exception {
        Cli.Running starting = cli.start(upArguments());
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(dir.resolve("state/kafka/broker.lock")));
        Cli.Result stopped = starting.typeCtrlC();
        assertThat(stopped.exitCode()).as(stopped.toString()).isZero();
        assertThat(stopped.out() + stopped.err()).isEmpty();
        assertThat(dir.resolve("run/up.json")).doesNotExist();
        assertThat(dir.resolve("run/run.env")).doesNotExist();

        up();
        assertThat(tenants("set", "a", "--floor", "60%", "--memory", "1GiB").exitCode())
                .isZero();
        assertThat(tenants("get", "a").out()).contains("floor 60%", "ceiling 100%", "1 GiB");
        assertThat(tenants("remove", "a").exitCode()).isZero();
        assertThat(tenants("list").out()).contains("no tenants yet");
    }

    @Test
    void tellsRunHowToUseTheSimulatedGpu() throws Exception {
        up();
        assertThat(dir.resolve("run/run.env"))
                .content()
                .contains("ALIQUOT_SIM=" + dir.resolve("sim"))
                .contains("ALIQUOT_SIM_GPUS=1\n", "LD_LIBRARY_PATH=");
        assertThat(Files.getPosixFilePermissions(dir.resolve("run/run.env")).toString())
                .doesNotContain("GROUP_WRITE")
                .doesNotContain("OTHERS_WRITE");
    }

    @Test
    void namesATakenPort() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertUnavailable(cli.run(upArguments("--kafka-port", port)), port, "--kafka-port");
            assertUnavailable(cli.run(upArguments("--http-port", port)), port);
            assertUnavailable(cli.run(upArguments("--agent-port", port)), port);
        }
        assertThat(up().signal("TERM").exitCode()).isZero();
    }

    @Test
    void refusesASecondOneInTheSameFolders() throws Exception {
        up();
        assertUnavailable(cli.run(upArguments()), dir.resolve("state").toString());
        assertUnavailable(
                cli.run(
                        "up",
                        "--gpu",
                        "sim",
                        "--state",
                        dir + "/other",
                        "--run-dir",
                        run,
                        "--http-port",
                        "0",
                        "--agent-port",
                        "0",
                        "--kafka-port",
                        "0"),
                run);
        assertThat(tenants("list").exitCode()).isZero();
    }

    private Cli.Running up() throws Exception {
        return cli.start(upArguments()).awaitOut("Ctrl-C ends it.");
    }

    private String[] upArguments(String... ports) {
        String[] all = {
            "up",
            "--gpu",
            "sim",
            "--state",
            dir.resolve("state").toString(),
            "--run-dir",
            run,
            "--http-port",
            "0",
            "--agent-port",
            "0",
            "--kafka-port",
            "0"
        };
        for (int i = 0; i + 1 < ports.length; i += 2) {
            for (int j = 0; j < all.length; j++) {
                if (all[j].equals(ports[i])) {
                    all[j + 1] = ports[i + 1];
                }
            }
        }
        return all;
    }

    private Cli.Result tenants(String... arguments) throws Exception {
        String[] all = new String[arguments.length + 3];
        all[0] = "tenants";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = "--run-dir";
        all[arguments.length + 2] = run;
        return cli.run(all);
    }

    private static void assertUnavailable(Cli.Result result, String... words) {
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(4);
        assertThat(result.err()).contains(words).hasLineCount(1);
    }
}
