/** The controller over HTTP. */
@NullMarked
package io.aliquot.controller.api;

import org.jspecify.annotations.NullMarked;
