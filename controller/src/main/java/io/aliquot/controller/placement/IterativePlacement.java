package io.aliquot.controller.placement;

/**
 * Divides GPUs one after the other until their tenants agree, for clusters of any size: see {@link Sweep}. Starts from the last
 * placement where there is one, so that a tick costs what changed and moves no share that need not move. O(edges) a round.
 *
 * <p>Every answer is feasible, keeps floors and uses every GPU as far as its tenants could (those of a gang: as far as the gang
 * could on all its GPUs), whatever the rounds. Totals come to the weighted max-min ones; {@link Certificate} bounds how far
 * they are off. The same arguments give the same bits. docs/results/placement.md has errors and times against rounds.
 *
 * @param coldRounds most passes over the GPUs when there is no placement to start from, at least 1
 * @param warmRounds most passes when there is one, at least 1
 * @param tolerance relative difference of X_i/E_i between tenants of one GPU that is left as it is, 0 to 1
 */
public record IterativePlacement(int coldRounds, int warmRounds, double tolerance) implements PlacementSolver {
    public static final int COLD_ROUNDS = 96;
    public static final int WARM_ROUNDS = 24;
    public static final double TOLERANCE = 1e-4;

    /** Passes that fill what gangs left when they were made equal; the first fills every GPU. */
    private static final int FINISHING_ROUNDS = 4;

    /** With the budget that the figures in docs/results/placement.md are for. */
    public IterativePlacement() {
        this(COLD_ROUNDS, WARM_ROUNDS, TOLERANCE);
    }

    public IterativePlacement {
        if (coldRounds < 1 || warmRounds < 1) {
            throw new IllegalArgumentException(
                    "rounds " + coldRounds + " cold and " + warmRounds + " warm: expected 1 or more");
        }
        if (!(tolerance >= 0 && tolerance <= 1)) {
            throw new IllegalArgumentException("tolerance " + tolerance + ": expected 0 to 1");
        }
    }

    @Override
    public Placement solve(PlacementProblem problem) {
        Bounds bounds = new Bounds(problem);
        double[] amount = ColdStart.spread(problem, bounds, fill(problem));
        return solve(problem, bounds, amount, GangLevels.offersOf(problem, amount), coldRounds);
    }

    /**
     * Goes on from the last placement. Tenants and GPUs must have kept their numbers; where edges came or went, the others'
     * amounts are carried over.
     */
    public Placement solve(PlacementProblem problem, Placement last) {
        Bounds bounds = new Bounds(problem);
        boolean sameEdges = problem.tenantOf == last.problem().tenantOf;
        double[] amount = sameEdges ? last.start.clone() : carried(problem, last, last.start);
        double[] offer = sameEdges ? last.offer.clone() : GangLevels.offersOf(problem, amount);
        return solve(problem, bounds, amount, offer, warmRounds);
    }

    private Placement solve(PlacementProblem p, Bounds bounds, double[] amount, double[] offer, int rounds) {
        GpuFill fill = fill(p);
        boolean gangs = p.gangs() > 0;
        GangLevels levels = new GangLevels(p, bounds, offer);
        Sweep sweep = new Sweep(p, bounds, amount, levels, gangs, fill, tolerance);
        int done = passes(sweep, rounds);
        if (!gangs) {
            return new Placement(p, amount, amount, offer, bounds.floorsScaled, done);
        }
        double[] equal = amount.clone();
        Bounds held = GangFinish.hold(p, bounds, equal);
        done += passes(new Sweep(p, held, equal, levels, false, fill, tolerance), FINISHING_ROUNDS);
        GangFinish.raise(p, bounds, equal);
        return new Placement(p, equal, amount, offer, bounds.floorsScaled, done);
    }

    private static int passes(Sweep sweep, int rounds) {
        int done = 0;
        boolean changed = true;
        while (changed && done < rounds) {
            changed = sweep.pass();
            done++;
        }
        return done;
    }

    /** Both problems' edges lie in the order of GPU and tenant: one walk finds those in both. */
    private static double[] carried(PlacementProblem p, Placement last, double[] before) {
        PlacementProblem old = last.problem();
        double[] amount = new double[p.edges()];
        for (int g = 0; g < Math.min(p.gpus(), old.gpus()); g++) {
            int from = old.gpuStart[g];
            for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
                while (from < old.gpuStart[g + 1] && old.tenantOf[from] < p.tenantOf[e]) {
                    from++;
                }
                if (from < old.gpuStart[g + 1] && old.tenantOf[from] == p.tenantOf[e]) {
                    amount[e] = before[from];
                }
            }
        }
        return amount;
    }

    private static GpuFill fill(PlacementProblem p) {
        int widest = 0;
        for (int g = 0; g < p.gpus(); g++) {
            widest = Math.max(widest, p.gpuStart[g + 1] - p.gpuStart[g]);
        }
        return new GpuFill(widest);
    }
}
