#!/usr/bin/env bash
# Finds a Java home of version 25 or newer by reading the `release` file that each one carries;
# no JVM is started, so it takes milliseconds.
#   build/find-java.sh [--jdk]     prints the home; exit 1 if there is none. --jdk: it must have javac.
# To be sourced as well: find_java [--jdk] sets JAVA_FOUND. JAVA_BESIDE is a home to prefer, the archive's jre.

JAVA_LEAST=25

# java_home_fits HOME [--jdk]
java_home_fits() {
  local home=$1 line version=
  [[ -r $home/release && -x $home/bin/java ]] || return 1
  [[ ${2-} != --jdk || -x $home/bin/javac ]] || return 1
  while IFS= read -r line; do
    if [[ $line == JAVA_VERSION=* ]]; then
      version=${line#JAVA_VERSION=}
      version=${version//\"/}
      version=${version%%[.-]*}
      break
    fi
  done <"$home/release"
  [[ $version =~ ^[0-9]+$ ]] && ((version >= JAVA_LEAST))
}

find_java() {
  local home java
  JAVA_FOUND=
  for home in "${ALIQUOT_JAVA_HOME-}" "${JAVA_BESIDE-}" "${JAVA_HOME-}" \
    /usr/lib/jvm/* /usr/local/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    "${HOME-}"/.jdks/* "${HOME-}"/.sdkman/candidates/java/*; do
    if [[ -n $home ]] && java_home_fits "$home" "${1-}"; then
      JAVA_FOUND=$home
      return 0
    fi
  done
  if java=$(command -v java); then
    java=$(readlink -f "$java")
    home=${java%/bin/java}
    if java_home_fits "$home" "${1-}"; then
      JAVA_FOUND=$home
      return 0
    fi
  fi
  return 1
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  find_java "$@" && printf '%s\n' "$JAVA_FOUND"
fi
