#!/usr/bin/env bash
# Makes the archive: launcher, Java runtime, jars and native code for Linux on x86-64; ./mvnw -Pdist package calls it.
#   build/dist.sh VERSION
# Out: cli/target/aliquot-VERSION-linux-x86_64.tar.xz, with one folder at its top.
set -euo pipefail
version=${1:?a version}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$root/cli/target
name=aliquot-$version-linux-x86_64
top=$out/dist/$name
native=$root/limiter-native/target/native

# shellcheck source=build/find-java.sh
. "$root/build/find-java.sh"
find_java --jdk || { echo "dist.sh: no JDK $JAVA_LEAST" >&2 && exit 3; }
command -v xz >/dev/null || { echo "dist.sh: xz is missing (apt-get install -y xz-utils)" >&2 && exit 3; }
[[ $(uname -sm) == "Linux x86_64" ]] || { echo "dist.sh: the archive is for Linux x86-64; this is $(uname -sm)" >&2 && exit 1; }

rm -rf "$out/dist"
mkdir -p "$top/lib" "$top/bench"

IFS=: read -ra jars <"$out/class-path" || true
"$JAVA_FOUND/bin/java" -XX:TieredStopAtLevel=1 "$root/build/PackJars.java" "$top/lib" \
  "$out/aliquot-cli-$version.jar" "${jars[@]}"

# jdeps names what the code refers to. Left out of that: what only optional paths of libraries would use (bean
# introspection, SQL types, annotation processing). Put in: what is reached by name alone.
modules=$("$JAVA_FOUND/bin/jdeps" --multi-release "$JAVA_LEAST" --ignore-missing-deps --print-module-deps \
  -cp "$top/lib/*" "$top"/lib/*.jar)
modules=$(tr , '\n' <<<"$modules,java.logging,java.management,jdk.unsupported" |
  grep -vxE 'java\.(desktop|sql|compiler)' | sort -u | paste -sd,)
"$JAVA_FOUND/bin/jlink" --add-modules "$modules" --output "$top/jre" --compress zip-0 --vm server \
  --strip-java-debug-attributes --no-header-files --no-man-pages
rm -f "$top"/jre/bin/{keytool,jrunscript,rmiregistry,kinit,klist,ktab,jfr}
cp "$root/build/find-java.sh" "$top/lib/"

cp -r "$native" "$top/native"
if command -v strip >/dev/null; then
  find "$top/jre" "$top/native" -type f \( -name '*.so' -o -name '*.so.*' -o -perm -u+x \) \
    -exec sh -c 'for f; do strip --strip-unneeded "$f" 2>/dev/null || :; done' sh {} +
fi

cp "$root/aliquot" "$root/LICENSE" "$top/"
for extra in README.md dashboards; do
  if [[ -e $root/$extra ]]; then cp -r "$root/$extra" "$top/"; fi
done
if [[ -d $root/bench ]]; then
  (cd "$root/bench" && find . \( -name '*.py' -o -path './gpu/*' \) -type f ! -path '*/target/*' ! -path '*/__pycache__/*' \
    -exec cp --parents {} "$top/bench/" \;)
fi
rmdir --ignore-fail-on-non-empty "$top/bench"

# A run of the archive itself, on the simulated GPU, teaches the start-up cache (a JVM elsewhere checks that jars,
# flags and version are the same, and otherwise ignores it).
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
teach() {
  local up tries
  ALIQUOT_SIM=$scratch/sim ALIQUOT_JAVA_OPTS="-XX:AOTCacheOutput=$top/lib/aliquot.aot -Xlog:aot*=error" \
    "$top/aliquot" up --gpu sim --http-port 0 --agent-port 0 --kafka-port 0 \
    --run-dir "$scratch/run" --state "$scratch/state" >"$scratch/log" 2>&1 &
  up=$!
  for ((tries = 0; tries < 60; tries++)); do
    grep -q 'is up' "$scratch/log" && break
    kill -0 $up 2>/dev/null || break
    sleep 0.5
  done
  sleep 3
  kill -TERM $up 2>/dev/null || true
  wait $up 2>/dev/null || true
  [[ -s $top/lib/aliquot.aot ]]
}
teach || { cat "$scratch/log" >&2 && echo "dist.sh: the archive does not start" >&2 && exit 1; }

archive=$out/$name.tar.xz
tar -C "$out/dist" --sort=name --owner=0 --group=0 --numeric-owner -c "$name" | xz -6 -T2 >"$archive.part"
mv "$archive.part" "$archive"
printf 'archive: %s (%d.%d MiB; %d MiB unpacked)\n' "${archive#"$root"/}" \
  "$(($(stat -c %s "$archive") >> 20))" "$((($(stat -c %s "$archive") >> 10) % 1024 * 10 / 1024))" "$(du -sm "$top" | cut -f1)"
