/** What Kafka holds of a time that is to be replayed: read from the topics, or saved to a file and read from there. */
@NullMarked
package io.aliquot.controller.recording;

import org.jspecify.annotations.NullMarked;
