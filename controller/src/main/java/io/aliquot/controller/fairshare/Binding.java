package io.aliquot.controller.fairshare;

/** What keeps a tenant's entitlement from being larger. */
public enum Binding {
    /** It has all that it wants. */
    DEMAND,
    /** Its own ceiling. */
    CEILING,
    /** It has all that its parent has: look at the parent. */
    PARENT,
    /** Floors under its parent that can't all be met: an alert. */
    UNMET_FLOOR,
    /** Its weight would give it less: its floor holds it up, and others take the rest. */
    FLOOR,
    /** Siblings of a higher class go first. */
    PRIORITY,
    /** Siblings with more burst credit borrow first, and it has no more than its guaranteed part. */
    CREDIT,
    /** Its weight beside those of its siblings. */
    WEIGHT
}
