/** Who gets how much of a cluster, and of one GPU: pure functions over numbers, and the JDK alone. */
package io.aliquot.controller.fairshare;
