package io.aliquot.cli.simulation;

/** What is broken on purpose, to see that the simulation can fail. */
enum Broken {
    NOTHING,
    /** An agent forgets, before each decision, what it last accepted. */
    AGENT_FORGETS_ITS_FENCE,
    /** A holder of the lease acts on, however old its last heartbeat is. */
    LEADER_IGNORES_EXPIRY,
    /** A leader counts its decisions under the term of the one before. */
    LEADER_TAKES_AN_OLDER_TERM,
    /** The broker takes transactions of controllers that were shut out. */
    BROKER_FENCES_NO_TRANSACTION,
    /** A new leader begins with the quotas that it knew when it started. */
    LEADER_READS_NO_HISTORY,
    /** An agent's clock stands still. */
    AGENT_NEVER_LOOKS_AT_ITS_CLOCK,
    /** A controller does not look whether the lease topic is still the one that it knew. */
    LEADER_TRUSTS_AN_OLD_TOPIC_ID
}
