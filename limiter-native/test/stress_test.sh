#!/usr/bin/env bash
# Kills random tenants' programs, in the middle of whatever they do, and looks at every account when all is over.
#   limiter-native/test/stress_test.sh NATIVE_DIR TOOLS_DIR [SECONDS]      300 s when nothing is said
# Three tenants 1 : 2 : 5 on the simulated GPU, under the real limiter and node library: one program of each lives to the end,
# up to six more come and go. Prints the seed; SEED in the environment repeats the choices (not what the scheduler does).
set -euo pipefail
native=$1 tools=$2 seconds=${3:-300}
# shellcheck source=limiter-native/test/preload_lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/preload_lib.sh"
seed=${SEED:-$RANDOM}
RANDOM=$seed
tenants=(a b c) limit=$((1 << 30)) kept=$((96 << 20))
victims=() kills=0
echo "seed $seed, $seconds s"

# One more program, of a random tenant and kind.
start_victim() {
  local tenant=${tenants[RANDOM % 3]} kinds=(
    "$tools/probe churn"
    "$native/aliquot-tenant --interval 1s --iterations-per-ns 1 --kernel 100us --memory $((RANDOM % 128 + 1))MiB"
    "$native/aliquot-tenant --interval 1s --iterations-per-ns 1 --graph $((RANDOM % 8 + 1)) --kernel 200us"
    "$native/aliquot-tenant --interval 1s --iterations-per-ns 1 --burst 5 --kernel 500us --memory 1MiB")
  # shellcheck disable=SC2086
  "$native/aliquot-run" --tenant "$tenant" -- ${kinds[RANDOM % 4]} >/dev/null 2>>"$dir/victims.err" </dev/null &
  victims+=($!)
}
# Each is killed or, beside one that churns, finds no memory: aliquot-tenant says so by 3.
kill_one() {
  local i=$((RANDOM % ${#victims[@]})) status=0
  kill -9 "${victims[i]}" 2>/dev/null || true
  wait "${victims[i]}" 2>/dev/null || status=$?
  ((status == 137 || status == 3)) || fail "a program ended with $status: $(tail -n 3 "$dir/victims.err")"
  unset "victims[i]"
  victims=("${victims[@]}")
  kills=$((kills + 1))
}
descriptors() { find "/proc/$node_pid/fd" -mindepth 1 | wc -l; }
nothing_is_held() {
  local t
  for t in "${tenants[@]}"; do is "$t" processes "$1" && is "$t" memory "$2" || return 1; done
}
# GPU time that the node has charged to all tenants, ns
charged() {
  local t sum=0
  for t in "${tenants[@]}"; do sum=$((sum + $(ask "$t" gpu))); done
  echo $sum
}

node a:1 b:2 c:5
idle_descriptors=$(descriptors)
began_ns=$(date +%s%N)
for t in "${tenants[@]}"; do tenant "$t" --memory $kept; done
for t in "${tenants[@]}"; do eventually 10 runs "$t"; done
alone=$(ask a memory) # what one such program holds
end=$((SECONDS + seconds))
while ((SECONDS < end)); do
  if ((${#victims[@]} == 6 || (${#victims[@]} > 0 && RANDOM % 3 == 0))); then kill_one; else start_victim; fi
  sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
  for t in "${tenants[@]}"; do (($(ask "$t" memory) <= limit)) || fail "$t has $(ask "$t" memory) bytes of $limit"; done
done
while ((${#victims[@]} > 0)); do kill_one; done
eventually 5 nothing_is_held 1 "$alone"
echo "$kills programs killed; the others still hold what they held"

shares_are 125 250 625

own=0
for t in "${tenants[@]}"; do own=$((own + $(gpu "$t"))); done
spent=$(charged) passed=$(($(date +%s%N) - began_ns))
echo "GPU time: $((spent / 1000000)) ms charged of $((passed / 1000000)) ms; the programs that live report $((own / 1000000)) ms"
((spent <= passed + passed / 50)) || fail "more GPU time was charged than there was"
((spent >= own - own / 50)) || fail "less GPU time was charged than the living programs used"
for t in "${tenants[@]}"; do
  is "$t" anomalies 0 || fail "$t is thought hostile: $(ask "$t" anomalies)"
  kill -9 "${tenant_pid[$t]}"
  wait "${tenant_pid[$t]}" 2>/dev/null || true
done
eventually 5 nothing_is_held 0 0
(($(descriptors) == idle_descriptors)) || fail "the node has $(descriptors) descriptors, $idle_descriptors at the start"
[[ $(LD_LIBRARY_PATH=$native/sim "$tools/probe" memory) == "start free=85899345920 total=85899345920" ]] ||
  fail "the simulated GPU has lost memory"
(($(charged) <= $(date +%s%N) - began_ns)) && (($(charged) >= spent)) || fail "what was charged has changed"
