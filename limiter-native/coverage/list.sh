#!/usr/bin/env bash
# Every entry point of the CUDA driver API that launches work, copies, sets memory, allocates or imports memory, or begins or
# ends a capture: each version and default-stream variant, one name a line, sorted.
#   limiter-native/coverage/list.sh CUDA_INCLUDE_DIR
# Needs a C preprocessor (CC, or cc). The names of cuda.h are judged by the pattern below, so a function that a coming CUDA
# adds is caught when it is named like its kin. Not read: the headers of OpenGL, EGL and VDPAU.
set -euo pipefail
include=${1:?the folder of cuda.h}

pattern=$(tr -d ' \n' <<'END'
^cu(
  Launch.*|
  Memcpy.*|
  Memset.*|
  Mem(Alloc|Batch|Create|Discard|Import|MapArray|Prefetch).*|
  MemHost(Alloc|Register).*|
  MemPool(Create|Import).*|
  (Array|Array3D|MipmappedArray)Create.*|
  IpcOpenMemHandle.*|
  ImportExternalMemory.*|
  ExternalMemoryGetMapped.*|
  Multicast(Create|AddDevice|Bind).*|
  Graph(Launch|Upload).*|
  GraphAdd(Kernel|Memcpy|Memset|MemAlloc|BatchMemOp|)Node.*|
  Graphics(MapResources|ResourceGetMapped|SubResourceGetMapped).*|
  Stream(BeginCapture|EndCapture).*|
  Stream(AttachMem|BatchMemOp|WaitValue|WriteValue).*
)$
END
)
# with this macro cuda.h renames nothing, and declares the old versions and both default streams' variants too
"${CC:-cc}" -E -P -D__CUDA_API_VERSION_INTERNAL "$include/cuda.h" | tr '\n' ' ' |
  grep -oE '\bcu[A-Z][A-Za-z0-9_]*\(' | tr -d '(' | grep -E "$pattern" | LC_ALL=C sort -u
