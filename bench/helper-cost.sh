#!/usr/bin/env bash
# What the limiter's own thread costs: CPU time and how often it goes to sleep, by what the program does.
#   bench/helper-cost.sh [--gpu] [--seconds N] [NATIVE]
# Without --gpu on the simulated GPU. NATIVE is a folder with libaliquot.so, libaliquot-node.so, aliquot-run and aliquot-tenant:
# the build's by default, or the archive's native/. Needs a C compiler; for --gpu, an NVIDIA GPU.
# Exit code 0: at most 2 % of a core in each busy case, and not once awake while idle.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
simulated=() gpu=no seconds=10 native=$root/limiter-native/target/native
while (($# > 0)); do
  case $1 in
    --gpu) gpu=yes ;;
    --seconds) seconds=$2; shift ;;
    -*) sed -n 's/^# \?//p' "$0" >&2; exit 2 ;;
    *) native=$(cd "$1" && pwd) ;;
  esac
  shift
done
dir=$(mktemp -d)
cleanup() {
  trap - EXIT
  # shellcheck disable=SC2046
  kill -9 $(jobs -p) 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT

"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -I "$root/limiter-native/include" -o "$dir/node_host" \
  "$root/limiter-native/test/node_host.c" "$native/libaliquot-node.so" -Wl,-rpath,"$native" -lpthread
export ALIQUOT_RUN_DIR=$dir/run
mkdir "$ALIQUOT_RUN_DIR"
if [[ $gpu == yes ]]; then
  uuid=$(nvidia-smi --query-gpu=uuid --format=csv,noheader | head -1)
  echo "machine: $(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader | head -1), $(nproc) cores"
else
  uuid=GPU-616c6971-756f-742d-7369-6d2d67707500
  export ALIQUOT_SIM=$dir/sim LD_LIBRARY_PATH=$native/sim
  simulated=(--iterations-per-ns 1)
  echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, simulated GPU"
fi
mkfifo "$dir/in" "$dir/out" "$dir/idle"
"$dir/node_host" "$ALIQUOT_RUN_DIR" "$uuid" 0 a:1 b:1 <"$dir/in" >"$dir/out" &
exec 7>"$dir/in" 8<>"$dir/idle" # held open: programs end with their input
read -r line <"$dir/out" && [[ $line == ready ]]

# start TENANT OPTION...: a program of a tenant; its pid is $!
start() { "$native/aliquot-run" --tenant "$1" -- "$native/aliquot-tenant" "${simulated[@]}" "${@:2}" >/dev/null 2>&1 <"$dir/idle" & }
# helper PID: its limiter's thread
helper() { grep -lx aliquot "/proc/$1"/task/*/comm | sed 's|/comm$||'; }
spent_ns() { cut -d ' ' -f 1 "$1/schedstat"; }
slept() { sed -n 's/^voluntary_ctxt_switches:\s*//p' "$1/status"; }
missed=0
# measure CASE PID LIMIT: LIMIT in % of a core; 0 also allows no wake-up
measure() {
  local task before_ns before used wakes # used: hundredths of a percent
  task=$(helper "$2")
  before_ns=$(spent_ns "$task") before=$(slept "$task")
  sleep "$seconds"
  used=$((($(spent_ns "$task") - before_ns) / (seconds * 100000)))
  wakes=$(($(slept "$task") - before))
  printf '%-34s%9d.%d%%%12d\n' "$1" $((used / 100)) $((used / 10 % 10)) $((wakes / seconds))
  if ((used > $3 * 100 || ($3 == 0 && wakes > 0))); then missed=1; fi
}
end_all() { kill -9 "$@"; wait "$@" 2>/dev/null || true; }

printf '%-34s%11s%12s\n' CASE 'OF A CORE' 'SLEEPS/s'
for options in '--kernel 10us' '--kernel 200us' '--kernel 10ms' '--graph 8 --kernel 110us' '--depth 1 --kernel 200us --gap 300us'; do
  # shellcheck disable=SC2086
  start a $options; program=$!
  sleep 2
  measure "$options" $program 2
  end_all $program
done
start a --kernel 200us; program=$!
start b --kernel 200us; other=$!
sleep 2
measure '--kernel 200us beside another' $program 2
end_all $other
echo pause >&8
sleep 2
measure 'idle' $program 0
end_all $program
exit $missed
