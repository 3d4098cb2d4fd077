/** Quotas, audits and the usage ledger, written to Kafka in transactions. */
@NullMarked
package io.aliquot.controller.ledger;

import org.jspecify.annotations.NullMarked;
