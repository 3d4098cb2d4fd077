package io.aliquot.schema;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One release's schemas, as a FileDescriptorSet in Protobuf's text format, and records as that release wrote them: a line each,
 * the message's name and the bytes in hexadecimal.
 *
 * @param folder named after the release
 */
record ReleasedSchemas(Path folder) {
    private static final Path ALL = Path.of("src/test/resources/released");

    /** A record as it was written. */
    record Written(String message, byte[] bytes) {}

    /** Every release that there was, the oldest first. */
    static List<ReleasedSchemas> all() throws IOException {
        try (Stream<Path> folders = Files.list(ALL)) {
            return folders.filter(Files::isDirectory)
                    .sorted()
                    .map(ReleasedSchemas::new)
                    .toList();
        }
    }

    static ReleasedSchemas of(String release) {
        if (!release.matches("[0-9]+\\.[0-9]+(\\.[0-9]+)?")) {
            throw new IllegalArgumentException("release '" + release + "': expected a number such as 0.2");
        }
        return new ReleasedSchemas(ALL.resolve(release));
    }

    FileDescriptorSet schemas() throws IOException {
        return TextFormat.parse(Files.readString(folder.resolve("schemas.txtpb")), FileDescriptorSet.class);
    }

    List<Written> records() throws IOException {
        List<Written> records = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("records.txt"))) {
            String[] words = line.split(" ", -1);
            records.add(new Written(words[0], HexFormat.of().parseHex(words[1])));
        }
        return records;
    }

    void write(FileDescriptorSet schemas, Map<String, List<Message>> records) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("schemas.txtpb"), TextFormat.printer().printToString(schemas));
        List<String> lines = new ArrayList<>();
        records.forEach((message, all) ->
                all.forEach(one -> lines.add(message + " " + HexFormat.of().formatHex(one.toByteArray()))));
        Files.write(folder.resolve("records.txt"), lines);
    }
}
