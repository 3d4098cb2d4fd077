#!/usr/bin/env bash
# The proof of first light on a real GPU, from nothing but the archive:
#   bench/gpu/first-light.sh ARCHIVE [demo] [training] [query]        (all three when none is named)
# demo      the demo on the real GPU: three tenants 1 : 2 : 5, idle and back, a weight changed through Kafka; within 3 points
# training  three PyTorch training loops as tenants 1 : 2 : 5 under `aliquot run`; each one's share of the throughput that
#           one loop has alone, within 5 points of its target
# query     what a tenant sees of the GPU's memory: its limit
# Needs: an NVIDIA GPU and its driver; for training, python3 with PyTorch. No Java. Exit code 0: all within the bounds.
set -euo pipefail
archive=${1:?the archive: cli/target/aliquot-VERSION-linux-x86_64.tar.xz}
shift
parts=${*:-demo training query}
dir=$(mktemp -d)
up_pid=
cleanup() {
  trap - EXIT
  [[ -z $up_pid ]] || { kill "$up_pid" 2>/dev/null && wait "$up_pid" 2>/dev/null; } || true
  rm -rf "$dir"
}
trap cleanup EXIT INT TERM
tar -xf "$archive" -C "$dir" --strip-components=1
aliquot=$dir/aliquot gpu=$dir/bench/gpu
export ALIQUOT_RUN_DIR=$dir/run
echo "date:    $(date -u +%F)"
echo "machine: $(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | head -1), $(nproc) cores"
echo "archive: $(basename "$archive")"
missed=0

start_up() {
  [[ -z $up_pid ]] || return 0
  "$aliquot" up --gpu real --state "$dir/state" --http-port 0 --agent-port 0 --kafka-port 0 >"$dir/up.log" 2>&1 &
  up_pid=$!
  for _ in $(seq 200); do
    [[ -e $ALIQUOT_RUN_DIR/up.json ]] && break
    kill -0 $up_pid 2>/dev/null || { cat "$dir/up.log"; exit 1; }
    sleep 0.1
  done
  "$aliquot" tenants set a --weight 1 --memory 32GiB
  "$aliquot" tenants set b --weight 2 --memory 32GiB
  "$aliquot" tenants set c --weight 5 --memory 32GiB
}

part_demo() {
  echo; echo "== the demo on the real GPU"
  NO_COLOR=1 "$aliquot" demo --gpu real --for 45s --output json >"$dir/demo.json" 2>"$dir/demo.log" || missed=1
  sed -n '/^Summary/,$p' "$dir/demo.log"
  tail -n 1 "$dir/demo.json"
}

part_training() {
  echo; echo "== three training loops (a small transformer, bf16) 1 : 2 : 5"
  python3 "$gpu/train.py" --name alone --seconds 10 >"$dir/alone.json"
  local alone
  alone=$(python3 "$gpu/shares.py" --rate --field steps "$dir/alone.json")
  echo "alone, without Aliquot: $alone steps/s"
  start_up
  "$aliquot" run --tenant c -- python3 "$gpu/train.py" --name c --seconds 10 >"$dir/one.json"
  echo "alone, under Aliquot:   $(python3 "$gpu/shares.py" --rate --field steps "$dir/one.json") steps/s"
  local pids=()
  for tenant in a b c; do
    "$aliquot" run --tenant $tenant -- python3 "$gpu/train.py" --name $tenant --seconds 40 >"$dir/$tenant.json" &
    pids+=($!)
  done
  sleep 25
  "$aliquot" tenants list || true
  wait "${pids[@]}"
  python3 "$gpu/shares.py" --field steps --alone "$alone" --target a=125 --target b=250 --target c=625 --within 50 \
    "$dir"/[abc].json || missed=1
}

part_query() {
  echo; echo "== what a tenant with a limit of 32 GiB sees"
  start_up
  local smi torch
  smi=$("$aliquot" run --tenant a -- nvidia-smi --query-gpu=memory.total --format=csv,noheader)
  torch=$("$aliquot" run --tenant a -- python3 -c '
import torch
print(torch.cuda.mem_get_info()[1], torch.cuda.get_device_properties(0).total_memory)
try:
    torch.empty(33 << 30, dtype=torch.uint8, device="cuda")
    print("33 GiB were allocated")
except torch.OutOfMemoryError:
    print("33 GiB were refused")')
  echo "nvidia-smi: $smi"
  echo "torch:      $torch" | tr '\n' ' '; echo
  [[ $smi == "32768 MiB" && $torch == "34359738368 34359738368"*refused ]] || missed=1
}

for part in $parts; do "part_$part"; done
echo
if ((missed)); then echo "MISSED: see above"; else echo "ALL WITHIN THEIR BOUNDS"; fi
exit $missed
