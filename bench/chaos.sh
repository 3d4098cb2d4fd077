#!/usr/bin/env bash
# What breaks and comes back: three brokers, two controllers, three agents and six tenants on simulated GPUs, each a process.
#   bench/chaos.sh [PART...]
# PART: failover processes brokers network disk clock log; without one, all, about twenty minutes. As root on Linux each process
# is on a host of its own (network namespaces, /tmp mounts); otherwise `network` and `disk` are skipped and say so.
# Prints tables; exit code 1 when something was lost, a tenant was unlimited or stopped, or shares did not come back.
# docs/results/chaos.md has a run.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
lab io.aliquot.cli.process.ChaosMain "$@"
