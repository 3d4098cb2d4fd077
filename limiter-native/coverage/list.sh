#!/usr/bin/env bash
# Every entry point of the CUDA driver API that launches work, copies, sets memory, allocates or imports memory, or begins or
# ends a capture: each version and default-stream variant, one name a line, sorted.
#   limiter-native/coverage/list.sh CUDA_INCLUDE_DIR
# Needs a C preprocessor (CC, or cc). The names in cuda.h are judged by their beginnings, which limiter/launch_like.def lists,
# so a function that a coming CUDA adds is caught when it is named like its kin. Not read: the headers of OpenGL, EGL, VDPAU.
set -euo pipefail
include=${1:?the folder of cuda.h}

prefixes=$(sed -n 's/^LAUNCH_LIKE("\(.*\)")$/\1/p' "$(dirname "${BASH_SOURCE[0]}")/../limiter/launch_like.def" | paste -sd'|')
# with this macro cuda.h renames nothing, and declares the old versions and both default streams' variants too
"${CC:-cc}" -E -P -D__CUDA_API_VERSION_INTERNAL "$include/cuda.h" | tr '\n' ' ' |
  grep -oE '\bcu[A-Z][A-Za-z0-9_]*\(' | tr -d '(' | grep -E "^($prefixes)" | LC_ALL=C sort -u
