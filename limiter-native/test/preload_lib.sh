# shellcheck shell=bash
# Real processes under the real limiter, on the simulated driver: sourced with `native` and `tools` set, it makes a folder `dir`
# that goes with the script, as does all that the script has started.
declare -A tenant_pid
uuid=GPU-616c6971-756f-742d-7369-6d2d67707500 # the simulator's first GPU
dir=$(mktemp -d /tmp/aliquot-preload-XXXXXX)
export ALIQUOT_SIM=$dir/sim ALIQUOT_RUN_DIR=$dir/run
unset ALIQUOT_TOKEN ALIQUOT_SHARE ALIQUOT_MEMORY ALIQUOT_GROUP ALIQUOT_NAME ALIQUOT_LOG ALIQUOT_CONFIG LD_PRELOAD \
  CUDA_VISIBLE_DEVICES ${!CUDA_DEVICE_@} ${!TENSOR_FUSION_@} ${!VCUDA_@}
cleanup() {
  trap - EXIT
  # shellcheck disable=SC2046
  kill -9 $(jobs -p) 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
# watched COMMAND...: the command, with its exit code; what hangs says where every thread is, and is killed
watched() {
  "$@" &
  local pid=$! i
  for ((i = 0; i < 1500; i++)); do
    kill -0 $pid 2>/dev/null || break
    sleep 0.02
  done
  if ((i == 1500)); then
    echo "hangs: $*" >&2
    for task in /proc/$pid/task/*; do echo "$(cat $task/comm) in $(cat $task/wchan), system call $(cat $task/syscall)" >&2; done
    kill -9 $pid
  fi
  wait $pid
}
run() { watched "$native/aliquot-run" "$@"; }

# node TENANT:WEIGHT...: starts a node; `ask` gives its snapshot
node() {
  rm -f "$dir/in" "$dir/out"
  mkfifo "$dir/in" "$dir/out"
  "$tools/node_host" "$ALIQUOT_RUN_DIR" $uuid $((1 << 30)) "$@" <"$dir/in" >"$dir/out" &
  node_pid=$!
  exec 8>"$dir/in" 9<"$dir/out"
  read -r -t 10 line <&9 && [[ $line == ready ]] || fail "the node did not start"
  printf 'LD_LIBRARY_PATH=%s\nALIQUOT_SIM=%s\n' "$native/sim" "$ALIQUOT_SIM" >"$ALIQUOT_RUN_DIR/run.env"
}
# ask TENANT FIELD: a figure of the node's snapshot
ask() {
  echo "" >&8
  local answer=""
  while read -r -t 10 line <&9 && [[ $line != . ]]; do
    if [[ $line == "$1 "* && $line =~ \ $2=([0-9]+) ]]; then answer=${BASH_REMATCH[1]}; fi
  done
  echo "${answer:-0}"
}
# eventually SECONDS COMMAND...: until the command holds
eventually() {
  local end=$((SECONDS + $1)); shift
  until "$@"; do ((SECONDS < end)) || fail "not in time: $*"; sleep 0.05; done
}
is() { [[ $(ask "$1" "$2") == "$3" ]]; }
tenant() { "$native/aliquot-run" --tenant "$1" -- "$native/aliquot-tenant" --name "$1" --kernel 200us --interval 100ms "${@:2}" >"$dir/$1.json" 2>"$dir/$1.err" </dev/null & tenant_pid[$1]=$!; }
# gpu TENANT: GPU nanoseconds that its own last line reports
gpu() { tail -n 1 "$dir/$1.json" 2>/dev/null | sed -n 's/.*"gpuNs":\([0-9]*\).*/\1/p'; }
runs() { [[ -n $(gpu "$1") ]] && (($(gpu "$1") > 0)); }
# permille_over SECONDS TENANT: its share of the wall clock
permille_over() {
  local before after
  before=$(gpu "$2"); sleep "$1"; after=$(gpu "$2")
  echo $(((after - before) / ($1 * 1000000)))
}
# shares_are PERMILLE...: of the GPU time that tenants a, b and c report, within 50; a busy machine may spoil a span or two
shares_are() {
  local want=("$@") before after used i sum share missed
  for _ in 1 2 3; do
    before=($(gpu a) $(gpu b) $(gpu c)); sleep 4; after=($(gpu a) $(gpu b) $(gpu c))
    sum=0 missed=
    for i in 0 1 2; do used[i]=$((after[i] - before[i])); sum=$((sum + used[i])); done
    for i in 0 1 2; do
      share=$((used[i] * 1000 / sum))
      echo "tenant $i: $share permille of ${want[i]}"
      ((share > want[i] - 50 && share < want[i] + 50)) || missed="tenant $i has $share permille, not ${want[i]}"
    done
    [[ -n $missed ]] || return 0
  done
  fail "$missed"
}
