/** Who may use a program's HTTP API: bearer tokens with roles, from a file, and TLS. */
@NullMarked
package io.aliquot.schema.http;

import org.jspecify.annotations.NullMarked;
