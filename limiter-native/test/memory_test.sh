#!/usr/bin/env bash
# GPU memory of real processes under the real limiter, on the simulated driver. memory_test.sh CASE NATIVE_DIR TOOLS_DIR
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
  *) fail "no such case" ;;
esac
