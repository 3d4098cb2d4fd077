/** How Aliquot's programs reach Kafka: addresses, credentials, what each may do there, and what it means to be refused. */
@NullMarked
package io.aliquot.schema.kafka;

import org.jspecify.annotations.NullMarked;
