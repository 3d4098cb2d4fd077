package io.aliquot.schema;

import io.aliquot.schema.TopicSpec.Cleanup;
import io.aliquot.schema.TopicSpec.Timestamps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the topic table out of a Markdown page. Strict: what it doesn't understand is an error. Pure; any thread. */
final class TopicTable {
    private static final List<String> HEADER = List.of(
            "topic",
            "key",
            "message",
            "partitions",
            "cleanup",
            "timestamps",
            "retention",
            "segment",
            "compaction lag",
            "tombstones",
            "writer",
            "holds");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)*\\.v[1-9][0-9]*");
    private static final Pattern LENGTH = Pattern.compile("([1-9][0-9]{0,5})([smhd])");

    private TopicTable() {}

    /**
     * Reads the one table whose first column is headed {@code topic}.
     *
     * @return the topics by name, in the table's order
     * @throws TopicTableException when the table is missing, doubled or has a cell that can't be read
     */
    static Map<String, TopicSpec> parse(String markdown) {
        List<String> lines = markdown.lines().toList();
        int header = findHeader(lines);
        if (header + 1 >= lines.size() || !lines.get(header + 1).matches("\\|(:?-+:?\\|){" + HEADER.size() + "}")) {
            throw error(header + 1, "no |---| row of " + HEADER.size() + " columns follows the header");
        }
        Map<String, TopicSpec> topics = new LinkedHashMap<>();
        for (int i = header + 2; i < lines.size() && lines.get(i).startsWith("|"); i++) {
            TopicSpec topic = row(i, cells(lines.get(i)));
            if (topics.put(topic.name(), topic) != null) {
                throw error(i, "topic '" + topic.name() + "' is there twice");
            }
        }
        if (topics.isEmpty()) {
            throw error(header, "the topic table has no rows");
        }
        return Collections.unmodifiableMap(topics);
    }

    private static int findHeader(List<String> lines) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            List<String> cells = cells(lines.get(i));
            if (!cells.isEmpty() && cells.getFirst().equals("topic")) {
                if (!cells.equals(HEADER)) {
                    throw error(i, "columns are " + cells + ", expected " + HEADER);
                }
                found.add(i);
            }
        }
        if (found.size() != 1) {
            throw new TopicTableException("found " + found.size() + " topic tables, expected one headed " + HEADER);
        }
        return found.getFirst();
    }

    private static List<String> cells(String line) {
        String text = line.strip();
        if (!text.startsWith("|") || !text.endsWith("|") || text.length() < 2) {
            return List.of();
        }
        return Arrays.stream(text.substring(1, text.length() - 1).split("\\|", -1))
                .map(String::strip)
                .toList();
    }

    private static TopicSpec row(int line, List<String> cells) {
        if (cells.size() != HEADER.size()) {
            throw error(line, cells.size() + " cells, expected " + HEADER.size() + " " + HEADER);
        }
        String name = cells.get(0);
        if (!NAME.matcher(name).matches()) {
            throw error(line, "topic '" + name + "': expected lower-case parts and a version, as aliquot.lease.v1");
        }
        try {
            return new TopicSpec(
                    name,
                    cells.get(1),
                    List.of(cells.get(2).split(", *")),
                    partitions(line, cells.get(3).replaceFirst("^~", "")),
                    cells.get(3).startsWith("~"),
                    cleanup(line, cells.get(4)),
                    timestamps(line, cells.get(5)),
                    length(line, "retention", cells.get(6)),
                    length(line, "segment", cells.get(7))
                            .orElseThrow(() -> error(line, "segment '-': expected a length of time, as 1h")),
                    length(line, "compaction lag", cells.get(8)),
                    length(line, "tombstones", cells.get(9)),
                    cells.get(11));
        } catch (IllegalArgumentException e) {
            throw error(line, String.valueOf(e.getMessage()));
        }
    }

    private static int partitions(int line, String cell) {
        if (!cell.matches("[1-9][0-9]{0,4}")) {
            throw error(line, "partitions '" + cell + "': expected a whole number from 1 to 99999, or one such as ~64");
        }
        return Integer.parseInt(cell);
    }

    private static Cleanup cleanup(int line, String cell) {
        return Arrays.stream(Cleanup.values())
                .filter(c -> c.kafkaName().equals(cell))
                .findFirst()
                .orElseThrow(() -> error(line, "cleanup '" + cell + "': expected delete, compact or compact,delete"));
    }

    private static Timestamps timestamps(int line, String cell) {
        return Arrays.stream(Timestamps.values())
                .filter(t -> t.kafkaName().equals(cell))
                .findFirst()
                .orElseThrow(() -> error(line, "timestamps '" + cell + "': expected CreateTime or LogAppendTime"));
    }

    private static Optional<Duration> length(int line, String column, String cell) {
        if (cell.equals("-")) {
            return Optional.empty();
        }
        Matcher matcher = LENGTH.matcher(cell);
        if (!matcher.matches()) {
            throw error(line, column + " '" + cell + "': expected a whole number with s, m, h or d, as 10m, or -");
        }
        long count = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "s" -> Duration.ofSeconds(count);
                    case "m" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    default -> Duration.ofDays(count);
                });
    }

    private static TopicTableException error(int line, String what) {
        return new TopicTableException("topic table, line " + (line + 1) + ": " + what);
    }
}
