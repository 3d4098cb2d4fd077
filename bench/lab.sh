# To be sourced by bench/chaos.sh and bench/soak.sh: builds, then `lab MAIN ARGUMENT...` runs a program that is among the tests.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/mvnw" -q -f "$root/pom.xml" -Plab -Dspotless.check.skip -DskipTests package </dev/null
lab() {
  local java
  java=$("$root/build/find-java.sh" --jdk)/bin/java
  exec "$java" -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -Daliquot.native="$root/limiter-native/target/native" \
    -Dlab.clock="$root/cli/src/test/java/io/aliquot/cli/process/step.c" \
    -cp "$root/cli/target/classes:$root/cli/target/test-classes:$(cat "$root/cli/target/lab-class-path")" "$@"
}
