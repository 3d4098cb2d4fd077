#!/usr/bin/env bash
# What a tenant sees of a real GPU, asked by the real nvidia-smi (and PyTorch, where it is), from nothing but the archive:
#   bench/gpu/view.sh ARCHIVE
# Two tenants with work: each sees its own limit, memory, processes and utilisation, and nothing of the other's. Then settings
# without an agent: by index, by UUID, by the names of other limiters; the GPU's name; PIDs in a PID namespace.
# Needs: an NVIDIA GPU and its driver; root for the PID namespace. Exit code 0: everything as it should be.
set -euo pipefail
archive=${1:?the archive: cli/target/aliquot-VERSION-linux-x86_64.tar.xz}
dir=$(mktemp -d)
cleanup() {
  trap - EXIT
  # shellcheck disable=SC2046
  kill $(jobs -p) 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT INT TERM
tar -xf "$archive" -C "$dir" --strip-components=1
aliquot=$dir/aliquot native=$dir/native
export ALIQUOT_RUN_DIR=$dir/run
gpu=$(nvidia-smi --query-gpu=uuid --format=csv,noheader | head -1)
echo "date:    $(date -u +%F)"
echo "machine: $(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | head -1), $(nproc) cores"
echo "archive: $(basename "$archive")"
missed=0
printf '%-58s %-26s %-26s\n' WHAT SHOULD SEEN
# row WHAT SHOULD SEEN: SHOULD is a text, or two bounds as 10..20
row() {
  local good=no
  if [[ $2 == *..* ]]; then
    [[ $3 =~ ^[0-9]+$ ]] && ((${2%..*} <= $3 && $3 <= ${2#*..})) && good=yes
  elif [[ $2 == "$3" ]]; then good=yes; fi
  printf '%-58s %-26s %-26s %s\n' "$1" "$2" "$3" "$([[ $good == yes ]] || echo MISSED)"
  [[ $good == yes ]] || missed=1
}
ask() { nvidia-smi -i 0 --query-gpu="$1" --format=csv,noheader,nounits; }
pids() { nvidia-smi -i 0 --query-compute-apps=pid --format=csv,noheader | sort -n | xargs; }
as() { local tenant=$1; shift; "$aliquot" run --tenant "$tenant" -- bash -c "$(declare -f ask pids); $*"; }
sorted() { printf '%s\n' "$@" | sort -n | xargs; }

"$aliquot" up --gpu real --state "$dir/state" --http-port 0 --agent-port 0 --kafka-port 0 >"$dir/up.log" 2>&1 &
for _ in $(seq 200); do
  [[ ! -e $ALIQUOT_RUN_DIR/up.json ]] || break
  sleep 0.1
done
"$aliquot" tenants set a --weight 1 --memory 20GiB >/dev/null
"$aliquot" tenants set b --weight 1 --memory 30GiB >/dev/null
load() { local tenant=$1; shift; "$aliquot" run --tenant "$tenant" -- "$native/aliquot-tenant" --kernel 200us "$@" >/dev/null 2>&1 & }
load a --memory 1GiB; first=$!
load a --memory 2GiB; second=$!
load b --memory 4GiB; other=$!
sleep 8

echo "with no limiter nvidia-smi lists: $(pids) (started here: $first $second of a, $other of b)"
row "a: memory.total, MiB" 20480 "$(as a ask memory.total)"
row "a: memory.used, MiB" 3072..5120 "$(as a ask memory.used)"
row "a: processes" "$(sorted $first $second)" "$(as a pids)"
row "a: utilization.gpu, percent" 40..60 "$(as a ask utilization.gpu)"
row "a: utilization.memory, percent" 0..60 "$(as a ask utilization.memory)"
row "a: processes in the table of plain nvidia-smi" "$(sorted $first $second)" \
  "$(as a nvidia-smi -i 0 | awk '/MiB \|$/ && $5 ~ /^[0-9]+$/ {print $5}' | sort -n | xargs)"
row "a: processes of nvidia-smi -q" "$(sorted $first $second)" \
  "$(as a nvidia-smi -i 0 -q -d PIDS | awk '/Process ID/ {print $NF}' | sort -n | xargs)"
row "a: processes of nvidia-smi pmon" "$(sorted $first $second)" \
  "$(as a nvidia-smi pmon -i 0 -c 1 | awk '$2 ~ /^[0-9]+$/ {print $2}' | sort -n | xargs)"
row "a: busy in nvidia-smi pmon, percent, both" 40..60 "$(as a nvidia-smi pmon -i 0 -c 1 | awk '$2 ~ /^[0-9]+$/ {sum += $4} END {print sum + 0}')"
row "b: memory.total, MiB" 30720 "$(as b ask memory.total)"
row "b: processes" "$other" "$(as b pids)"
row "b: utilization.gpu, percent" 40..60 "$(as b ask utilization.gpu)"
kill $second; wait $second 2>/dev/null || true
sleep 2
row "a, one process less: processes" "$first" "$(as a pids)"
if python3 -c 'import torch' 2>/dev/null; then
  row "a: PyTorch's total_memory" $((20 << 30)) \
    "$("$aliquot" run --tenant a -- python3 -c 'import torch; print(torch.cuda.get_device_properties(0).total_memory)')"
  row "a: PyTorch's name, with ALIQUOT_NAME" "Part of a GPU" \
    "$(ALIQUOT_NAME="Part of a GPU" "$aliquot" run --tenant a -- python3 -c 'import torch; print(torch.cuda.get_device_name(0))')"
fi
row "a: name, with ALIQUOT_NAME" "Part of a GPU" "$(ALIQUOT_NAME="Part of a GPU" as a ask name)"
kill $first $other; wait $first $other 2>/dev/null || true

preloaded() { env LD_PRELOAD="$native/libaliquot.so" ALIQUOT_GROUP=view-$$ "$@" bash -c "$(declare -f ask pids); ask memory.total"; }
row "alone, by index: memory.total, MiB" 10240 "$(preloaded ALIQUOT_MEMORY=0:10GiB)"
row "alone, by UUID in capitals: memory.total, MiB" 11264 "$(preloaded ALIQUOT_MEMORY="1GiB,GPU-$(tr a-f A-F <<<"${gpu#GPU-}"):11GiB")"
row "CUDA_DEVICE_MEMORY_LIMIT: memory.total, MiB" 3000 "$(preloaded CUDA_DEVICE_MEMORY_LIMIT=3000m)"
row "TENSOR_FUSION_CUDA_MEM_LIMIT: memory.total, MiB" 2048 "$(preloaded TENSOR_FUSION_CUDA_MEM_LIMIT="{\"$gpu\": 2147483648}")"
row "VCUDA_MEMORY_LIMIT: memory.total, MiB" 1024 "$(preloaded VCUDA_MEMORY_LIMIT=1073741824)"
rm -f "/dev/shm/aliquot-$(id -u)-view-$$"
if ((EUID == 0)) && unshare --pid --fork --mount-proc true 2>/dev/null; then
  # shellcheck disable=SC2016
  row "alone, in a PID namespace: its own PID there" same "$("$aliquot" run --share 50% --memory 10GiB -- \
    unshare --pid --fork --mount-proc bash -c "$(declare -f pids)"'
      "$0" --memory 1GiB --kernel 200us >/dev/null 2>&1 & sleep 5
      seen=$(pids); [[ $seen == "$!" ]] && echo same || echo "$seen, not $!"; kill $!' "$native/aliquot-tenant")"
fi
echo
if ((missed)); then echo "MISSED: see above"; else echo "ALL AS IT SHOULD BE"; fi
exit $missed
