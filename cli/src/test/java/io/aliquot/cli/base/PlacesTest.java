package io.aliquot.cli.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private static final Path HOME = Path.of("/home/u");

    @Test
    void rootUsesTheSystemsFolders() {
        Places root = new Places(true, 0, Path.of("/root"), Map.of("XDG_RUNTIME_DIR", "/run/user/0"));
        assertThat(root.runDir()).isEqualTo(Path.of("/run/aliquot"));
        assertThat(root.stateDir()).isEqualTo(Path.of("/var/lib/aliquot"));
    }

    @Test
    void aUserUsesTheSessionsFolders() {
        Places user =
                new Places(false, 7, HOME, Map.of("XDG_RUNTIME_DIR", "/run/user/7", "XDG_STATE_HOME", "/home/u/state"));
        assertThat(user.runDir()).isEqualTo(Path.of("/run/user/7/aliquot"));
        assertThat(user.stateDir()).isEqualTo(Path.of("/home/u/state/aliquot"));
    }

    @Test
    void aUserWithoutASessionHasFoldersToo() {
        Places user = new Places(false, 7, HOME, Map.of());
        assertThat(user.runDir()).isEqualTo(Path.of("/tmp/aliquot-7"));
        assertThat(user.stateDir()).isEqualTo(Path.of("/home/u/.local/state/aliquot"));
        assertThat(user.simulatorFile()).isEqualTo(Path.of("/dev/shm/aliquot-sim-7"));
    }

    @Test
    void theEnvironmentChoosesFirst() {
        Places root = new Places(true, 0, Path.of("/root"), Map.of("ALIQUOT_RUN_DIR", "/x", "ALIQUOT_SIM", "/y"));
        assertThat(root.runDir()).isEqualTo(Path.of("/x"));
        assertThat(root.simulatorFile()).isEqualTo(Path.of("/y"));
    }
}
