#!/usr/bin/env bash
# What happens to memory and slots when processes begin, change and end, in every way. life_test.sh CASE NATIVE_DIR TOOLS_DIR
# shellcheck disable=SC2046
set -euo pipefail
case=$1 native=$2 tools=$3
# shellcheck source=limiter-native/test/preload_lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/preload_lib.sh"

mib=$((1 << 20))
mkfifo "$dir/input"
exec 7<>"$dir/input" # programs that hold memory stay while it is open
: >"$dir/said"
# as TENANT COMMAND...: in the background only; the job is the program itself
as() { exec "$native/aliquot-run" --tenant "$1" -- "${@:2}" <&7 >>"$dir/said" 2>&1; }
held() { # PROCESSES MIB: what the node sees of a, and that every program said it was well
  eventually 10 is a processes "$1"
  eventually 10 is a memory $(($2 * mib))
  local said
  said=$(grep -c '^held$' "$dir/said" || true)
  [[ $said == "$1" && $said == $(wc -l <"$dir/said") ]] || { cat "$dir/said" >&2; fail "$said of $1 are well"; }
}
end_all() { # within a second of their end, all is free
  local began=${EPOCHREALTIME/./}
  kill -9 $(jobs -p | grep -vx "$node_pid")
  eventually 5 is a processes 0
  is a memory 0 || fail "$(ask a memory) bytes are still held"
  echo "free after $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
}
may_unshare() { unshare "$@" true 2>/dev/null || { echo "SKIPPED: unshare $* is not permitted here"; exit 0; }; }

case $case in
  fork | clone)
    node a:1
    as a "$tools/life" $case &
    eventually 20 grep -q '^held$' "$dir/said"
    held 1 128
    is a pinned $((7 * mib)) || fail "the child changed what its parent has pinned to $(ask a pinned)"
    end_all
    ;;
  reopen | threads)
    node a:1
    as a "$tools/life" $case &
    eventually 20 grep -q '^held$' "$dir/said"
    held 1 100
    end_all
    ;;
  exec)
    node a:1
    as a "$tools/life" exec &
    held 1 200
    end_all
    ;;
  vfork)
    node a:1
    as a "$tools/life" vfork &
    held 2 150
    end_all
    ;;
  killed)
    node a:1
    for i in {1..8}; do as a "$tools/life" hold 50 & done
    eventually 10 is a processes 8
    eventually 10 is a memory $((400 * mib))
    end_all
    ;;
  environment)
    # as by ssh or sudo: of the environment only the preload is left, and a file says the rest
    node a:1
    token=$("$native/aliquot-run" --tenant a -- sh -c 'echo $ALIQUOT_TOKEN')
    printf 'token = %s\nsocket = %s\n' "$token" "$ALIQUOT_RUN_DIR/sock/agent.sock" >"$dir/limiter.conf"
    bare() { env -i LD_PRELOAD="$native/libaliquot.so" LD_LIBRARY_PATH="$native/sim" ALIQUOT_SIM="$ALIQUOT_SIM" \
      ALIQUOT_CONFIG="$dir/limiter.conf" "$@"; }
    bare "$tools/life" hold 300 <&7 >>"$dir/said" 2>&1 &
    held 1 300
    [[ $(bare "$tools/probe" memory $((725 * mib))) == *"refused free=$((724 * mib)) total=$((1024 * mib))" ]] ||
      fail "settings from a file alone do not limit"
    ;;
  namespace)
    may_unshare -pf --mount-proc
    node a:1
    as a unshare -pf --mount-proc "$tools/life" hold 300 &
    held 1 300
    [[ $(run --tenant a -- unshare -pf --mount-proc "$tools/probe" memory $((725 * mib))) == *refused* ]] ||
      fail "two namespaces have two limits"
    end_all
    # with no agent, too, where processes look after each other
    as_group() { # like as()
      export ALIQUOT_GROUP=life$$ ALIQUOT_MEMORY=1GiB LD_LIBRARY_PATH=$native/sim LD_PRELOAD=$native/libaliquot.so
      exec "$@"
    }
    trap 'rm -f "/dev/shm/aliquot-$(id -u)-life$$"; cleanup' EXIT
    : >"$dir/said"
    as_group unshare -pf --mount-proc "$tools/life" hold 600 <&7 >>"$dir/said" 2>&1 &
    eventually 10 grep -q '^held$' "$dir/said"
    [[ $(as_group "$tools/probe" memory $((425 * mib)) $((424 * mib))) == *"refused free=$((424 * mib))"*"ok free=0 "* ]] ||
      fail "a process of another pid namespace is taken for dead"
    [[ $(as_group unshare -pf --mount-proc "$tools/probe" memory $((425 * mib))) == *refused* ]] ||
      fail "a process outside is taken for dead"
    kill -9 $(jobs -p | grep -vx "$node_pid")
    freed() { [[ $(as_group "$tools/probe" memory $((1024 * mib))) == *"ok free=0 "* ]]; }
    eventually 5 freed
    ;;
  chroot)
    may_unshare -m
    node a:1
    mkdir "$dir/root"
    as a unshare -m sh -c "mount --rbind / '$dir/root' && exec chroot '$dir/root' '$tools/life' hold 300" &
    held 1 300
    end_all
    ;;
  agent-restarted)
    node a:1
    for i in 1 2; do as a "$tools/life" hold 300 & done
    held 2 600
    kill -9 $node_pid; wait $node_pid 2>/dev/null || true
    node a:1
    # from its first moment on the new agent grants nothing that does not fit beside what it has not heard of yet
    [[ $(run --tenant a -- "$tools/probe" memory $((425 * mib)) $((424 * mib))) == *"refused free=$((424 * mib))"*"ok free=0 "* ]] ||
      fail "a restarted agent forgets what is held"
    held 2 600
    end_all
    ;;
  bystander)
    # a program without CUDA: the same descriptors, threads and output
    look='ls -l /proc/self/fd | wc -l; grep Threads: /proc/self/status; cat /proc/self/comm; ulimit -a'
    mute=$(ALIQUOT_SHARE=30% ALIQUOT_MEMORY=1GiB sh -c "$look" 2>&1)
    with=$(ALIQUOT_SHARE=30% ALIQUOT_MEMORY=1GiB LD_PRELOAD=$native/libaliquot.so sh -c "$look" 2>&1)
    [[ $mute == "$with" ]] || fail "the preload changes a bystander from: $mute to: $with"
    ;;
  *) fail "no such case" ;;
esac
