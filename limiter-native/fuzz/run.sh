#!/usr/bin/env bash
# Fuzzes what tenants can write: the usage page, the node's socket, the settings. Needs clang with its libFuzzer (Debian: clang
# and libclang-rt-14-dev).
#   limiter-native/fuzz/run.sh [SECONDS [settings|usage|socket]]      all three side by side, 600 s when nothing is said
# What is found lies in target/fuzz/NAME/: new inputs in corpus/, those that fail beside it. Exit code 0: none failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-600} names=${2:-settings usage socket}
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
pids=() failed=0
for name in $names; do
  out=target/fuzz/$name
  mkdir -p "$out/corpus"
  target/cmake-fuzz/fuzz/${name}_fuzz -max_total_time="$seconds" -timeout=10 -max_len=2000 -artifact_prefix="$out/" \
    "$out/corpus" fuzz/corpus/"$name" >"$out/log" 2>&1 &
  pids+=($!)
done
i=0
for name in $names; do
  result=ok
  wait "${pids[i++]}" || result=FAILED failed=1
  echo "$name: $result: $(grep -E '^#[0-9]+|^Done' target/fuzz/"$name"/log | tail -n 1) (limiter-native/target/fuzz/$name)"
done
exit $failed
