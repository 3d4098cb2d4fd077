#!/usr/bin/env bash
# What the bus carries: a broker, a controller and many played nodes, and how long a decision takes to be in force.
#   bench/bus.sh --nodes 1000 --hz 10 --for 30     one run: how it goes, the hops, a line of CSV
#   bench/bus.sh --growth                          the runs of docs/results/bus.md: its table and its plots
#   bench/bus.sh --plot                            the plots alone, from the table
# Options of a run: --nodes N, --hz R, --tenants N in the cluster (four on each GPU), --warm-up S, --for S, --links N.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=docs/results

build() {
    ./mvnw -q -pl schemas,controller,node-agent,cli -DskipTests package </dev/null
    . build/find-java.sh
    find_java
}

run() {
    local dir code=0
    dir=$(mktemp -d)
    "$JAVA_FOUND/bin/java" -Xmx2g -XX:+UseSerialGC -cp "cli/target/test-classes:cli/target/classes:$(cat cli/target/class-path)" \
        io.aliquot.cli.bus.BusBench --dir "$dir" "$@" </dev/null || code=$?
    ((code == 0)) || tail -n 5 "$dir"/*.err >&2
    rm -rf "$dir"
    return $code
}

case ${1:-} in
    --plot) ;;
    --growth)
        build
        {
            "$JAVA_FOUND/bin/java" -cp "cli/target/test-classes:cli/target/classes:$(cat cli/target/class-path)" io.aliquot.cli.bus.BusBench --head
            for nodes in 100 300 1000; do run --nodes $nodes --hz 10; done
            for nodes in 1000 3000 10000; do run --nodes $nodes --hz 1; done
        } | tee $out/bus.csv
        ;;
    *)
        build
        run "$@"
        exit
        ;;
esac
python3 bench/bus_plot.py $out
