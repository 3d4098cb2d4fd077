/** What each part of Aliquot may do in Kafka, for an operator to grant. */
@NullMarked
package io.aliquot.cli.acls;

import org.jspecify.annotations.NullMarked;
