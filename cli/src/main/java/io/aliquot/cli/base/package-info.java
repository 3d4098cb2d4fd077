/** What every command shares: exit codes, errors, clean ends, where things lie. */
@NullMarked
package io.aliquot.cli.base;

import org.jspecify.annotations.NullMarked;
