package io.aliquot.cli.text;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Labels that a GPU must have, as people write them: {@code pool=a,model=NVIDIA A100}, or {@code any}. What a label may be, the
 * controller says.
 *
 * @param labels unmodifiable; empty: any GPU
 */
public record GpuLabels(SortedMap<String, String> labels) {
    private static final String ANY = "any";

    public GpuLabels {
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    /** @throws IllegalArgumentException naming the text and the valid forms */
    public static GpuLabels parse(String text) {
        SortedMap<String, String> labels = new TreeMap<>();
        for (String label : text.equals(ANY) ? new String[0] : text.split(",", -1)) {
            String[] sides = label.split("=", -1);
            if (sides.length != 2 || sides[0].isEmpty() || sides[1].isEmpty()) {
                throw new IllegalArgumentException("'" + label + "' is not a label of a GPU: give key=value, such as"
                        + " pool=a, several with commas between them, or " + ANY);
            }
            if (labels.put(sides[0], sides[1]) != null) {
                throw new IllegalArgumentException(
                        "'" + text + "' has the label '" + sides[0] + "' twice: give it once");
            }
        }
        return new GpuLabels(labels);
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return labels.isEmpty()
                ? ANY
                : String.join(
                        ",",
                        labels.entrySet().stream()
                                .map(label -> label.getKey() + "=" + label.getValue())
                                .toList());
    }
}
