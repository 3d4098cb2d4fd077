/** {@code aliquot nodes}: the nodes of a cluster, and what is in force on them. */
@NullMarked
package io.aliquot.cli.nodes;

import org.jspecify.annotations.NullMarked;
