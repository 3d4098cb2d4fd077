/** Measurements that the documentation quotes. */
@NullMarked
package io.aliquot.cli.bench;

import org.jspecify.annotations.NullMarked;
