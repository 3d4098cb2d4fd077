/** Tenants' quotas, through the controller's API. */
@NullMarked
package io.aliquot.cli.tenants;

import org.jspecify.annotations.NullMarked;
