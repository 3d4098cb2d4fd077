#!/usr/bin/env bash
# What a tick of the placement costs and how far it is from fair: tables and plots in docs/results/placement*.
#   bench/placement.sh            all of it, about five minutes
#   bench/placement.sh --plot     the plots alone, from the tables
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=docs/results
package=io.aliquot.controller.placement
maven=(./mvnw -q -Pbench -pl controller -am -DskipTests test)

if [[ ${1:-} != --plot ]]; then
    "${maven[@]}" -Dbench.main=$package.RoundsAgainstError | tee $out/placement-errors.csv
    "${maven[@]}" -Dbench.main=$package.LargeClusterErrors
    "${maven[@]}" -Dbench.args="PlacementBenchmark -rf csv -rff target/placement.csv" >controller/target/placement.log
    "${maven[@]}" -Dbench.args=ExactBenchmark | grep -A9 "^Benchmark"
    # Percentiles are rows of their own; the mean, the 99th and the largest are kept.
    grep -E '^"Benchmark"|(cold|warm|:p0\.99|:p1\.00)",' controller/target/placement.csv | tr -d '\r' | tee $out/placement-times.csv
fi
python3 bench/placement_plot.py $out
