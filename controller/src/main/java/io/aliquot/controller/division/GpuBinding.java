package io.aliquot.controller.division;

/** What keeps a tenant's share of one GPU from being larger. */
public enum GpuBinding {
    /** It has all that it wants there. */
    DEMAND,
    /** A hard ceiling of its own or above it. */
    CEILING,
    /** Its work is one job, and another of its GPUs has no more for it. */
    GANG,
    /** The GPU is not meant for it, or it has tenants in it: it gets what nobody else wants. */
    LEFTOVER,
    /** Others have the rest, by what they are entitled to. */
    OTHERS
}
