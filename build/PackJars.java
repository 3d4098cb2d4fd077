import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes jars again for the archive: stored, so that xz sees what is alike in all of them, without native code for
 * other platforms, build metadata or module descriptors (all is on the class path).
 *
 * <p>{@code java build/PackJars.java DIRECTORY JAR…}
 */
class PackJars {
    private static final Set<String> NATIVE = Set.of("so", "dll", "dylib", "jnilib", "a", "lib");

    public static void main(String[] args) throws IOException {
        Path to = Files.createDirectories(Path.of(args[0]));
        for (int i = 1; i < args.length; i++) {
            Path jar = Path.of(args[i]);
            pack(jar, to.resolve(jar.getFileName()));
        }
    }

    private static void pack(Path from, Path to) throws IOException {
        try (var in = new ZipFile(from.toFile());
                var out = new ZipOutputStream(Files.newOutputStream(to))) {
            for (var entries = in.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory() && wanted(entry.getName())) {
                    store(in.getInputStream(entry), entry, out);
                }
            }
        }
    }

    private static void store(InputStream content, ZipEntry like, ZipOutputStream out) throws IOException {
        byte[] bytes;
        try (content) {
            bytes = content.readAllBytes();
        }
        var crc = new CRC32();
        crc.update(bytes);
        var entry = new ZipEntry(like.getName());
        entry.setTimeLocal(like.getTimeLocal());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
    }

    private static boolean wanted(String name) {
        if (name.startsWith("META-INF/maven/") || name.endsWith("module-info.class") || name.endsWith(".proto")) {
            return false;
        }
        String path = name.toLowerCase(Locale.ROOT);
        if (!NATIVE.contains(path.substring(path.lastIndexOf('.') + 1))) {
            return true;
        }
        return path.contains("linux") && (path.contains("x86_64") || path.contains("amd64")) && !path.contains("musl");
    }
}
