package io.aliquot.controller.account;

import io.aliquot.controller.state.Scope;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Who used how much in some hours. Immutable.
 *
 * @param rows by what was asked for, in the order of their names
 * @param total of all rows; its used and idle time are the wall time
 * @param wallNs time that telemetry covers, counted by itself and not as a sum of the rows
 */
public record Report(Query query, List<Row> rows, Sums total, BigInteger wallNs, boolean simulated) {
    /**
     * What is asked for: whole hours, hours since 1970 in UTC.
     *
     * @param toHour the first that is not meant any more, above {@code fromHour}
     * @param scope whose time counts. Of some tenants, theirs is the wall time, and nothing is idle or unobserved
     */
    public record Query(long fromHour, long toHour, By by, Scope scope) {
        /** @throws IllegalArgumentException when no hour is meant */
        public Query {
            if (fromHour >= toHour) {
                throw new IllegalArgumentException("hours " + fromHour + " to " + toHour + ": expected at least one");
            }
        }

        /** Of all tenants. */
        public Query(long fromHour, long toHour, By by) {
            this(fromHour, toHour, by, Scope.ALL);
        }

        /** The same of these tenants. */
        public Query within(Scope these) {
            return new Query(fromHour, toHour, by, these);
        }
    }

    /**
     * One line.
     *
     * @param name the tenant, team, or GPU uuid; of an hour, its number since 1970
     * @param node of a GPU; otherwise empty
     * @param simulated whether any of it is of a simulated GPU
     */
    public record Row(String name, String node, Sums sums, boolean simulated) {}

    private record Name(String name, String node) {}

    public Report {
        rows = List.copyOf(rows);
    }

    /** Adds up entries. */
    public static Report of(NavigableMap<GpuHour, GpuTime> entries, Query query) {
        Map<Name, Row> rows = new TreeMap<>(Comparator.comparing(Name::name).thenComparing(Name::node));
        Sums total = Sums.NONE;
        BigInteger wallNs = BigInteger.ZERO;
        boolean simulated = false;
        for (Map.Entry<GpuHour, GpuTime> entry : entries.subMap(
                        GpuHour.first(query.fromHour), GpuHour.first(query.toHour))
                .entrySet()) {
            GpuTime time = entry.getValue().of(query.scope);
            if (!query.scope.all() && time.tenants().isEmpty()) {
                continue;
            }
            Sums ofEntry = Sums.ofIdle(time);
            for (Map.Entry<String, TenantTime> tenant : time.tenants().entrySet()) {
                Sums sums = Sums.of(tenant.getValue());
                ofEntry = ofEntry.plus(sums);
                switch (query.by) {
                    case TENANT -> add(rows, new Name(tenant.getKey(), ""), sums, time.simulated());
                    case TEAM -> add(rows, new Name(By.team(tenant.getKey()), ""), sums, time.simulated());
                    case GPU, HOUR -> {
                        // One row for the whole entry, below.
                    }
                }
            }
            switch (query.by) {
                case GPU ->
                    add(rows, new Name(entry.getKey().gpu(), entry.getKey().node()), ofEntry, time.simulated());
                case HOUR -> add(rows, new Name(Long.toString(entry.getKey().hour()), ""), ofEntry, time.simulated());
                case TENANT, TEAM -> {
                    // Its tenants have rows.
                }
            }
            total = total.plus(ofEntry);
            wallNs = wallNs.add(BigInteger.valueOf(time.wallNs()));
            simulated |= time.simulated();
        }
        return new Report(query, new ArrayList<>(rows.values()), total, wallNs, simulated);
    }

    private static void add(Map<Name, Row> rows, Name name, Sums sums, boolean simulated) {
        rows.merge(
                name,
                new Row(name.name, name.node, sums, simulated),
                (a, b) -> new Row(name.name, name.node, a.sums.plus(b.sums), a.simulated || b.simulated));
    }
}
