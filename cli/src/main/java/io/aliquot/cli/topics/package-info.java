/** {@code aliquot topics}: what the topics on Kafka should be, and what differs. */
@NullMarked
package io.aliquot.cli.topics;

import org.jspecify.annotations.NullMarked;
