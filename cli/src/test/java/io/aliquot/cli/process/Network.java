package io.aliquot.cli.process;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Hosts for a lab's processes: as root on Linux each is a network namespace with a cable to a bridge, which can be pulled out;
 * otherwise all are this machine. One thread may cut and join, any may call.
 */
final class Network implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x40000000;

    private final String id = "aq" + ProcessHandle.current().pid() % 100_000;
    private final String subnet = "10.77." + ProcessHandle.current().pid() % 250 + ".";
    private final List<Host> hosts = new ArrayList<>();
    private final boolean real;

    private Network(boolean real) {
        this.real = real;
    }

    /**
     * Where processes run.
     *
     * @param address on which the other hosts reach it
     * @param prefix of the command of a process that is to run there
     */
    record Host(String name, String address, List<String> prefix) {}

    /** All on this machine; nothing can be cut. */
    static Network loopback() {
        return new Network(false);
    }

    /** Namespaces where that works, otherwise {@link #loopback}. */
    static Network best() {
        Network network = new Network(true);
        if (run("ip", "link", "add", network.id, "type", "bridge") != 0) {
            return loopback();
        }
        network.must("ip", "addr", "add", network.subnet + "1/24", "dev", network.id);
        network.must("ip", "link", "set", network.id, "up");
        return network;
    }

    /** Whether hosts can be cut off. */
    boolean real() {
        return real;
    }

    Host host(String name) {
        if (!real) {
            return new Host(name, "127.0.0.1", List.of());
        }
        String space = id + "-" + name;
        String address = subnet + (hosts.size() + 11);
        must("ip", "netns", "add", space);
        Host host = new Host(name, address, List.of("ip", "netns", "exec", space));
        hosts.add(host);
        must("ip", "link", "add", space, "type", "veth", "peer", "name", "eth0", "netns", space);
        must("ip", "link", "set", space, "master", id, "up");
        must("ip", "-n", space, "link", "set", "lo", "up");
        must("ip", "-n", space, "addr", "add", address + "/24", "dev", "eth0");
        must("ip", "-n", space, "link", "set", "eth0", "up");
        return host;
    }

    /** Pulls the host's cable: what is sent is lost, and nobody is told. */
    void cut(Host host) {
        must("ip", "link", "set", id + "-" + host.name(), "down");
    }

    void join(Host host) {
        must("ip", "link", "set", id + "-" + host.name(), "up");
    }

    /** Does something that opens its sockets on the calling thread, there. */
    static <T> T on(Host host, Callable<T> work) throws Exception {
        if (host.prefix().isEmpty()) {
            return work.call();
        }
        FutureTask<T> task = new FutureTask<>(() -> {
            enter(host.prefix().getLast());
            return work.call();
        });
        Thread.ofPlatform().daemon(true).name("on-" + host.name()).start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static void enter(String space) throws Exception {
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle open = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("open"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    Linker.Option.firstVariadicArg(2));
            MethodHandle setns = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("setns"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            MethodHandle close = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("close"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            MemorySegment path = arena.allocateFrom("/run/netns/" + space);
            int descriptor = (int) open.invokeExact(path, 0);
            int entered = (int) setns.invokeExact(descriptor, CLONE_NEWNET);
            int closed = (int) close.invokeExact(descriptor);
            if (entered != 0 || closed != 0) {
                throw new IOException("no way into the network namespace " + space);
            }
        } catch (Exception e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private void must(String... command) {
        if (run(command) != 0) {
            throw new AssertionError(String.join(" ", command) + " failed");
        }
    }

    private static int run(String... command) {
        if (!Files.isExecutable(Path.of("/usr/sbin/ip")) && !Files.isExecutable(Path.of("/sbin/ip"))) {
            return 1;
        }
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    @Override
    public void close() {
        for (Host host : hosts) {
            run("ip", "netns", "del", id + "-" + host.name());
        }
        if (real) {
            run("ip", "link", "del", id);
        }
    }
}
