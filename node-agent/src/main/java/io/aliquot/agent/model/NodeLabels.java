package io.aliquot.agent.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the operator says of this node, key to value: all its GPUs have these labels. At most {@value #MOST}; keys and values
 * have 1 to 63 letters, digits, '.', '_', '/', '-' and blanks, with no blank at either end. The keys model, node and uuid are
 * every GPU's own and can't be given.
 */
public record NodeLabels(Map<String, String> map) {
    public static final int MOST = 16;

    public static final NodeLabels NONE = new NodeLabels(Map.of());

    private static final Set<String> RESERVED = Set.of("model", "node", "uuid");
    private static final String TEXT = "[A-Za-z0-9._/-]([A-Za-z0-9 ._/-]{0,61}[A-Za-z0-9._/-])?";
    private static final String RIGHT =
            "it must have 1 to 63 letters, digits, '.', '_', '/', '-' and blanks, with no blank at either end";

    /** @throws IllegalArgumentException that names the key or value, and what would be right */
    public NodeLabels {
        map = Collections.unmodifiableMap(new TreeMap<>(map));
        if (map.size() > MOST) {
            throw new IllegalArgumentException("there are " + map.size() + " labels; a node has at most " + MOST);
        }
        map.forEach(NodeLabels::check);
    }

    /**
     * Reads labels as people write them.
     *
     * @param words each KEY=VALUE; a key is given once
     * @throws IllegalArgumentException that names the word, and what would be right
     */
    public static NodeLabels parse(List<String> words) {
        Map<String, String> map = new TreeMap<>();
        for (String word : words) {
            int at = word.indexOf('=');
            if (at < 0) {
                throw new IllegalArgumentException("label '" + word + "' has no '='; give KEY=VALUE, such as zone=a");
            }
            String key = word.substring(0, at);
            String before = map.put(key, word.substring(at + 1));
            if (before != null) {
                throw new IllegalArgumentException("label '" + key + "' is given twice, as '" + before + "' and '"
                        + map.get(key) + "'; give it once");
            }
        }
        return new NodeLabels(map);
    }

    private static void check(String key, String value) {
        if (RESERVED.contains(key)) {
            throw new IllegalArgumentException(
                    "label '" + key + "' is a GPU's own (model, node and uuid are); choose another key");
        }
        if (!key.matches(TEXT)) {
            throw new IllegalArgumentException("label key '" + key + "': " + RIGHT);
        }
        if (!value.matches(TEXT)) {
            throw new IllegalArgumentException("value '" + value + "' of label '" + key + "': " + RIGHT);
        }
    }
}
