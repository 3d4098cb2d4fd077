package io.aliquot.cli.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A part of Aliquot as a process of its own, with the flags that the launcher gives it. One thread. */
final class BusProcess implements AutoCloseable {
    private static final double TICKS_PER_SECOND = 100; // of /proc/PID/stat
    private static final Pattern HEAP = Pattern.compile("total \\d+K, used (\\d+)K");
    private static final long START_MS = 60_000;

    private final Process process;
    private final Path out;

    private BusProcess(Process process, Path out) {
        this.process = process;
        this.out = out;
    }

    /** Starts it, and returns when it says that it is ready. */
    static BusProcess start(String name, Path dir, List<String> flags, String... command) throws Exception {
        List<String> line = new ArrayList<>(List.of(java()));
        line.addAll(flags);
        line.addAll(List.of("-XX:+UseSerialGC", "-Xss512k", "-XX:+UseCompactObjectHeaders"));
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.aliquot.cli.Main"));
        line.addAll(List.of(command));
        Path out = dir.resolve(name + ".out");
        Process process = new ProcessBuilder(line)
                .redirectOutput(out.toFile())
                .redirectError(dir.resolve(name + ".err").toFile())
                .start();
        BusProcess started = new BusProcess(process, out);
        started.ready();
        return started;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** What it said when it was ready, such as its address. */
    String ready() throws Exception {
        long endNs = System.nanoTime() + START_MS * 1_000_000;
        while (System.nanoTime() < endNs && process.isAlive()) {
            Matcher said = Pattern.compile("ready: (\\S+?),?\\s").matcher(Files.readString(out));
            if (said.find()) {
                return said.group(1);
            }
            Thread.sleep(50);
        }
        process.destroyForcibly();
        throw new IOException(out + " never said that it is ready; see the .err beside it");
    }

    /** Seconds of processor time since its start. */
    double cpuSeconds() throws IOException {
        return cpuSeconds(process.pid());
    }

    static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /** Resident memory, MB. */
    long residentMb() throws IOException {
        Matcher line = Pattern.compile("VmRSS:\\s+(\\d+) kB")
                .matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
        return line.find() ? Long.parseLong(line.group(1)) / 1024 : 0;
    }

    /** Of the heap in use at the moment, garbage included, MB. */
    long heapMb() throws Exception {
        String info = jcmd("GC.heap_info");
        long kb = 0;
        for (Matcher used = HEAP.matcher(info); used.find(); ) {
            kb += Long.parseLong(used.group(1));
        }
        return kb / 1024;
    }

    /** What is left of the heap after a full collection, MB. */
    long liveMb() throws Exception {
        jcmd("GC.run");
        return heapMb();
    }

    private String jcmd(String command) throws Exception {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process asked = new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), command)
                .redirectErrorStream(true)
                .start();
        String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        asked.waitFor();
        return answer;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
