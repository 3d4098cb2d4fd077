package io.aliquot.schema;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The schemas of this build, of every file in src/main/proto. */
final class Schemas {
    private static final Path FILES = Path.of("src/main/proto/aliquot/v1");
    private static final String GENERATED = "io.aliquot.schema.v1.";

    private Schemas() {}

    static FileDescriptorSet now() throws IOException {
        FileDescriptorSet.Builder schemas = FileDescriptorSet.newBuilder();
        try (Stream<Path> files = Files.list(FILES)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".proto"))
                    .sorted()
                    .toList();
            names.forEach(name -> schemas.addFile(descriptor(name).toProto()));
        }
        return schemas.build();
    }

    /** An empty message of this build. */
    static Message message(String name) {
        try {
            return (Message) Class.forName(GENERATED + name)
                    .getMethod("getDefaultInstance")
                    .invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("no message " + name + " in this build", e);
        }
    }

    /** protoc names a file's class after the file, and otherwise where a message has that name already. */
    private static FileDescriptor descriptor(String file) {
        StringBuilder name = new StringBuilder();
        for (String word : file.replace(".proto", "").split("_")) {
            name.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
        }
        for (String suffix : new String[] {"", "OuterClass"}) {
            try {
                return (FileDescriptor) Class.forName(GENERATED + name + suffix)
                        .getMethod("getDescriptor")
                        .invoke(null);
            } catch (ClassNotFoundException | ClassCastException e) {
                continue; // it is a message's class
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(file, e);
            }
        }
        throw new AssertionError("no class of " + file + ": build the schemas again");
    }
}
