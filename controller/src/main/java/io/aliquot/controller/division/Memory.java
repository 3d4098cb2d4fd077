package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.BurstCredit;
import io.aliquot.controller.fairshare.Damping;
import io.aliquot.controller.fairshare.Entitlements;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.TenantValues;
import io.aliquot.controller.fairshare.UsageHistory;

/** What one tick leaves to the next. Immutable; replays to the same bits. */
record Memory(UsageHistory.State history, BurstCredit.State credit, Damping.State damping) {
    static Memory none(PolicyTree tree) {
        return new Memory(UsageHistory.State.none(tree), BurstCredit.State.start(tree), Damping.State.none(tree));
    }

    /** The same under another policy. */
    Memory on(PolicyTree tree) {
        return new Memory(history.on(tree), credit.on(tree), damping);
    }

    /** @param seconds since the tick before */
    Memory next(Entitlements now, TenantValues use, double seconds) {
        return new Memory(
                UsageHistory.next(history, now, use, seconds),
                BurstCredit.next(credit, now, seconds),
                Damping.next(damping, now).state());
    }
}
