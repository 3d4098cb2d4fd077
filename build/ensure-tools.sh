#!/usr/bin/env bash
# Checks the tools that building Aliquot needs: a JDK, a C compiler, CMake, Ninja and cmocka.
#   build/ensure-tools.sh [--install] [jdk] [native]      both unless one is named
# For what is missing it prints one line that installs it. As root on Debian or Ubuntu it runs that line;
# --install runs it anywhere that the line is known, through sudo where that is needed.
# Exit: 0 all is there, 3 something is missing, 2 usage.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=build/find-java.sh
. "$here/find-java.sh"

TEMURIN_PAGE=https://adoptium.net/temurin/releases/?version=25
TEMURIN_API=https://api.adoptium.net/v3/binary/latest/25/ga/linux

install=no want_jdk=no want_native=no
for arg; do
  case $arg in
    --install) install=yes ;;
    jdk) want_jdk=yes ;;
    native) want_native=yes ;;
    *) echo "usage: build/ensure-tools.sh [--install] [jdk] [native]" >&2 && exit 2 ;;
  esac
done
[[ $want_jdk$want_native != nono ]] || want_jdk=yes want_native=yes

has_header() { printf '%s\n' "$@" | "$cc" -E -x c - >/dev/null 2>&1; }

# Sets `missing` to some of: jdk cc cmake ninja cmocka
check() {
  missing=()
  if [[ $want_jdk == yes ]] && ! find_java --jdk; then missing+=(jdk); fi
  [[ $want_native == yes ]] || return 0
  cc=$(command -v "${CC:-cc}" || command -v gcc || command -v clang || true)
  if [[ -z $cc ]] || ! has_header '#include <stdio.h>'; then
    missing+=(cc cmocka)
  elif ! has_header '#include <stdarg.h>' '#include <stddef.h>' '#include <stdint.h>' '#include <setjmp.h>' '#include <cmocka.h>'; then
    missing+=(cmocka)
  fi
  command -v cmake >/dev/null || missing+=(cmake)
  command -v ninja >/dev/null || command -v ninja-build >/dev/null || missing+=(ninja)
}

# has_apt_jdk DISTRIBUTION VERSION: whether this release of Debian or Ubuntu itself carries JDK 25. Another
# release's package would bring that release's libc with it, so it is never offered.
has_apt_jdk() {
  if apt-cache show openjdk-25-jdk-headless >/dev/null 2>&1; then return 0; fi
  case $1 in
    debian) [[ ${2%%.*} =~ ^[0-9]+$ ]] && ((${2%%.*} >= 13)) ;;
    ubuntu) [[ ${2%%.*} =~ ^[0-9]+$ ]] && ((${2%%.*} >= 24)) ;;
    *) false ;;
  esac
}

# Words of the package manager for `missing`; what it does not carry stays in `left`.
name_packages() {
  local tool
  packages=() left=()
  for tool in "${missing[@]}"; do
    case $family:$tool in
      apt:jdk) if has_apt_jdk "$distribution" "$release"; then packages+=(openjdk-25-jdk-headless); else left+=(jdk); fi ;;
      apt:cc) packages+=(gcc libc6-dev) ;;
      apt:cmake) packages+=(cmake) ;;
      apt:ninja) packages+=(ninja-build) ;;
      apt:cmocka) packages+=(libcmocka-dev) ;;
      dnf:cc) packages+=(gcc glibc-devel libasan libubsan) ;;
      dnf:cmake) packages+=(cmake) ;;
      dnf:ninja) packages+=(ninja-build) ;;
      dnf:cmocka) packages+=(libcmocka-devel) ;;
      *) left+=("$tool") ;;
    esac
  done
}

distribution= release= family=
if [[ -r /etc/os-release ]]; then
  distribution=$(. /etc/os-release && echo "${ID-}")
  release=$(. /etc/os-release && echo "${VERSION_ID-}")
fi
if [[ $(uname -s) == Linux ]]; then
  if command -v apt-get >/dev/null; then family=apt; elif command -v dnf >/dev/null; then family=dnf; fi
fi

check
((${#missing[@]})) || exit 0
name_packages

sudo=
[[ $EUID -eq 0 ]] || sudo='sudo '
lines=()
if ((${#packages[@]})); then
  case $family in
    apt) lines+=("${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${packages[*]}") ;;
    dnf) lines+=("${sudo}dnf install -y ${packages[*]}") ;;
  esac
fi
for tool in "${left[@]}"; do
  case $tool:$(uname -sm) in
    jdk:Linux\ x86_64) arch=x64 ;;
    jdk:Linux\ aarch64) arch=aarch64 ;;
    jdk:*) echo "Missing: JDK $JAVA_LEAST or newer. Get Temurin from $TEMURIN_PAGE and set JAVA_HOME." >&2 && continue ;;
    *) echo "Missing: $tool. Install it with your system's package manager." >&2 && continue ;;
  esac
  # ~/.jdks is one of the places that find-java.sh looks in.
  lines+=("mkdir -p ~/.jdks && curl -fL $TEMURIN_API/$arch/jdk/hotspot/normal/eclipse | tar -xz -C ~/.jdks")
done

run=$install
[[ $EUID -eq 0 && $family == apt && ${#left[@]} -eq 0 ]] && run=yes
for line in "${lines[@]}"; do
  if [[ $run == yes ]]; then
    echo "Installing what is missing (${missing[*]}): $line" >&2
    DEBIAN_FRONTEND=noninteractive bash -c "$line" >&2 || echo "That failed." >&2
  else
    echo "Missing: ${missing[*]}. Install with:" >&2
    echo "  $line" >&2
  fi
done

check
if ((${#missing[@]})); then
  [[ $run == yes ]] && echo "Still missing: ${missing[*]}." >&2
  [[ $run == no && ${#lines[@]} -gt 0 ]] && echo "or let --install do it: ./aliquot --install" >&2
  exit 3
fi
