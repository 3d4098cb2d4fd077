package io.aliquot.cli.replay;

import io.aliquot.cli.text.Spans;
import io.aliquot.controller.replay.Window.Edge;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An end of a window as people write it: {@code 90s} after the recording's beginning, or {@code 2026-11-22T10:15:00Z}. */
final class Edges implements ITypeConverter<Edge> {
    @Override
    public Edge convert(String text) {
        try {
            return text.contains("T")
                    ? new Edge.At(Instant.parse(text).toEpochMilli())
                    : new Edge.After(Spans.parse(text).toMillis());
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw new TypeConversionException("'" + text + "' is not a moment: give the time since the recording's"
                    + " beginning, such as 90s, or a moment such as 2026-11-22T10:15:00Z");
        }
    }
}
