#!/usr/bin/env bash
# Builds or tests limiter-native with one of its CMake presets; Maven calls it, and so can you.
#   build/native.sh build|test PRESET        (release, asan, tsan or aarch64)
# Quiet when all is well; the log is limiter-native/target/<step>-<preset>.log.
# Builds of one checkout wait for each other.
set -euo pipefail
step=${1:?build or test} preset=${2:?a preset}
cd "$(dirname "${BASH_SOURCE[0]}")/../limiter-native"
mkdir -p target
tree=target/cmake-$preset log=target/$step-$preset.log

if command -v flock >/dev/null; then
  exec 9>target/.lock
  flock 9
fi

build() {
  if [[ ! -f $tree/build.ninja || CMakePresets.json -nt $tree/build.ninja ]]; then
    cmake --preset "$preset"
  fi
  cmake --build "$tree"
}

run_tests() {
  build
  ctest --test-dir "$tree" --output-on-failure --no-tests=error --parallel "$(nproc)"
}

case $step in
  build) what=build ;;
  test) what=run_tests ;;
  *) echo "usage: build/native.sh build|test PRESET" >&2 && exit 2 ;;
esac

# A subshell of its own keeps `set -e` alive inside the function.
set +e
(set -e && "$what") >"$log" 2>&1 9>&-
status=$?
set -e
if ((status != 0)); then
  tail -n 80 "$log" >&2
  echo "limiter-native: $step of $preset failed; the whole log: limiter-native/$log" >&2
  exit 1
fi
if [[ $step == test ]]; then
  sed -n "s/^\(.*tests passed.*\)/limiter-native, $preset: \1/p" "$log"
fi
