package io.aliquot.cli.demo;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What the tree play does, and what should come of it. What is expected follows from the policy by hand, with the arithmetic
 * beside it, and is not asked of the controller: a demo that believed the thing it shows would prove nothing. Pure.
 *
 * <pre>
 *   lab    weight 1        train   weight 2   a program on each GPU
 *                          serve   weight 1   a program on GPU 0
 *   shop   weight 1        web     weight 1   a program on GPU 1
 *                          nccl    weight 1   a gang: one program on both GPUs, a kernel on each, wait for both
 * </pre>
 *
 * The two GPUs are one cluster: serve and web have their part of it on the one GPU on which they are, the gang the same of both,
 * and train gets what that leaves of each.
 *
 * @param phases in their order
 * @param phaseLength of each
 */
record TreeScript(List<Phase> phases, Duration phaseLength) {
    static final int GPUS = 2;

    /** Left out at the beginning of a phase: demand is forgotten within three seconds. */
    static final Duration SETTLE = Duration.ofSeconds(4);

    static final int PHASES = 7;

    /** A phase is half settling. */
    static final Duration SHORTEST = Duration.ofSeconds(PHASES * 8L);

    static final Duration LONGEST = Duration.ofMinutes(20);
    static final Duration USUAL = Duration.ofSeconds(PHASES * 14L);

    /** The time between two kernels is nobody's: with long ones it is little. */
    private static final String KERNEL = "2ms";

    /** A step of the gang, longer than a turn (10 ms): with shorter ones it idles in its turns, waiting for its other GPU. */
    private static final String GANG_KERNEL = "20ms";

    private static final double FULL_PERMILLE = 999;

    static final String TRAIN = "lab/train";
    static final String SERVE = "lab/serve";
    static final String WEB = "shop/web";
    static final String GANG = "shop/nccl";

    /** At the start; parents before what is in them. Fields are those of the controller's API. */
    static final List<Quota> QUOTAS = List.of(
            new Quota("lab", Map.of("weight", 1)),
            new Quota("shop", Map.of("weight", 1)),
            new Quota(TRAIN, Map.of("weight", 2)),
            new Quota(SERVE, Map.of("weight", 1)),
            new Quota(WEB, Map.of("weight", 1)),
            new Quota(GANG, Map.of("weight", 1, "gang", true)));

    static final List<Program> PROGRAMS = List.of(
            Program.on(TRAIN, 0, KERNEL),
            Program.on(TRAIN, 1, KERNEL),
            Program.on(SERVE, 0, KERNEL),
            Program.on(WEB, 1, KERNEL),
            Program.gang(GANG, GPUS, GANG_KERNEL));

    TreeScript {
        phases = List.copyOf(phases);
    }

    /** What begins a phase. */
    sealed interface Change {}

    /** A tenant has no more work. */
    record Rest(String tenant) implements Change {}

    /** A tenant has work again. */
    record Work(String tenant) implements Change {}

    /** A tenant's quota is changed; what is not given stays. */
    record Quota(String tenant, Map<String, Object> fields) implements Change {
        Quota {
            fields = Map.copyOf(fields);
        }
    }

    /** A tenant's programs on a GPU. */
    record Part(String tenant, int gpu) {
        String series() {
            return Program.series(tenant, gpu);
        }
    }

    /**
     * @param name short, for scripts
     * @param title for people
     * @param changes in their order
     * @param expectedPermille of the time of its GPU, for each part
     */
    record Phase(String name, String title, List<Change> changes, SequencedMap<Part, Double> expectedPermille) {
        Phase {
            changes = List.copyOf(changes);
        }

        /** The witness's names for what is on a GPU. */
        List<String> series(int gpu) {
            return expectedPermille.keySet().stream()
                    .filter(part -> part.gpu() == gpu)
                    .map(Part::series)
                    .toList();
        }

        /** Whether somebody wants all of a GPU's time. */
        boolean isFull(int gpu) {
            double sum = expectedPermille.entrySet().stream()
                    .filter(e -> e.getKey().gpu() == gpu)
                    .mapToDouble(Map.Entry::getValue)
                    .sum();
            return sum > FULL_PERMILLE;
        }
    }

    /** The phases, in the given time. */
    static TreeScript of(Duration total) {
        return new TreeScript(
                List.of(busy(), lendToSibling(), gang(), away(), reclaim(), lendToOthers(), ceiling()),
                total.dividedBy(PHASES));
    }

    /**
     * lab and shop have one GPU each. train 2/3, serve 1/3; web 1/2, nccl 1/2, which is 1/4 of both GPUs. GPU 0: 1 - 1/3 - 1/4 =
     * 5/12 is left for train, GPU 1: 1 - 1/2 - 1/4 = 1/4; 5/12 + 1/4 = 2/3, just what it is to have.
     */
    private static Phase busy() {
        return new Phase("busy", "all are busy", List.of(), parts(5 / 12.0, 1 / 4.0, 1 / 3.0, 1 / 2.0, 1 / 4.0));
    }

    /** shop's GPU is all nccl's: 1/2 of both. lab as before: GPU 0: 1 - 1/3 - 1/2 = 1/6 for train, GPU 1: 1 - 1/2 = 1/2. */
    private static Phase lendToSibling() {
        return new Phase(
                "lend-sibling",
                "web is idle: its sibling nccl has its part, lab no more than before",
                List.of(new Rest(WEB)),
                parts(1 / 6.0, 1 / 2.0, 1 / 3.0, 0, 1 / 2.0));
    }

    /**
     * serve and nccl are each to have one GPU, and meet on GPU 0; the gang can't use more of GPU 1 than of GPU 0, for it waits
     * for both. Both get the same part of what they are to have: s = 2n and s + n = 1, so 2/3 for serve and 1/3 of both GPUs for
     * nccl; the rest of GPU 1 is of no use to anybody.
     */
    private static Phase gang() {
        return new Phase(
                "gang",
                "train is idle, too: the gang has a neighbour on GPU 0 alone, and the same of both",
                List.of(new Rest(TRAIN)),
                parts(0, 0, 2 / 3.0, 0, 1 / 3.0));
    }

    /** web and nccl as in the first phase; lab's GPU is all train's: GPU 0: 1 - 1/4 = 3/4, GPU 1: 1 - 1/2 - 1/4 = 1/4. */
    private static Phase away() {
        return new Phase(
                "floor-idle",
                "serve has a floor of 60% of lab's part, but no work; the others are busy",
                List.of(
                        new Rest(SERVE),
                        new Quota(SERVE, Map.of("floorPermille", 600)),
                        new Work(TRAIN),
                        new Work(WEB)),
                parts(3 / 4.0, 1 / 4.0, 0, 1 / 2.0, 1 / 4.0));
    }

    /** 60 % of lab's one GPU is 3/5, train has the other 2/5: GPU 0: 1 - 3/5 - 1/4 = 3/20, GPU 1: 1/4. */
    private static Phase reclaim() {
        return new Phase(
                RECLAIM,
                "serve is back and has its floor",
                List.of(new Work(SERVE)),
                parts(3 / 20.0, 1 / 4.0, RECLAIMED_PERMILLE / 1000, 1 / 2.0, 1 / 4.0));
    }

    /** lab has both GPUs: serve 1/3 of 2, all on GPU 0; train 4/3: the other 1/3 of GPU 0 and all of GPU 1. */
    private static Phase lendToOthers() {
        return new Phase(
                "lend-others",
                "no floor any more, and all of shop is idle: lab's tenants have both GPUs",
                List.of(new Quota(SERVE, Map.of("floorPermille", 0)), new Rest(WEB), new Rest(GANG)),
                parts(1 / 3.0, 1, 2 / 3.0, 0, 0));
    }

    /** 15 % of the most that shop can have, two GPUs, is 0.3 GPUs; GPU 1 has nobody else. serve has GPU 0 for itself. */
    private static Phase ceiling() {
        return new Phase(
                "ceiling",
                "web is held to 15% of shop's two GPUs, hard, and nobody wants the rest of GPU 1",
                List.of(
                        new Quota(WEB, Map.of("ceilingPermille", 150, "hardCeiling", true)),
                        new Rest(TRAIN),
                        new Work(WEB)),
                parts(0, 0, 1, 0.3, 0));
    }

    /** The phase in which a floor is taken back, by {@link #SERVE} on GPU 0. */
    static final String RECLAIM = "reclaim";

    static final double RECLAIMED_PERMILLE = 600;

    /** @param gang of each GPU */
    private static SequencedMap<Part, Double> parts(
            double trainOn0, double trainOn1, double serve, double web, double gang) {
        SequencedMap<Part, Double> parts = new LinkedHashMap<>();
        parts.put(new Part(TRAIN, 0), trainOn0 * 1000);
        parts.put(new Part(SERVE, 0), serve * 1000);
        parts.put(new Part(GANG, 0), gang * 1000);
        parts.put(new Part(TRAIN, 1), trainOn1 * 1000);
        parts.put(new Part(WEB, 1), web * 1000);
        parts.put(new Part(GANG, 1), gang * 1000);
        return parts;
    }
}
