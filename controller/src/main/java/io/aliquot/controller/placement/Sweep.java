package io.aliquot.controller.placement;

/**
 * Passes over the GPUs, each of which is divided anew given what its tenants have elsewhere. With R_i what tenant i has on other
 * GPUs, GPU g gives x_ig = clamp(λ_g·E_i − R_i, f_ig, d_ig) with Σ_i x_ig = min(c_g, Σ_i d_ig): on g, whoever is between its
 * bounds has the same X_i/E_i. That is exact minimisation of Σ X_i²/(2·E_i) over one GPU's part, and so block coordinate descent on
 * the objective: it only ever falls, every state on the way is feasible and work-conserving, and where no GPU wants to change,
 * the placement is optimal (Tseng: Convergence of a block coordinate descent method, JOTA 109(3), 2001). With gangs that is so for
 * all but the gangs, see {@link GangLevels}.
 *
 * <p>A GPU whose tenants are within a tolerance of that is passed by. One thread; deterministic to the bit.
 */
final class Sweep {
    private final PlacementProblem p;
    private final Bounds bounds;
    private final GangLevels gangs;
    private final boolean anyGangs;
    private final double tolerance;
    private final GpuFill fill;
    private final double[] amount;

    private final Ratios ratios;
    private int passes;

    /**
     * @param amount where it starts, and the answer; GPU-equivalents per edge
     * @param anyGangs false: gangs are not regarded, the bounds hold them
     * @param tolerance relative difference of X_i/E_i below which a GPU is left as it is
     */
    Sweep(
            PlacementProblem p,
            Bounds bounds,
            double[] amount,
            GangLevels gangs,
            boolean anyGangs,
            GpuFill fill,
            double tolerance) {
        this.p = p;
        this.bounds = bounds;
        this.amount = amount;
        this.gangs = gangs;
        this.anyGangs = anyGangs;
        this.fill = fill;
        this.tolerance = tolerance;
        ratios = new Ratios(p, bounds, amount);
        if (anyGangs) {
            gangs.addUp(amount);
            gangs.rise(0);
        }
    }

    /** Passes once over all GPUs, up and down in turn. @return whether something changed beyond the tolerance */
    boolean pass() {
        boolean up = passes % 2 == 0;
        boolean first = passes == 0;
        boolean changed = false;
        for (int n = 0; n < p.gpus(); n++) {
            int g = up ? n : p.gpus() - 1 - n;
            if (unsettled(g, first)) {
                divide(g);
                changed = true;
            }
        }
        passes++;
        boolean rose = anyGangs && gangs.rise(tolerance);
        return changed || rose;
    }

    /** Whether the GPU is not full, over full, or gives to one tenant what is due to one with less. */
    private boolean unsettled(int g, boolean first) {
        if (anyGangs && gangs.on(g)) {
            return unsettledWithGangs(g);
        }
        return (first && notFull(g)) || ratios.unfair(g, tolerance);
    }

    /** Whether the GPU breaks a bound or leaves idle what is wanted; once it doesn't, it never will. */
    private boolean notFull(int g) {
        double sum = 0;
        double room = 0;
        double outside = 0;
        for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
            double x = amount[e];
            sum += x;
            room += bounds.most[e] - x;
            outside = Math.min(outside, Math.min(x - bounds.least[e], bounds.most[e] - x));
        }
        ratios.mark(g, amount);
        double rounding = Ratios.ROUNDING * p.capacity[g];
        double idle = p.capacity[g] - sum;
        return outside < 0 || idle < -rounding || Math.min(idle, room) > rounding;
    }

    private boolean unsettledWithGangs(int g) {
        double highestGiver = 0;
        double lowestTaker = Double.POSITIVE_INFINITY;
        double lowestReach = Double.POSITIVE_INFINITY;
        double sum = 0;
        double rounding = Ratios.ROUNDING * p.capacity[g];
        for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
            double x = amount[e];
            int i = p.tenantOf[e];
            double r = (gangs.elsewhere(e, ratios.total(i), x) + x / gangs.part(e, g)) / bounds.weight[i];
            double most = gangs.most(e, g);
            if (x < bounds.least[e] || x > most + rounding) {
                return true;
            }
            sum += x;
            if (x > bounds.least[e] + rounding) {
                highestGiver = Math.max(highestGiver, r);
            }
            if (x < most - rounding) {
                lowestTaker = Math.min(lowestTaker, r);
            }
            if (x < gangs.reach(e, g) - rounding) {
                lowestReach = Math.min(lowestReach, r);
            }
        }
        return unsettled(g, highestGiver, lowestTaker, sum) || unsettled(g, highestGiver, lowestReach, sum);
    }

    private boolean unsettled(int g, double highestGiver, double lowestTaker, double sum) {
        double left = p.capacity[g] - sum;
        double rounding = Ratios.ROUNDING * p.capacity[g];
        return highestGiver > lowestTaker * (1 + tolerance)
                || left < -rounding
                || (left > rounding && lowestTaker < Double.POSITIVE_INFINITY);
    }

    private void divide(int g) {
        int from = p.gpuStart[g];
        int size = p.gpuStart[g + 1] - from;
        double guess = 0;
        for (int k = 0; k < size; k++) {
            int e = from + k;
            int i = p.tenantOf[e];
            double part = anyGangs ? gangs.part(e, g) : 1;
            fill.slope[k] = bounds.weight[i] * part;
            fill.offset[k] =
                    part * (anyGangs ? gangs.elsewhere(e, ratios.total(i), amount[e]) : ratios.total(i) - amount[e]);
            fill.least[k] = bounds.least[e];
            fill.most[k] = anyGangs ? gangs.most(e, g) : bounds.most[e];
            guess = Math.max(guess, ratios.ratio(i));
        }
        double level = fill.fill(size, p.capacity[g], guess);
        for (int k = 0; k < size; k++) {
            int e = from + k;
            int i = p.tenantOf[e];
            double by = fill.amount[k] - amount[e];
            amount[e] = fill.amount[k];
            ratios.add(i, by);
            if (anyGangs) {
                gangs.changed(e, by);
            }
        }
        ratios.mark(g, amount);
        if (anyGangs && gangs.on(g)) {
            offer(g, level);
        }
    }

    /** Tells each gang on the GPU what it would get here if nothing held it elsewhere. */
    private void offer(int g, double level) {
        double rounding = Ratios.ROUNDING * p.capacity[g];
        int from = p.gpuStart[g];
        int size = p.gpuStart[g + 1] - from;
        for (int k = 0; k < size; k++) {
            int e = from + k;
            if (p.gangOf[e] >= 0) {
                double held = fill.most[k];
                double share = amount[e];
                if (share > held - rounding && held < bounds.most[e]) {
                    fill.most[k] = bounds.most[e];
                    fill.fill(size, p.capacity[g], level);
                    share = fill.amount[k];
                    fill.most[k] = held;
                }
                gangs.offer(e, share / p.capacity[g]);
            }
        }
    }
}
