/** The demo: three tenants share a GPU exactly, and a witness of their own says so. */
@NullMarked
package io.aliquot.cli.demo;

import org.jspecify.annotations.NullMarked;
