package io.aliquot.cli.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aliquot.cli.Alone;
import io.aliquot.cli.Cli;
import io.aliquot.cli.broker.EmbeddedBroker;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with two simulated GPUs and labels, tenants whose names are paths, and their real programs. The test is the controller. */
@Alone
class TwoGpusIT {
    private static final String NODE = "two";
    private static final String A = "org/team-a";
    private static final String B = "org/team-b";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path dir;

    private static Path natives;
    private static EmbeddedBroker broker;
    private static AgentBus bus;
    private static Cli cli;
    private static List<String> gpus;

    private final List<Program> programs = new ArrayList<>();

    /** A tenant's program and the file of its lines. */
    private record Program(Process process, Path out) {
        /** Its last whole line; empty before the first. */
        JsonNode last() {
            try {
                String text = Files.readString(out);
                int end = text.lastIndexOf('\n');
                return JSON.readTree(end < 0 ? "{}" : text.substring(text.lastIndexOf('\n', end - 1) + 1, end));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        Program awaitWork() {
            await().atMost(PATIENCE).until(() -> last().path("gpuNs").asLong() > 0);
            return this;
        }
    }

    @BeforeAll
    static void startNode() throws Exception {
        natives = Path.of(System.getProperty("aliquot.native", "absent")).toAbsolutePath();
        assumeTrue(Files.exists(natives.resolve("aliquot-run")), natives + " has no aliquot-run");
        broker = EmbeddedBroker.start(dir.resolve("kafka"), 0);
        bus = new AgentBus(broker.bootstrapServers());
        cli = new Cli(dir);
        List<String> agent = new ArrayList<>(List.of("agent", "--kafka", broker.bootstrapServers(), "--node", NODE));
        agent.addAll(List.of("--gpu", "sim", "--sim-gpus", "2", "--label", "zone=a", "--label", "rack=7 B"));
        agent.addAll(List.of("--state", dir.resolve("state").toString(), "--run-dir", runDir(), "--http-port", "0"));
        cli.start(agent.toArray(String[]::new)).awaitOut("simulated GPUs: 2");
        gpus = bus.telemetry(NODE, 1, t -> true).getFirst().getGpusList().stream()
                .map(GpuSample::getUuid)
                .toList();
        bus.decide(NODE, gpus, 1, Map.of(A, 1, B, 1));
        assertThat(bus.telemetry(NODE, 1, Telemetry::hasApplied)).isNotEmpty();
    }

    @AfterEach
    void endPrograms() throws InterruptedException {
        for (Program program : programs) {
            program.process().destroyForcibly().waitFor();
        }
    }

    @AfterAll
    static void stopNode() throws InterruptedException {
        if (cli != null) {
            cli.close();
        }
        if (bus != null) {
            bus.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void tellsOfItsLabelsAndOfBothGpus() throws Exception {
        Telemetry last = bus.telemetry(NODE, 1, Telemetry::hasApplied).getFirst();

        assertThat(last.getLabelsMap()).isEqualTo(Map.of("zone", "a", "rack", "7 B"));
        assertThat(gpus).hasSize(2).doesNotHaveDuplicates();
        assertThat(dir.resolve("run/run.env")).content().contains("ALIQUOT_SIM_GPUS=2\n");
        for (GpuSample gpu : last.getGpusList()) {
            assertThat(gpu.getTenantsList()).extracting(TenantSample::getTenant).containsExactlyInAnyOrder(A, B);
            assertThat(gpu.getTenantsList()).allMatch(t -> t.getGuaranteedPermille() == AgentBus.GUARANTEED_PERMILLE);
        }
    }

    @Test
    void aGangHasTimeOnBothGpusAndIsHeldUpByItsNeighbourOnOne() throws Exception {
        Program gang = program(A, "--gang", "--kernel", "1ms").awaitWork();
        Program neighbour = program(B, "--gpu", "1", "--kernel", "200us").awaitWork();
        long fromMs = System.currentTimeMillis();

        List<Telemetry> telemetry = telemetryOver(fromMs, Duration.ofSeconds(4));

        long onFirst = gpuNs(telemetry, 0, A);
        long onSecond = gpuNs(telemetry, 1, A);
        long neighbours = gpuNs(telemetry, 1, B);
        System.out.println("gang " + onFirst + " and " + onSecond + " ns, neighbour " + neighbours + " ns");
        assertThat(onSecond).isBetween(onFirst / 2, onFirst * 2); // in lockstep
        assertThat(neighbours).isGreaterThan(onSecond / 2);
        assertThat(gpuNs(telemetry, 0, B)).isZero();
        JsonNode own = gang.last().path("gpus");
        assertThat(own).hasSize(2);
        assertThat(own.path(1).path("stepNs").asLong())
                .isGreaterThan(own.path(0).path("stepNs").asLong());
        assertThat(neighbour.process().isAlive()).isTrue();
    }

    @Test
    void usedTimeIsHonestWithTwoProcessesOfATenantAndOneKilledHalfWay() throws Exception {
        long fromMs = System.currentTimeMillis();
        Program victim = program(A, "--kernel", "20ms").awaitWork();
        Program survivor = program(A, "--kernel", "200us").awaitWork();
        Program other = program(B, "--kernel", "200us").awaitWork();
        Thread.sleep(2000);
        victim.process().destroyForcibly().waitFor();
        Thread.sleep(1000);

        List<Telemetry> telemetry = telemetryOver(fromMs, Duration.ZERO);

        long measured = victim.last().path("gpuNs").asLong()
                + survivor.last().path("gpuNs").asLong();
        long metered = gpuNs(telemetry, 0, A);
        System.out.println("tenant of two measured " + measured + " ns, metered " + metered + " ns");
        assertThat(metered).isBetween(measured * 6 / 10, measured * 15 / 10);
        assertThat(gpuNs(telemetry, 0, B))
                .isBetween(1L, 15 * other.last().path("gpuNs").asLong() / 10);
        for (Telemetry record : telemetry) {
            for (GpuSample gpu : record.getGpusList()) {
                assertThat(gpu.getTenantsList().stream()
                                .mapToLong(TenantSample::getGpuNs)
                                .sum())
                        .isLessThanOrEqualTo(record.getIntervalUs() * 1000);
                assertThat(gpu.getTenantsList()).allMatch(t -> t.getAnomalies() == 0);
            }
        }
        assertThat(last(telemetry, A).getProcesses()).isOne();
    }

    /** What the node said of the time from a moment until so long after now, and a moment more for what a kernel carries over. */
    private static List<Telemetry> telemetryOver(long fromMs, Duration more) throws Exception {
        Thread.sleep(more);
        long untilMs = System.currentTimeMillis() + 300;
        return bus.telemetryUntil(NODE, t -> t.getSampledAtUnixMs() > untilMs).stream()
                .filter(t -> t.getSampledAtUnixMs() > fromMs)
                .toList();
    }

    private static long gpuNs(List<Telemetry> telemetry, int gpu, String tenant) {
        return telemetry.stream()
                .flatMap(t -> t.getGpus(gpu).getTenantsList().stream())
                .filter(t -> t.getTenant().equals(tenant))
                .mapToLong(TenantSample::getGpuNs)
                .sum();
    }

    private static TenantSample last(List<Telemetry> telemetry, String tenant) {
        return telemetry.getLast().getGpus(0).getTenantsList().stream()
                .filter(t -> t.getTenant().equals(tenant))
                .findFirst()
                .orElseThrow();
    }

    private Program program(String tenant, String... options) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(natives.resolve("aliquot-run").toString()));
        command.addAll(List.of("--run-dir", runDir(), "--tenant", tenant, "--"));
        command.addAll(List.of(natives.resolve("aliquot-tenant").toString(), "--interval", "100ms"));
        command.addAll(List.of("--iterations-per-ns", "1"));
        command.addAll(List.of(options));
        Path out = Files.createTempFile(dir, "program", ".json");
        Program started = new Program(
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(dir.resolve("err").toFile())
                        .start(),
                out);
        programs.add(started);
        return started;
    }

    private static String runDir() {
        return dir.resolve("run").toString();
    }
}
