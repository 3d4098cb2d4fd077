#!/usr/bin/env bash
# GPU memory of real processes under the real limiter, on the simulated driver. memory_test.sh CASE NATIVE_DIR TOOLS_DIR
set -euo pipefail
case=$1 native=$2 tools=$3
# shellcheck source=limiter-native/test/preload_lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/preload_lib.sh"

case $case in
  race)
    node a:1
    run --tenant a -- "$tools/race" $((1 << 30)) 8 >"$dir/race" 2>&1 &
    pid=$! most=0
    while kill -0 $pid 2>/dev/null; do
      held=$(ask a memory)
      ((held > most)) && most=$held
      sleep 0.01
    done
    wait $pid || { cat "$dir/race" >&2; fail "the race was lost"; }
    cat "$dir/race"
    ((most > 1 << 29 && most <= 1 << 30)) || fail "the node saw $most bytes held, of 1 GiB"
    is a anomalies 0 || fail "a is thought hostile: $(ask a anomalies)"
    eventually 10 is a memory 0
    ;;
  race-alone)
    run --share 100% --memory 1GiB --gpu sim -- "$tools/race" $((1 << 30)) 8
    ;;
  kinds)
    # steps KIND WANTED: what a kind shows after each of its steps, in MiB, under 1 GiB
    steps() {
      local out
      out=$(run --share 100% --memory 1GiB --gpu sim -- "$tools/kinds" "$1" </dev/null) || fail "$1 failed after: $out"
      out=$(tr '\n' ' ' <<<"$out")
      [[ $out == "$2 " ]] || fail "$1 gave $out and not $2"
    }
    export ALIQUOT_SIM_GPUS=2
    for gpu in 0 1; do # CUDA's device 0
      export CUDA_VISIBLE_DEVICES=$gpu
      steps pools "small 32 small-too 32 large 64 freed 64 waited 0 kept 128 reused 128 all 1024 refused 1024 all-pool 1024 \
refused 1024 trimmed 320 own-pool 64 own-pool-kept 32 destroyed 0"
      steps graphs "captured 0 instantiated 48 launched 48 two 64 refused 64 destroyed 0 all 1024 refused 1024 kept 48 trimmed 0"
      steps mappings "created 128 released 128 failed 128 one-of-two 128 retained 64 gone 0 refused 0 host 0 end 0"
      steps primary "allocated 256 released 0 pooled 256 reset 0"
    done
    ;;
  shown)
    node a:1
    mkfifo "$dir/steps"
    # begin KIND: runs it under a; its pauses end with `go`
    begin() { "$native/aliquot-run" --tenant a -- "$tools/kinds" "$1" <"$dir/steps" >"$dir/out.$1" & exec 7>"$dir/steps"; }
    go() { echo >&7; }
    begin host
    eventually 10 is a pinned $((15 * 1048576 + 8192))
    is a memory 0 || fail "pinned memory counts as the GPU's"
    go
    eventually 10 is a pinned $((32 * 1048576))
    go
    eventually 10 grep -q reset "$dir/out.host"
    is a pinned 0 || fail "what a reset context had pinned is still counted: $(ask a pinned)"
    exec 7>&-
    begin mappings
    eventually 10 is a pinned $((2048 * 1048576))
    is a memory 0 || fail "host memory counts as the GPU's"
    kill -9 $!
    eventually 2 is a pinned 0
    exec 7>&-
    begin ipc-owner
    eventually 10 grep -q . "$dir/out.ipc-owner"
    [[ $(run --tenant a -- "$tools/kinds" ipc-open "$(cat "$dir/out.ipc-owner")") == "opened 256
closed 256" ]] || fail "shared memory is not counted once"
    is a memory $((256 * 1048576)) || fail "the owner of shared memory has $(ask a memory)"
    ;;
  limit-lowered)
    node a:1
    mkfifo "$dir/input"
    "$native/aliquot-run" --tenant a -- "$tools/probe" hold $((600 << 20)) <"$dir/input" >"$dir/held" & exec 7>"$dir/input"
    eventually 10 grep -q held "$dir/held"
    ask a memory >/dev/null
    echo "memory $((512 << 20))" >&8
    while read -r -t 10 line <&9 && [[ $line != . ]]; do :; done
    is a memory $((600 << 20)) || fail "a lowered limit changed what is held"
    is a limit $((512 << 20)) || fail "the lowered limit does not show"
    [[ $(run --tenant a -- "$tools/probe" memory 1) == *"refused free=0 total=$((512 << 20))" ]] ||
      fail "memory was granted above a lowered limit"
    exec 7>&-
    eventually 2 is a memory 0
    [[ $(run --tenant a -- "$tools/probe" memory $((512 << 20))) == *"ok free=0 total=$((512 << 20))" ]] ||
      fail "no memory though it was freed"
    ;;
  *) fail "no such case" ;;
esac
