#!/usr/bin/env bash
# Fails, naming each symbol, unless every launch-like symbol is hooked or has a reason to pass, and not both.
#   limiter-native/coverage/check.sh [LIMITER_DIR]      (another folder with hooks.def and passes.def, for the test of this)
# Judged are the names in cuda-13.0.txt and, where CUDA's headers are (ALIQUOT_CUDA_INCLUDE, CUDA_HOME or /usr/local/cuda),
# theirs too, of whatever version.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
limiter=${1:-$here/../limiter}
export LC_ALL=C
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
# complain WHAT: says so of each name on standard input
complain() {
  while read -r name; do
    echo "$name: $1" >&2
    failed=1
  done
}

sed -n 's/^HOOK(\([A-Za-z0-9_]*\),.*, CUDA)$/\1/p' "$limiter/hooks.def" | sort >"$dir/hooks"
# the preprocessor puts the reasons in, and drops what stands in comments
"${CC:-cc}" -E -P -x c "$limiter/passes.def" | sed -n 's/^PASS(\([A-Za-z0-9_]*\), "..*")$/\1/p' | sort >"$dir/passes"
grep -o '^PASS([A-Za-z0-9_]*' "$limiter/passes.def" | cut -c6- | sort >"$dir/named"
sort -c -u "$here/cuda-13.0.txt"
sort -u "$dir/hooks" "$dir/passes" >"$dir/known"
complain "in hooks.def twice" < <(uniq -d "$dir/hooks")
complain "in passes.def twice" < <(uniq -d "$dir/passes")
complain "passed with no reason" < <(comm -13 "$dir/passes" "$dir/named")
complain "in hooks.def and in passes.def" < <(comm -12 "$dir/hooks" "$dir/passes")
complain "in neither hooks.def nor passes.def" < <(comm -23 "$here/cuda-13.0.txt" "$dir/known")
complain "in passes.def, and not in cuda-13.0.txt" < <(comm -13 "$here/cuda-13.0.txt" "$dir/passes")

include=${ALIQUOT_CUDA_INCLUDE:-${CUDA_HOME:-/usr/local/cuda}/include}
if [[ -f $include/cuda.h ]]; then
  "$here/list.sh" "$include" >"$dir/headers"
  comm -23 "$dir/headers" "$here/cuda-13.0.txt" | comm -23 - "$dir/known" >"$dir/new"
  complain "in $include/cuda.h, and in neither hooks.def nor passes.def" <"$dir/new"
  also=", and $(wc -l <"$dir/headers") of $include/cuda.h"
fi
if ((failed != 0)); then exit 1; fi
echo "$(wc -l <"$here/cuda-13.0.txt") launch-like symbols${also:-}:" \
  "$(comm -12 "$here/cuda-13.0.txt" "$dir/hooks" | wc -l) hooked, $(wc -l <"$dir/passes") passed with a reason"
