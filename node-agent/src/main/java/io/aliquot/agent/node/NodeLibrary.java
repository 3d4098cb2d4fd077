package io.aliquot.agent.node;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.NoSuchElementException;

/** The symbols of libaliquot-node.so (aliquot_node.h), one handle each. Loaded for the life of the process. */
final class NodeLibrary {
    /** ALIQUOT_NODE_ABI of the header that {@link NodeLayouts} was written after. */
    static final int ABI = 3;

    private static final int ENOENT = 2;
    private static final int EPROTO = 71;
    private static final String REBUILD = "use agent and library of one build (./mvnw package makes both)";

    final MethodHandle open;
    final MethodHandle run;
    final MethodHandle apply;
    final MethodHandle snapshot;
    final MethodHandle processes;
    final MethodHandle stop;
    final MethodHandle close;

    private final SymbolLookup symbols;

    private NodeLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
        open = find(
                "aliquot_node_open",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
        run = find("aliquot_node_run", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        apply = find(
                "aliquot_node_apply",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG));
        snapshot = find("aliquot_node_snapshot", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS));
        processes = find("aliquot_node_processes", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
        stop = find("aliquot_node_stop", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        close = find("aliquot_node_close", FunctionDescriptor.ofVoid(ADDRESS));
    }

    /** Loads the library and checks its ABI number before any other call. */
    static NodeLibrary load(Path path) throws NodeException {
        SymbolLookup symbols;
        try {
            symbols = SymbolLookup.libraryLookup(path, Arena.global());
        } catch (IllegalArgumentException absent) {
            throw new NodeException("dlopen", ENOENT, path + " can't be loaded; build limiter-native, which makes it");
        }
        try {
            checkAbi(path, symbols);
            return new NodeLibrary(symbols);
        } catch (NoSuchElementException missing) {
            throw new NodeException("dlsym", EPROTO, path + " has no symbol " + missing.getMessage() + "; " + REBUILD);
        }
    }

    private static void checkAbi(Path path, SymbolLookup symbols) throws NodeException {
        int abi;
        try {
            abi = (int) handle(symbols, "aliquot_node_abi", FunctionDescriptor.of(JAVA_INT))
                    .invokeExact();
        } catch (NoSuchElementException missing) {
            throw missing;
        } catch (Throwable failure) {
            throw signature(failure);
        }
        if (abi != ABI) {
            String line = path + " has ABI " + abi + " and this agent needs ABI " + ABI + "; " + REBUILD;
            throw new NodeException("aliquot_node_abi", EPROTO, line);
        }
    }

    private MethodHandle find(String symbol, FunctionDescriptor descriptor) {
        return handle(symbols, symbol, descriptor);
    }

    private static MethodHandle handle(SymbolLookup symbols, String symbol, FunctionDescriptor descriptor) {
        return Linker.nativeLinker()
                .downcallHandle(symbols.find(symbol).orElseThrow(() -> new NoSuchElementException(symbol)), descriptor);
    }

    static AssertionError signature(Throwable failure) {
        return new AssertionError("a handle of the node library has another signature than its call", failure);
    }
}
