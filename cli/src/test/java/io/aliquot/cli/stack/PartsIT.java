package io.aliquot.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.aliquot.cli.Cli;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartsIT {
    @TempDir
    Path dir;

    private Cli cli;

    @BeforeEach
    void prepare() {
        cli = new Cli(dir);
    }

    @AfterEach
    void end() throws Exception {
        cli.close();
    }

    @Test
    void runAsProcessesOfTheirOwn() throws Exception {
        Cli.Running broker =
                cli.start("broker", "--state", dir.toString(), "--port", "0").awaitOut("broker ready");
        String kafka = found("broker ready: (\\S+)", broker.out());
        Cli.Running controller =
                cli.start("controller", "--kafka", kafka, "--http-port", "0").awaitOut("ready");
        Cli.Running agent = cli.start(agent("--kafka", kafka)).awaitOut("agent ready");
        String url = found("controller ready: (\\S+)", controller.out());
        assertThat(cli.run("tenants", "set", "a", "--weight", "3", "--controller", url)
                        .exitCode())
                .isZero();
        assertThat(cli.run("tenants", "list", "--controller", url).out()).contains("WEIGHT");
        assertThat(agent.signal("TERM").exitCode()).isZero();
        assertThat(controller.signal("TERM").exitCode()).isZero();
        assertThat(broker.signal("TERM").exitCode()).isZero();
    }

    @Test
    void nameAGpuThatIsNotThere() throws Exception {
        assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "this machine has a GPU");
        Cli.Result demo = cli.run("demo", "--gpu", "real", "--for", "8s");
        assertThat(demo.exitCode()).as(demo.toString()).isEqualTo(4);
        assertThat(lastLine(demo.err())).contains("GPU", "--gpu sim");
    }

    private String[] agent(String... more) {
        return new String[] {
            "agent",
            "--gpu",
            "sim",
            "--node",
            "n1",
            "--http-port",
            "0",
            "--state",
            dir.resolve("state").toString(),
            "--run-dir",
            dir.resolve("run").toString(),
            more[0],
            more[1]
        };
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }

    private static String lastLine(String text) {
        return text.strip().lines().reduce("", (before, line) -> line);
    }
}
