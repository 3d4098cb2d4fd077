#!/usr/bin/env bash
# Shows that check.sh fails, and names the symbol, for each thing that it is there to find.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# finds WORDS FILE EDIT: with the file edited by sed, check.sh fails and says the words
finds() {
  cp "$here"/../limiter/{hooks,passes}.def "$dir"
  sed -i "$3" "$dir/$2"
  local out
  if out=$("$here/check.sh" "$dir" 2>&1) || [[ $out != *"$1"* ]]; then
    echo "FAILED: '$3' in $2 gave: $out" >&2
    exit 1
  fi
}
finds "cuLaunchKernelEx_ptsz: in neither" hooks.def '/^HOOK(cuLaunchKernelEx_ptsz,/d'
finds "cuMemsetD8_v2: in neither" hooks.def 's,^HOOK(cuMemsetD8_v2\,,// &,'
finds "cuGraphAddNode_v2: in neither" passes.def '/^PASS(cuGraphAddNode_v2,/d'
finds "cuMemAlloc_v2: in hooks.def and" passes.def '$aPASS(cuMemAlloc_v2, "it is hooked, too")'
finds "cuNoSuchThing: in passes.def, and not in" passes.def '$aPASS(cuNoSuchThing, "there is none")'
finds "cuGraphUpload: passed with no reason" passes.def 's/^PASS(cuGraphUpload, .*/PASS(cuGraphUpload, "")/'
# a coming CUDA
mkdir "$dir/cuda"
printf 'int cuLaunchKernelNew(int);\nint cuLaunchKernel_ptsz(int);\nint cuLaunchThing(void);\n' >"$dir/cuda/cuda.h"
export ALIQUOT_CUDA_INCLUDE=$dir/cuda
finds "cuLaunchKernelNew: in $dir/cuda/cuda.h, and in neither" hooks.def ''
finds "cuLaunchThing: in $dir/cuda/cuda.h, and in neither" hooks.def ''
