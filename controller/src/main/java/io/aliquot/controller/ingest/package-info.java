/** From Kafka into the state: topics, rebuild, telemetry and quota requests. */
@NullMarked
package io.aliquot.controller.ingest;

import org.jspecify.annotations.NullMarked;
