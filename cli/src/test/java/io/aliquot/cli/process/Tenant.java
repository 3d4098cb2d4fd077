package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.regex.Pattern;

/** A tenant's program at work, judged by what it measures itself. One thread. */
final class Tenant {
    private static final int SPANS = 4;
    private static final Pattern LINE = Pattern.compile("\"tMonoNs\":(\\d+).*\"gpuNs\":(\\d+).*\\}\\n");

    private final String name;
    private final Proc proc;

    Tenant(String name, Proc proc) {
        this.name = name;
        this.proc = proc;
    }

    /** A line of its output. */
    private record Line(long atNs, long gpuNs) {}

    String name() {
        return name;
    }

    Proc proc() {
        return proc;
    }

    /** GPU time since its start. */
    long gpuNs() {
        List<Line> lines = lines();
        return lines.isEmpty() ? 0 : lines.getLast().gpuNs();
    }

    void awaitAtWork() {
        awaitProgress(gpuNs());
    }

    /** Waits until it has got more GPU time than this. */
    void awaitProgress(long gpuNs) {
        await(name + " gets GPU time").atMost(Proc.PATIENCE).until(() -> gpuNs() > gpuNs);
    }

    void pause() {
        proc.say("pause");
        await(name + " pauses").atMost(Proc.PATIENCE).until(() -> lastLine().contains("\"state\":\"idle\""));
    }

    void resume() {
        long before = gpuNs();
        proc.say("resume");
        awaitProgress(before);
    }

    /** Permille of wall time over what follows: returns when its lines cover this much. */
    double permilleOver(Duration span) {
        return permilles(span, this).getFirst();
    }

    /** The same of several at once, in their order. */
    static List<Double> permilles(Duration span, Tenant... tenants) {
        List<Line> from = List.of(tenants).stream()
                .map(tenant -> tenant.lines().getLast())
                .toList();
        long spanNs = span.toNanos();
        await("lines over " + span).atMost(span.plus(Proc.PATIENCE)).until(() -> {
            for (int i = 0; i < tenants.length; i++) {
                if (tenants[i].lines().getLast().atNs() - from.get(i).atNs() < spanNs) {
                    return false;
                }
            }
            return true;
        });
        return List.of(tenants).stream()
                .map(tenant -> permille(
                        from.get(List.of(tenants).indexOf(tenant)),
                        tenant.lines().getLast()))
                .toList();
    }

    /** What this one has of what both have, in permille, over what follows. */
    static double partOf(Duration span, Tenant one, Tenant other) {
        List<Double> both = permilles(span, one, other);
        return 1000 * both.getFirst() / (both.getFirst() + both.getLast());
    }

    /**
     * What it got in each span since its start, in permille of wall time, span after span without overlap.
     *
     * @param fromNs on the monotonic clock: spans before it are left out
     */
    List<Double> spans(Duration span, long fromNs) {
        List<Double> permilles = new ArrayList<>();
        Line begin = null;
        for (Line line : lines()) {
            if (line.atNs() < fromNs) {
                continue;
            }
            if (begin == null) {
                begin = line;
            } else if (line.atNs() - begin.atNs() >= span.toNanos()) {
                permilles.add(permille(begin, line));
                begin = line;
            }
        }
        return permilles;
    }

    /** A busy machine may spoil a span or two, but not each. Where no span may be above a limit, that is asserted at once. */
    static void expect(String what, double least, double most, DoubleSupplier permille) {
        List<Double> measured = new ArrayList<>();
        do {
            measured.add(permille.getAsDouble());
        } while (!(least <= measured.getLast() && measured.getLast() <= most) && measured.size() < SPANS);
        System.out.println(what + ": " + measured + " permille, to be " + least + " to " + most);
        assertThat(measured.getLast()).as(what + ": " + measured).isBetween(least, most);
    }

    private static double permille(Line from, Line to) {
        return 1000.0 * (to.gpuNs() - from.gpuNs()) / (to.atNs() - from.atNs());
    }

    private List<Line> lines() {
        return LINE.matcher(proc.out())
                .results()
                .map(line -> new Line(Long.parseLong(line.group(1)), Long.parseLong(line.group(2))))
                .toList();
    }

    private String lastLine() {
        return proc.out().lines().reduce("", (earlier, later) -> later);
    }
}
