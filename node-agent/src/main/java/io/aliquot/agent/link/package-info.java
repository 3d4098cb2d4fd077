/** Kafka: telemetry out, decisions in, and the last decision on disk. The only place of Protobuf in the agent. */
@NullMarked
package io.aliquot.agent.link;

import org.jspecify.annotations.NullMarked;
