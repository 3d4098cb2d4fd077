#!/usr/bin/env bash
# A cluster at work for long, with one of its processes killed now and then: what each process holds, as a table and a plot.
#   bench/soak.sh [--minutes M] [--kill-every SECONDS] [--nodes N] [--load COMMAND] [--seed S] [--out FOLDER]
# Three brokers, two controllers, three agents with two tenants each, N simulated nodes that report once a second (100), and
# changes of quotas ten times a second. COMMAND makes more load, such as bench/bus; the brokers are in $ALIQUOT_KAFKA.
# 30 minutes, a kill every 60 seconds. FOLDER gets soak.csv and soak.svg (cli/target/soak). Exit code 1 when something was lost,
# a tenant was unlimited or stopped, or shares did not come back.
set -euo pipefail
minutes=30 kills=60 nodes=100 load= seed=1 out=
while (($# > 0)); do
  case $1 in
    --minutes) minutes=$2 ;;
    --kill-every) kills=$2 ;;
    --nodes) nodes=$2 ;;
    --load) load=$2 ;;
    --seed) seed=$2 ;;
    --out) out=$2 ;;
    *) sed -n 's/^# \?//p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
out=${out:-$root/cli/target/soak}
mkdir -p "$out"
status=0
(lab io.aliquot.cli.process.SoakMain "$minutes" "$out/soak.csv" "$kills" "$seed" "$nodes" "$load") || status=$?
python3 "$root/bench/soak_plot.py" "$out"
exit $status
