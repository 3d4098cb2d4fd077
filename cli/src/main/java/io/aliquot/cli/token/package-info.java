/** Tokens for the HTTP APIs. */
@NullMarked
package io.aliquot.cli.token;

import org.jspecify.annotations.NullMarked;
