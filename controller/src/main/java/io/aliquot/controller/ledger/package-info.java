/** Quotas, audits and the claim of the term, written to Kafka in transactions. */
@NullMarked
package io.aliquot.controller.ledger;

import org.jspecify.annotations.NullMarked;
