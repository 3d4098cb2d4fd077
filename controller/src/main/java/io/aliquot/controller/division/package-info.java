/**
 * From what every GPU's tenants want to what they get: entitlements down the tree ({@code fairshare}), brought to GPUs
 * ({@code placement}), with what is guaranteed, and what a node needs to hold to it between two ticks. Pure.
 */
@NullMarked
package io.aliquot.controller.division;

import org.jspecify.annotations.NullMarked;
