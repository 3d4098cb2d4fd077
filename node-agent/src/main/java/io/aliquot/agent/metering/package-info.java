/** Pure: what each tenant used between two snapshots. */
@NullMarked
package io.aliquot.agent.metering;

import org.jspecify.annotations.NullMarked;
