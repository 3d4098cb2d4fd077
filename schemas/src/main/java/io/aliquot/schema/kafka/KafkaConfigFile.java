package io.aliquot.schema.kafka;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of Kafka client properties, in Java's format. A value may be kept in another file: {@code ${file:PATH:KEY}} is a
 * key's value in a properties file, {@code ${dir:FOLDER:NAME}} a whole file's content, as of Kafka's own providers. All is
 * read once.
 *
 * @param properties with such references replaced; the values may be secrets
 * @param warnings one line each: secrets that everybody on this machine can read
 */
public record KafkaConfigFile(Map<String, String> properties, List<String> warnings) {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}:]*):(?:([^}:]*):)?([^}]*)}");

    public KafkaConfigFile {
        properties = Map.copyOf(properties);
        warnings = List.copyOf(warnings);
    }

    /** Reads it. @throws KafkaConfigException when it, or what it refers to, can't be read, or has a key that may not be */
    public static KafkaConfigFile read(Path file) throws KafkaConfigException {
        SortedMap<String, String> given = load(file);
        for (String key : given.keySet()) {
            check(key, file);
        }
        Set<Path> secret = new LinkedHashSet<>();
        SortedMap<String, String> values = new TreeMap<>();
        for (Map.Entry<String, String> one : given.entrySet()) {
            if (ClientKeys.isSecret(one.getKey()) && !one.getValue().contains("${")) {
                secret.add(file);
            }
            values.put(one.getKey(), resolved(one.getKey(), one.getValue(), file, secret));
        }
        List<String> warnings = new ArrayList<>();
        for (Path one : secret) {
            if (isOpen(one)) {
                warnings.add(one + " holds a secret that every user of this machine can read; chmod o-r " + one);
            }
        }
        return new KafkaConfigFile(values, warnings);
    }

    /** The keys, without the values. */
    @Override
    public String toString() {
        return new TreeMap<>(properties).keySet().toString();
    }

    private static void check(String key, Path file) throws KafkaConfigException {
        if (ClientKeys.ALLOWED.contains(key)) {
            return;
        }
        String where = "--kafka-config " + file + ": '" + key + "'";
        if (key.equals("bootstrap.servers")) {
            throw new KafkaConfigException(where + " is given with --kafka", "take it out of the file");
        }
        if (key.startsWith("config.providers")) {
            throw new KafkaConfigException(where + " is not needed: ${file:…} and ${dir:…} work always", "take it out");
        }
        if (ClientKeys.KNOWN.contains(key)) {
            throw new KafkaConfigException(
                    where + " is Aliquot's to set: its design depends on it", "take it out of the file");
        }
        throw new KafkaConfigException(where + " is no client property of Kafka", ClientKeys.hint(key));
    }

    private static String resolved(String key, String value, Path file, Set<Path> secret) throws KafkaConfigException {
        Matcher reference = REFERENCE.matcher(value);
        StringBuilder resolved = new StringBuilder();
        while (reference.find()) {
            String provider = reference.group(1);
            String path = Optional.ofNullable(reference.group(2)).orElse("");
            String found = switch (provider) {
                case "file" -> ofFile(key, Path.of(path), reference.group(3), file, secret);
                case "dir" -> ofFolder(Path.of(path).resolve(reference.group(3)), secret);
                default ->
                    throw new KafkaConfigException(
                            "--kafka-config " + file + ": '" + key + "' refers to '" + provider + "'",
                            "write ${file:PATH:KEY} or ${dir:FOLDER:NAME}");
            };
            reference.appendReplacement(resolved, Matcher.quoteReplacement(found));
        }
        return reference.appendTail(resolved).toString();
    }

    private static String ofFile(String key, Path from, String name, Path file, Set<Path> secret)
            throws KafkaConfigException {
        secret.add(from);
        String found = load(from).get(name);
        if (found == null) {
            throw new KafkaConfigException(
                    "--kafka-config " + file + ": '" + key + "' refers to '" + name + "', which is not in " + from,
                    "write " + name + "=… there");
        }
        return found;
    }

    /** Editors end a file with a newline, and no secret ends with one. */
    private static String ofFolder(Path from, Set<Path> secret) throws KafkaConfigException {
        secret.add(from);
        return text(from).stripTrailing();
    }

    private static SortedMap<String, String> load(Path file) throws KafkaConfigException {
        Properties properties = new Properties();
        try (Reader reader = new StringReader(text(file))) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) { // a wrong escape; the message could hold a value
            throw new KafkaConfigException(
                    "file " + file + " is not in Java's properties format", "write KEY=VALUE lines");
        }
        SortedMap<String, String> found = new TreeMap<>();
        properties.stringPropertyNames().forEach(key -> found.put(key, properties.getProperty(key)));
        return found;
    }

    private static String text(Path file) throws KafkaConfigException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new KafkaConfigException("file " + file + " is not there", "check the path");
        } catch (MalformedInputException e) {
            throw new KafkaConfigException("file " + file + " is no UTF-8 text", "check the path");
        } catch (IOException e) {
            throw new KafkaConfigException("file " + file + " can't be read: " + e, "let this user read it");
        }
    }

    private static boolean isOpen(Path file) throws KafkaConfigException {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            throw new KafkaConfigException("file " + file + ": its permissions can't be read: " + e, "check the path");
        }
    }
}
