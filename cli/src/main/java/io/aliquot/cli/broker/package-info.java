/** A Kafka broker inside this process, for one machine, tests and the demo. */
@NullMarked
package io.aliquot.cli.broker;

import org.jspecify.annotations.NullMarked;
