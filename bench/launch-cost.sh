#!/usr/bin/env bash
# What the limiter adds to a launch, in nanoseconds of CPU: cuLaunchKernel and cuGraphLaunch, 10^6 calls a figure.
#   bench/launch-cost.sh [--gpu] [--launches N] [--repeats N] [NATIVE]
# Without --gpu on a driver that does nothing: all that is left is the limiter's own. NATIVE is a folder with libaliquot.so,
# libaliquot-node.so and aliquot-run: the build's by default, or the archive's native/.
#   off        preloaded, with nothing set
#   alone      one tenant under a live arbiter, nobody else
#   contended  an open turn that others wait for; a launch that never waits
# Needs a C compiler; for --gpu, an NVIDIA GPU.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
gpu=no launches=1000000 repeats=11 native=$root/limiter-native/target/native
while (($# > 0)); do
  case $1 in
    --gpu) gpu=yes ;;
    --launches) launches=$2; shift ;;
    --repeats) repeats=$2; shift ;;
    -*) sed -n 's/^# \?//p;2q' "$0" >&2; exit 2 ;;
    *) native=$(cd "$1" && pwd) ;;
  esac
  shift
done
dir=$(mktemp -d)
host=
cleanup() {
  trap - EXIT
  [[ -z $host ]] || kill -9 "$host" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT

compile() { "${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -I "$root/limiter-native/include" "$@" -ldl -lpthread; }
compile -o "$dir/launch_cost" "$root/bench/launch/launch_cost.c"
compile -o "$dir/turn_host" "$root/bench/launch/turn_host.c"
compile -o "$dir/node_host" "$root/limiter-native/test/node_host.c" "$native/libaliquot-node.so" -Wl,-rpath,"$native"
if [[ $gpu == yes ]]; then
  uuid=$(nvidia-smi --query-gpu=uuid --format=csv,noheader | head -1)
  echo "machine: $(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader | head -1), $(nproc) cores"
else
  uuid=GPU-00000000-0000-0000-0000-000000000000
  compile -shared -fPIC -o "$dir/libcuda.so.1" "$root/bench/launch/noop_driver.c"
  export LD_LIBRARY_PATH=$dir
  echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, a driver that does nothing"
fi

# serve COMMAND...: starts a host and waits until it is ready; under: runs the measurement with what follows it
serve() {
  rm -rf "$dir/run" && mkdir "$dir/run" && rm -f "$dir/in" "$dir/out" && mkfifo "$dir/in" "$dir/out"
  "$@" <"$dir/in" >"$dir/out" &
  host=$!
  exec 8>"$dir/in" # held open: node_host ends with its input
  read -r line <"$dir/out" && [[ $line == ready ]]
}
end_host() { kill -9 "$host"; wait "$host" 2>/dev/null || true; host=; }
measure() { "$dir/launch_cost" "$1" "$launches" "$repeats"; }

printf '%-12s%-16s%10s%10s%10s%10s\n' CASE CALL 'DRIVER ns' 'ADDED ns' LEAST MOST
LD_PRELOAD=$native/libaliquot.so measure off
serve "$dir/node_host" "$dir/run" "$uuid" 0 a:1
"$native/aliquot-run" --run-dir "$dir/run" --tenant a -- "$dir/launch_cost" alone "$launches" "$repeats"
end_host
serve "$dir/turn_host" "$dir/run" "$uuid"
ALIQUOT_SOCKET=$dir/run/sock/agent.sock ALIQUOT_TOKEN=00000000000000000000000000000000 \
  LD_PRELOAD=$native/libaliquot.so measure contended
end_host
