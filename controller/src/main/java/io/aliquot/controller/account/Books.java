package io.aliquot.controller.account;

import io.aliquot.controller.account.Outcome.Entered;
import io.aliquot.controller.account.Outcome.Refused;
import io.aliquot.controller.state.NodeReport;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The entries of all GPUs by the hour. The same records in the same order make the same entries, in whatever portions they are
 * settled. No record, however wrong, unbalances an entry or makes it longer than its hour. One thread owns it.
 */
public final class Books {
    /** The longest interval that is believed, microseconds: ten minutes. */
    public static final long LONGEST_MICROS = 600_000_000;

    /** How far a node's clock is believed when the broker's says otherwise: a minute. */
    public static final long CLOCK_MICROS = 60_000_000;

    /**
     * How far a node's accounted time, which runs by intervals, and its clock may be apart before the clock is believed: five
     * seconds. It is more than a pause of the agent, and less than what would matter in an hour.
     */
    public static final long JITTER_MICROS = 5_000_000;

    /** A node that was silent for longer than a day was away: the time is not counted as unobserved. */
    public static final long AWAY_MICROS = 24 * GpuHour.MICROS;

    private static final long FIRST_MS = 3_600_000;

    /** 2100-01-01. */
    private static final long LAST_MS = 4_102_444_800_000L;

    private static final long MS = 1000;
    private static final int LONGEST_NAME = 255;

    private final NavigableMap<GpuHour, GpuTime> settled = new TreeMap<>();
    private final Map<String, NodeMark> marks = new HashMap<>();
    private final NavigableMap<GpuHour, Tally> open = new TreeMap<>();
    private final Map<String, NodeMark> moved = new HashMap<>();
    private long newestMicros;

    /** Begins with nothing. */
    public Books() {}

    /** Begins with what was settled before. */
    public Books(Map<GpuHour, GpuTime> entries, Map<String, NodeMark> marks) {
        settled.putAll(entries);
        this.marks.putAll(marks);
        marks.values().forEach(mark -> newestMicros = Math.max(newestMicros, mark.saidMicros()));
    }

    /**
     * Enters a record.
     *
     * @param appendedAtUnixMs when the broker stored it, by the broker's clock
     */
    public Outcome enter(NodeReport report, long appendedAtUnixMs) {
        if (report.intervalUs() > LONGEST_MICROS) {
            return Refused.TOO_LONG;
        }
        if (appendedAtUnixMs < FIRST_MS || appendedAtUnixMs > LAST_MS || !namesFit(report)) {
            return Refused.OUT_OF_RANGE;
        }
        long appended = appendedAtUnixMs * MS;
        long said = Math.clamp(
                Math.clamp(report.sampledAtUnixMs(), 0, LAST_MS) * MS,
                appended - CLOCK_MICROS,
                appended + CLOCK_MICROS);
        NodeMark mark = mark(report.node(), said);
        if (mark != null && !isNext(report, mark) && said <= mark.saidMicros()) {
            return Refused.REPEATED;
        }
        long begin = begin(report, said, mark);
        long end = begin + report.intervalUs();
        boolean believed = end <= said + JITTER_MICROS;
        moved.put(
                report.node(),
                new NodeMark(report.sequence(), said, believed || mark == null ? end : mark.endMicros()));
        newestMicros = Math.max(newestMicros, said);
        if (!believed) {
            return Refused.AHEAD_OF_TIME;
        }
        for (NodeReport.Gpu gpu : report.gpus()) {
            if (mark != null) {
                unobserved(report.node(), gpu.uuid(), mark.endMicros(), begin);
            }
            watched(report.node(), gpu, begin, end);
        }
        return new Entered(lost(report, said, mark), said != report.sampledAtUnixMs() * MS);
    }

    /** Entries that are not settled yet, whole: each replaces the settled one. */
    public Map<GpuHour, GpuTime> changedEntries() {
        Map<GpuHour, GpuTime> changed = new TreeMap<>();
        open.forEach((key, tally) -> changed.put(key, tally.time()));
        return changed;
    }

    /** Marks that are not settled yet. */
    public Map<String, NodeMark> changedMarks() {
        return Collections.unmodifiableMap(moved);
    }

    /**
     * Takes what changed as settled, and forgets nodes that were away.
     *
     * @param keptHours entries that are older than so many hours before the newest record go
     */
    public void settle(int keptHours) {
        settled.putAll(changedEntries());
        open.clear();
        marks.putAll(moved);
        moved.clear();
        marks.values().removeIf(mark -> newestMicros - mark.saidMicros() > AWAY_MICROS);
        settled.headMap(GpuHour.first(newestMicros / GpuHour.MICROS - keptHours))
                .clear();
    }

    /** Settled entries, a view. */
    public NavigableMap<GpuHour, GpuTime> settled() {
        return Collections.unmodifiableNavigableMap(settled);
    }

    /** The newest time of a record that was entered, by its node's clock as far as it is believed; 0 before the first. */
    public long newestUnixMs() {
        return newestMicros / MS;
    }

    private static boolean namesFit(NodeReport report) {
        return report.gpus().stream()
                .allMatch(gpu -> gpu.uuid().length() <= LONGEST_NAME
                        && gpu.tenants().stream()
                                .allMatch(tenant -> tenant.tenant().length() <= LONGEST_NAME));
    }

    private @Nullable NodeMark mark(String node, long said) {
        NodeMark mark = moved.getOrDefault(node, marks.get(node));
        return mark == null || said - mark.saidMicros() > AWAY_MICROS ? null : mark;
    }

    private static boolean isNext(NodeReport report, NodeMark mark) {
        return report.sequence() == mark.sequence() + 1;
    }

    /** Where the interval begins: never within time that is accounted for. */
    private static long begin(NodeReport report, long said, @Nullable NodeMark mark) {
        long begin = said - report.intervalUs();
        if (mark == null) {
            return begin;
        }
        boolean follows = isNext(report, mark) && begin - mark.endMicros() <= JITTER_MICROS;
        return follows ? mark.endMicros() : Math.max(mark.endMicros(), begin);
    }

    /** By the sequence; yet at most one for each millisecond. A sequence that went back is another agent's. */
    private static long lost(NodeReport report, long said, @Nullable NodeMark mark) {
        if (mark == null || report.sequence() <= mark.sequence()) {
            return 0;
        }
        long passedMs = Math.max(0, said - mark.saidMicros()) / MS;
        long missing = report.sequence() - mark.sequence() - 1;
        return missing < 0 ? passedMs : Math.min(missing, passedMs);
    }

    private void watched(String node, NodeReport.Gpu gpu, long begin, long end) {
        Interval interval = new Interval(gpu, end - begin);
        long hour = begin / GpuHour.MICROS;
        long next = (hour + 1) * GpuHour.MICROS;
        if (end <= next) {
            add(new GpuHour(hour, node, gpu.uuid()), interval.all());
        } else {
            add(new GpuHour(hour, node, gpu.uuid()), interval.first(next - begin));
            add(new GpuHour(hour + 1, node, gpu.uuid()), interval.rest(next - begin));
        }
    }

    private void unobserved(String node, String gpu, long from, long to) {
        for (long at = from; at < to; ) {
            long hour = at / GpuHour.MICROS;
            long until = Math.min(to, (hour + 1) * GpuHour.MICROS);
            add(new GpuHour(hour, node, gpu), GpuTime.unobserved((until - at) * MS));
            at = until;
        }
    }

    private void add(GpuHour key, GpuTime time) {
        open.computeIfAbsent(key, k -> new Tally(settled.getOrDefault(k, GpuTime.NONE)))
                .add(time);
    }
}
