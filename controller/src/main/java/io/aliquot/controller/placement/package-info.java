/**
 * Which part of each GPU a tenant gets, from an entitlement that spans the whole cluster: pure functions over arrays of
 * numbers, and the JDK alone. Tenants, GPUs and edges are indices from 0; whoever calls knows their names.
 *
 * <p>Units: GPU-equivalents. A GPU of speed factor c has c of them; a share is the part of one GPU's time, 0 to 1.
 *
 * <p>The objective is constrained weighted max-min (Ghodsi, Zaharia, Shenker, Stoica: Choosy, EuroSys 2013): with X_i the sum of
 * what tenant i gets and E_i its entitlement, the sorted vector of X_i/E_i is lexicographically largest. What the tenants can get
 * together is a polymatroid, so the same X minimises Σ X_i²/(2·E_i) (Fujishige: Lexicographically optimal base of a polymatroid
 * with respect to a weight vector, Mathematics of Operations Research 5(2), 1980). Both solvers and the certificate rest on that.
 */
package io.aliquot.controller.placement;
