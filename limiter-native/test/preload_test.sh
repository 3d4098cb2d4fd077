#!/usr/bin/env bash
# Real processes under the real limiter, on the simulated driver. preload_test.sh CASE NATIVE_DIR TOOLS_DIR
# Figures of time have wide margins here: this shows that things work; bench/ shows how well.
set -euo pipefail
case=$1 native=$2 tools=$3
# shellcheck source=limiter-native/test/preload_lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/preload_lib.sh"

case $case in
  interposes)
    LD_LIBRARY_PATH=$native/sim LD_PRELOAD=$native/libaliquot.so "$tools/probe" lookups >"$dir/lookups"
    sed -n 's/^\(cu[A-Za-z_0-9]*\|nvml[A-Za-z_0-9]*\) dlsym \(.*\)$/\1 \2/p' "$dir/lookups" | while read -r symbol file; do
      [[ $file == libaliquot.so || $file == absent ]] || fail "dlsym(\"$symbol\") comes from $file"
    done
    (($(grep -c ' dlsym libaliquot.so' "$dir/lookups") > 30)) || fail "too few symbols are hooked"
    expect() { grep -q -- "$1" "$dir/lookups" || { cat "$dir/lookups" >&2; fail "no line: $1"; }; }
    expect '^cuLaunchKernel version=4000 flags=0 result=0 status=0 file=libaliquot.so symbol=cuLaunchKernel older=same'
    expect '^cuLaunchKernel version=7000 flags=2 .*status=0 file=libaliquot.so symbol=cuLaunchKernel_ptsz older=same'
    expect '^cuLaunchKernel version=13000 flags=1 .*status=0 file=libaliquot.so symbol=cuLaunchKernel '
    expect '^cuLaunchKernelEx version=11060 flags=2 .*file=libaliquot.so symbol=cuLaunchKernelEx_ptsz'
    expect '^cuGraphLaunch version=12000 flags=0 .*file=libaliquot.so symbol=cuGraphLaunch '
    expect '^cuMemAlloc version=12000 .*file=libaliquot.so symbol=cuMemAlloc_v2'
    expect '^cuGetProcAddress version=12000 .*file=libaliquot.so symbol=cuGetProcAddress_v2'
    expect '^cuGetProcAddress version=11030 .*file=libaliquot.so symbol=cuGetProcAddress '
    expect '^cuStreamQuery version=12000 .*status=0 file=libcuda.so.1'
    expect '^cuNoSuchThing version=12000 .*status=1 file=none'
    expect '^cuLaunchKernelEx version=4000 .*status=2 file=none'
    # with nothing set, the preload changes nothing
    LD_LIBRARY_PATH=$native/sim LD_PRELOAD=$native/libaliquot.so "$tools/probe" memory | grep -q 'total=85899345920' ||
      fail "an unset limiter changes what is seen"
    ;;
  alone)
    out=$(run --share 50% --memory 1GiB --gpu sim -- "$tools/probe" memory 805306368 268435457 268435456)
    [[ $out == "start free=1073741824 total=1073741824
ok free=268435456 total=1073741824
refused free=268435456 total=1073741824
ok free=0 total=1073741824" ]] || fail "a limit of 1 GiB gave: $out"
    out=$(run --share 30% --gpu sim -- "$native/aliquot-tenant" --seconds 2 --kernel 200us 2>/dev/null | tail -1)
    [[ $out =~ \"gpuNs\":([0-9]+) ]] && share=$((BASH_REMATCH[1] / 2000000))
    ((share > 200 && share < 360)) || fail "a share of 300 permille gave $share"
    run --share 30% --gpu sim -- sh -c 'exit 7' && fail "exit code 0" || (($? == 7)) || fail "exit code not 7"
    [[ $(run --share 30% --memory 1GiB --gpu sim -- "$tools/probe" fork) == *total=1073741824* ]] ||
      fail "a forked child is not limited"
    [[ $(run --share 90% --gpu sim -- "$tools/probe" capture) == "captured ok" ]] || fail "capture broken"
    ;;
  missed)
    node a:1 b:1
    expected=$(run --tenant a -- "$tools/probe" missed | sed -n 's/^missed=//p')
    is a missed "$expected" || fail "$(ask a missed) look-ups were missed, not $expected"
    is b missed 0 || fail "b missed look-ups of a's"
    is a anomalies 0 || fail "a is thought hostile"
    ;;
  metered)
    # metered LEAST_PERMILLE TENANT: of what the program, which has ended, says that it worked; calibration comes on top
    metered() {
      wait "${tenant_pid[$2]}" || fail "$2 ended with $?"
      local worked=$(($(gpu "$2") / 1000)) said=$(($(ask "$2" gpu) / 1000))
      echo "$2: $said us metered, $worked worked"
      ((said > worked * $1 / 1000 && said < worked + worked / 20 + 50000)) || fail "$2 worked $worked us, and $said are metered"
    }
    node a:1 b:1 c:2 d:2 e:2
    tenant c --kernel 2ms --depth 16 --seconds 4 --iterations-per-ns 1
    metered 995 c # all of it, by whatever way a launch was counted
    for name in a b; do tenant $name --kernel 2ms --depth 16 --seconds 4; done
    metered 800 a # kernels of 20 us of the same function, for the calibration, came before
    metered 800 b
    # what two events around one launch hold of a neighbour's kernels is not its own
    tenant d --kernel 5ms --depth 1 --gap 5ms --seconds 4 --iterations-per-ns 1
    tenant e --kernel 200us --depth 16 --seconds 4 --iterations-per-ns 1
    metered 900 d
    metered 900 e
    ;;
  threads)
    # By hand, not in ctest: 447 to 488, and 246 to 295 with the fault; but for some minutes 276 to 352 without it, and why is not known.
    # A launch that got into no batch, because another thread had the meter, ends in this turn, not with what waits for the next.
    node a:1 b:1
    tenant b --kernel 200us --depth 8 --seconds 4 --iterations-per-ns 1
    eventually 10 runs b
    out=$(run --tenant a -- "$tools/probe" threads)
    echo "$out of 500"
    share=${out#*: } share=${share% permille}
    ((share > 400 && share < 550)) || fail "four threads of a tenant that has half of the GPU got $share permille"
    ;;
  copies)
    # memsets and copies within the GPU are held to a share like kernels, by whatever call; host copies are not counted
    for kind in memset memset-sync copy copy-sync unified; do # the waiting kinds get 600 alone
      out=$(run --share 30% --gpu sim -- "$tools/probe" work $kind)
      echo "$out of 300"
      share=${out#*: } share=${share% permille}
      ((share > 120 && share < 360)) || fail "$kind under a share of 300 permille got $share"
    done
    node a:1
    run --tenant a -- "$tools/probe" work host >/dev/null
    launches=$(ask a launches)
    ((launches == 0)) || fail "host copies were metered: $launches"
    run --tenant a -- "$tools/probe" work unified >/dev/null
    launches=$(ask a launches)
    ((launches > 1000)) || fail "copies within the GPU were not metered: $launches"
    # 256 + 48 + 63 MiB
    out=$(run --share 90% --memory 1GiB --gpu sim -- "$tools/probe" arrays)
    [[ $out == "plane free=805306368 total=1073741824
layers free=754974720 total=1073741824
mipmap free=688914432 total=1073741824
refused free=688914432 total=1073741824
end free=1073741824 total=1073741824" ]] || fail "arrays gave: $out"
    ;;
  contexts)
    # 100 contexts that each leave 256 MiB behind, under 1 GiB; a thread with a context of its own launches all the while
    out=$(run --share 90% --memory 1GiB --gpu sim -- "$tools/probe" contexts)
    [[ $out == "end free=1073741824 total=1073741824" ]] || fail "contexts that end gave: $out"
    [[ $(run --share 90% --gpu sim -- "$tools/probe" captures) == "captured ok" ]] || fail "captures of many threads broken"
    ;;
  view)
    # a has two processes, b one: each sees its own limit, memory, processes and time, and nothing of the other's
    node a:1 b:3
    tenant a --memory 256MiB; second=$!
    "$native/aliquot-run" --tenant a -- "$native/aliquot-tenant" --memory 128MiB --kernel 200us >"$dir/first.json" 2>&1 &
    first=$!
    tenant b --memory 512MiB; other=$!
    for t in a b; do eventually 10 runs $t; done
    sees_itself() {
      out=$(run --tenant a -- "$tools/smi") || return 1
      [[ $out == *"name=Aliquot Simulated GPU"*"memory total=1073741824 "*"accounting none"* ]] &&
        grep -q "^process pid=$first bytes=$(((128 << 20) + 16)) busy=[1-9]" <<<"$out" &&
        grep -q "^process pid=$second bytes=$(((256 << 20) + 16)) busy=[1-9]" <<<"$out" &&
        (($(grep -c ^process <<<"$out") == 2)) && [[ $out =~ busy\ gpu=([0-9]+).*again\ gpu=([0-9]+) ]] &&
        ((BASH_REMATCH[1] > 10 && BASH_REMATCH[1] < 45 && BASH_REMATCH[2] > 10 && BASH_REMATCH[2] < 45))
    }
    eventually 20 sees_itself
    echo "$out"
    run --tenant b -- "$tools/smi" | grep -q "^process pid=$other" || fail "b does not see itself"
    kill -9 $second
    eventually 5 is a processes 1
    out=$(run --tenant a -- "$tools/smi")
    [[ $out == *"used=$(((128 << 20) + 16))"* && $out != *"pid=$second "* ]] || fail "a sees a dead process: $out"
    # with nothing set, the preload changes nothing
    export LD_LIBRARY_PATH=$native/sim
    out=$(LD_PRELOAD=$native/libaliquot.so "$tools/smi")
    [[ $out == *"total=85899345920"*"pid=$other "*"accounting on"* ]] || fail "an unset limiter changes what is seen: $out"
    ;;
  view-alone)
    export LD_LIBRARY_PATH=$native/sim ALIQUOT_SHARE=40% ALIQUOT_MEMORY=1GiB ALIQUOT_GROUP=view-$$
    trap 'rm -f "/dev/shm/aliquot-$(id -u)-$ALIQUOT_GROUP"; cleanup' EXIT
    under() { LD_PRELOAD=$native/libaliquot.so "$@"; }
    LD_PRELOAD=$native/libaliquot.so "$native/aliquot-tenant" --name a --memory 128MiB --kernel 200us --interval 100ms >"$dir/a.json" &
    victim=$!
    eventually 10 runs a
    sees_itself() {
      out=$(under "$tools/smi")
      [[ $out =~ busy\ gpu=([0-9]+) ]] && ((BASH_REMATCH[1] > 20 && BASH_REMATCH[1] < 60)) && [[ $out == *"process pid=$victim "* ]]
    }
    eventually 20 sees_itself
    kill -9 $victim
    wait $victim 2>/dev/null || true
    out=$(under "$tools/smi")
    [[ $out == *"busy gpu=0 "* && $out == *" used=0"* && $out != *process* ]] || fail "the dead are still seen: $out"
    ;;
  settings)
    # two GPUs; every process here is limited by nothing but what is set before it
    export LD_LIBRARY_PATH=$native/sim ALIQUOT_SIM_GPUS=2 ALIQUOT_GROUP=settings-$$ ALIQUOT_CONFIG=$dir/limiter.conf
    trap 'rm -f "/dev/shm/aliquot-$(id -u)-$ALIQUOT_GROUP"; cleanup' EXIT
    : >"$ALIQUOT_CONFIG"
    second=GPU-616C6971-756F-742D-7369-6D2D67707501 # in capitals
    # gives WORDS SETTING... -- COMMAND...: under these settings the command's output and complaints have the words; none: "-"
    gives() {
      local words=$1 settings=() out; shift
      while [[ $1 != -- ]]; do settings+=("$1"); shift; done
      shift
      out=$(watched env "${settings[@]}" LD_PRELOAD="$native/libaliquot.so" "$@" 2>&1) || fail "${settings[*]}: $* failed: $out"
      [[ $out == *"$words"* ]] || fail "${settings[*]}: $* gave: $out"
      # a line for each bad value, and none for good ones
      [[ $words == aliquot:* ]] || [[ $out != *aliquot:* ]] || fail "${settings[*]}: $* complained: $out"
    }
    mib=$((1 << 20))
    for order in 0 1 0,1 1,0 "$second"; do # an index is NVML's, whatever CUDA's order
      case $order in 0*) limit=$((100 * mib)) ;; *) limit=$((200 * mib)) ;; esac
      gives "total=$limit" ALIQUOT_MEMORY=0:100MiB,1:200MiB CUDA_VISIBLE_DEVICES=$order -- "$tools/probe" memory
      gives "total=$limit" ALIQUOT_MEMORY="100MiB, $second:200MiB" CUDA_VISIBLE_DEVICES=$order -- "$tools/probe" memory
      gives "total=$((100 * mib)) " ALIQUOT_MEMORY=0:100MiB,1:200MiB CUDA_VISIBLE_DEVICES=$order -- "$tools/smi" 0
      gives "total=$((200 * mib)) " ALIQUOT_MEMORY=0:100MiB,1:200MiB CUDA_VISIBLE_DEVICES=$order -- "$tools/smi" 1
    done
    gives "total=85899345920" ALIQUOT_MEMORY=1:200MiB -- "$tools/probe" memory # a GPU that nothing names has no limit
    gives "total=$((300 * mib))" CUDA_DEVICE_MEMORY_LIMIT=300m -- "$tools/probe" memory
    gives "total=$((200 * mib))" CUDA_DEVICE_MEMORY_LIMIT=300m CUDA_DEVICE_MEMORY_LIMIT_1=200m -- "$tools/smi" 1
    gives "total=$((200 * mib))" TENSOR_FUSION_CUDA_MEM_LIMIT="{\"$second\": $((200 * mib))}" -- "$tools/smi" 1
    gives "total=$((100 * mib))" VCUDA_MEMORY_LIMIT=300m CUDA_DEVICE_MEMORY_LIMIT=200m ALIQUOT_MEMORY=100m -- "$tools/probe" memory
    gives "A GPU A GPU" ALIQUOT_NAME="A GPU" -- "$tools/probe" name
    gives "A GPU of ours A GPU o" ALIQUOT_NAME="A GPU of ours" ALIQUOT_SHARE=50% -- "$tools/probe" name
    gives "name=A GPU
memory total=85899345920 " VCUDA_DEVICE_NAME="A GPU" -- "$tools/smi" 0 # a name alone limits nothing
    gives "aliquot: ALIQUOT_MEMORY: '10XB' is not valid: say a size" ALIQUOT_MEMORY=10XB -- "$tools/probe" memory
    gives " total=1" ALIQUOT_MEMORY=10XB ALIQUOT_LOG=off -- "$tools/probe" memory
    gives "aliquot: CUDA_DEVICE_SM_LIMIT: 'half' is not valid: say" CUDA_DEVICE_SM_LIMIT=half -- "$tools/probe" memory
    gives "aliquot: share or memory by index: there are only GPUs 0 to 1" ALIQUOT_MEMORY=7:1g -- "$tools/probe" memory
    gives "aliquot: $uuid: 50.0% of its time, $((100 * mib)) bytes" ALIQUOT_LOG=info ALIQUOT_SHARE=50% ALIQUOT_MEMORY=100m -- \
      "$tools/probe" memory
    mkdir "$dir/cuda" # no NVML to tell which GPU an index is
    ln -s "$native/sim/libcuda.so.1" "$dir/cuda"
    gives "aliquot: share or memory by index: libnvidia-ml.so.1 does not tell" LD_LIBRARY_PATH="$dir/cuda" \
      ALIQUOT_MEMORY=0:200MiB,1:100MiB -- "$tools/probe" memory
    gives "total=$((100 * mib))" LD_LIBRARY_PATH="$dir/cuda" ALIQUOT_LOG=off ALIQUOT_MEMORY=0:200MiB,1:100MiB -- "$tools/probe" memory
    # a MIG instance is governed by its own UUID, or as its GPU if nothing names that
    export ALIQUOT_SIM_MIG=1
    mig=MIG-${second#GPU-}
    mig=${mig/67707501/6D696701}
    for ask in "probe memory" "smi 1 mig"; do
      # shellcheck disable=SC2086
      gives "total=$((200 * mib))" CUDA_VISIBLE_DEVICES=1 ALIQUOT_MEMORY="100m,$mig:200m,1:300m" -- "$tools/"$ask
      # shellcheck disable=SC2086
      gives "total=$((300 * mib))" CUDA_VISIBLE_DEVICES=1 ALIQUOT_MEMORY=100m,1:300m -- "$tools/"$ask
    done
    gives "total=$((300 * mib))" ALIQUOT_MEMORY="100m,$mig:200m,1:300m" -- "$tools/smi" 1
    unset ALIQUOT_SIM_MIG
    printf 'memory = 0:100m, 1:200m\nname = A GPU\n' >"$ALIQUOT_CONFIG" # the file beats the environment
    gives "name=A GPU
memory total=$((200 * mib)) " ALIQUOT_MEMORY=700m CUDA_DEVICE_MEMORY_LIMIT=800m ALIQUOT_NAME=Other -- "$tools/smi" 1
    printf 'share = a lot\ncolour = red\n' >"$ALIQUOT_CONFIG"
    gives "aliquot: $ALIQUOT_CONFIG: line 1: share: 'a lot' is not valid: say 0.1% to 100%" -- "$tools/probe" memory
    gives "aliquot: $ALIQUOT_CONFIG: line 2: colour: 'red' is not valid: the keys are" -- "$tools/probe" memory
    : >"$ALIQUOT_CONFIG"
    watched env CUDA_VISIBLE_DEVICES=1 CUDA_DEVICE_SM_LIMIT=100 CUDA_DEVICE_SM_LIMIT_1=30 LD_PRELOAD="$native/libaliquot.so" \
      "$native/aliquot-tenant" --seconds 2 --kernel 200us >"$dir/paced.json" 2>"$dir/paced.err" || fail "$(cat "$dir/paced.err")"
    out=$(tail -1 "$dir/paced.json")
    [[ $out =~ \"gpuNs\":([0-9]+) ]] && share=$((BASH_REMATCH[1] / 2000000))
    ((share > 200 && share < 360)) || fail "a share of 300 permille on the second GPU gave $share"
    ;;
  usage-errors)
    expect() { # CODE WORDS COMMAND...
      local code=$1 words=$2 out status=0; shift 2
      out=$("$@" 2>&1) || status=$?
      [[ $status == "$code" && $out == *"$words"* ]] || fail "$* gave $status: $out"
    }
    expect 125 "'10XB' is not a size" "$native/aliquot-run" --memory 10XB -- true
    expect 125 "'0%' is not a share" "$native/aliquot-run" --share 0% -- true
    expect 125 "no agent in" "$native/aliquot-run" --tenant a -- true
    expect 125 "no COMMAND" "$native/aliquot-run" --share 30%
    expect 125 "leave out --share" "$native/aliquot-run" --tenant a --share 30% -- true
    expect 127 "No such file" "$native/aliquot-run" --share 30% -- /no/such/program
    node a:1
    expect 125 "'zoe' has no quota" "$native/aliquot-run" --tenant zoe -- true
    expect 125 "aliquot tenants set zoe" "$native/aliquot-run" --tenant zoe -- true
    [[ -z $(ls "$ALIQUOT_RUN_DIR/tokens") ]] || fail "a refused token stayed"
    kill -9 $node_pid; wait $node_pid 2>/dev/null || true
    expect 125 'start one with `aliquot up`' "$native/aliquot-run" --tenant a -- true
    ;;
  paths)
    # a tenant's name is a path in the tree of tenants, and only a name to the node
    longest=org/$(printf 'x%.0s' {1..59})
    node org/team-a:1 org/team-b:3 "$longest:1" org:1
    for t in a b; do
      "$native/aliquot-run" --tenant org/team-$t -- "$native/aliquot-tenant" --memory 256MiB --kernel 200us --interval 100ms \
        >"$dir/$t.json" 2>/dev/null </dev/null &
    done
    for t in a b; do eventually 10 runs $t; done
    for t in a b; do eventually 5 is org/team-$t processes 1; done
    (($(ask org/team-a gpu) > 0 && $(ask org/team-a memory) >= 256 << 20)) || fail "org/team-a's use is not known"
    is org processes 0 || fail "a parent has its children's processes"
    before=($(gpu a) $(gpu b)); sleep 3; after=($(gpu a) $(gpu b))
    share=$(((after[0] - before[0]) * 1000 / (after[0] - before[0] + after[1] - before[1])))
    echo "org/team-a beside org/team-b: $share permille of 250"
    ((share > 180 && share < 320)) || fail "org/team-a has $share permille of both"
    [[ -z $(find "$ALIQUOT_RUN_DIR/tokens" -type d -mindepth 1) ]] || fail "a name made a folder"
    run --tenant "$longest" -- "$tools/probe" memory | grep -q total=1073741824 || fail "the longest name is not known"
    kill -9 $node_pid; wait $node_pid 2>/dev/null || true
    node org/team-a:1 org/team-b:3
    for t in a b; do eventually 5 is org/team-$t processes 1; done
    refused() { # WORDS TENANT
      local out status=0
      out=$("$native/aliquot-run" --tenant "$2" -- true 2>&1) || status=$?
      [[ $status == 125 && $out == *"$1"* ]] || fail "--tenant '$2' gave $status: $out"
    }
    refused "'org/none' has no quota: make one with \`aliquot tenants set org/none\`" org/none
    refused "1 to 63 characters" "${longest}x"
    for name in / /org org/ org//team; do refused "no name before, after or between its '/'" $name; done
    refused "letters, digits" "org/te am"
    ;;
  gang)
    # a program on two GPUs in lockstep is held to its share of each, and a step takes as long as the slower GPU
    export ALIQUOT_SIM_GPUS=2
    steps() { # SHARE: what the last line says: nanoseconds of work on both GPUs, and of steps on both
      run --share "$1" --gpu sim -- "$native/aliquot-tenant" --gang --kernel 1ms --seconds 2 2>"$dir/err" >"$dir/out" || fail "$(cat "$dir/err")"
      tail -1 "$dir/out" | sed -n 's/.*"gpus":\[{"workNs":\([0-9]*\),"stepNs":\([0-9]*\)},{"workNs":\([0-9]*\),"stepNs":\([0-9]*\)}\].*/\1 \3 \2 \4/p'
    }
    both=($(steps 30%))
    echo "under 300 permille of each: ${both[*]}"
    ((both[0] == both[1])) || fail "the GPUs did not do the same: ${both[*]}"
    ((both[0] > 400000000 && both[0] < 720000000)) || fail "$((both[0] / 2000000)) permille of 300"
    both=($(steps 0:80%,1:20%))
    echo "under 800 and 200 permille: ${both[*]}"
    ((both[0] == both[1] && both[0] < 520000000)) || fail "the GPUs did not go in lockstep: ${both[*]}"
    ((both[3] > both[2] * 3 / 2)) || fail "the slower GPU's steps took no longer: ${both[*]}"
    out=$("$native/aliquot-tenant" --gang --burst 2 2>&1) && fail "a gang of bursts" || (($? == 2))
    # its end does not wait for commands that never come
    mkfifo "$dir/commands"
    exec 7<>"$dir/commands"
    LD_LIBRARY_PATH=$native/sim timeout -k 1 20 "$native/aliquot-tenant" --gpu 1 --seconds 0.2 >/dev/null 2>&1 <"$dir/commands" ||
      fail "no second GPU, or no end"
    out=$(LD_LIBRARY_PATH=$native/sim "$native/aliquot-tenant" --gpu 2 2>&1) && fail "a third GPU"
    [[ $out == *"give --gpu the number of a GPU that is there"* ]] || fail "a third GPU gave: $out"
    ;;
  shares)
    node a:1 b:2 c:5
    for t in a b c; do tenant $t; done
    for t in a b c; do eventually 10 runs $t; done
    sleep 1
    shares_are 125 250 625
    ;;
  hard-ceiling)
    node a:1:0:500:hard
    tenant a
    eventually 10 runs a
    share=$(permille_over 3 a)
    echo "a alone under a hard ceiling of 500: $share permille"
    ((share > 400 && share < 560)) || fail "a has $share permille under a hard ceiling of 500"
    echo "a:1:0:500" >&8 # soft
    while read -r -t 10 line <&9 && [[ $line != . ]]; do :; done
    share=$(permille_over 2 a)
    ((share > 750)) || fail "a has $share permille under a soft ceiling, alone"
    ;;
  helper)
    # the helper's thread sleeps until there is something to see, and while nothing runs
    node a:1
    mkfifo "$dir/commands"
    exec 7<>"$dir/commands"
    "$native/aliquot-run" --tenant a -- "$native/aliquot-tenant" --iterations-per-ns 1 --kernel 10ms --interval 100ms >"$dir/a.json" \
      <"$dir/commands" 2>/dev/null &
    eventually 10 runs a
    task=$(grep -lx aliquot /proc/$!/task/*/comm)
    sleeps() { sed -n 's/^voluntary_ctxt_switches:\s*//p' "${task%comm}status"; }
    sleeps_over() { local before; before=$(sleeps); sleep "$1"; echo $(($(sleeps) - before)); }
    count=$(sleeps_over 2)
    echo "beside kernels of 10 ms: $count in 2 s"
    ((count < 4000)) || fail "the helper slept $count times in 2 s beside kernels of 10 ms"
    echo pause >&7
    is_idle() { [[ $(tail -n 1 "$dir/a.json") == *'"state":"idle"'* ]]; }
    eventually 5 is_idle
    sleep 1 # it lingers for a moment
    count=$(sleeps_over 2)
    ((count == 0)) || fail "the helper woke $count times while nothing ran"
    ;;
  killed-tenant)
    node a:1 b:1
    tenant a --memory 512MiB; victim=$!
    tenant b
    eventually 10 is a processes 1
    eventually 10 runs b
    (($(ask a memory) >= 512 << 20)) || fail "the node does not know of a's memory"
    kill -9 $victim
    eventually 2 is a memory 0
    is a processes 0 || fail "a's process is still there"
    share=$(permille_over 2 b)
    ((share > 800)) || fail "b alone has $share permille"
    ;;
  ahead)
    # a's work waits on the GPU nearly all the time: contexts that end with it, and an agent that dies with it, hold nothing up
    node a:1:0:1000:effort b:1
    tenant b
    eventually 10 runs b
    out=$(run --tenant a -- "$tools/probe" contexts)
    [[ $out == "end free="*" total=1073741824" ]] || fail "contexts that end while their work waits gave: $out"
    run --tenant a -- "$tools/probe" rounds >"$dir/rounds" &
    sleep 2
    kill -9 $node_pid; wait $node_pid 2>/dev/null || true
    wait %% || fail "the program whose agent died ended with $?"
    rounds=$(sed -n 's/ rounds//p' "$dir/rounds")
    echo "$rounds rounds"
    ((rounds > 20)) || fail "$rounds rounds before and after the agent's death"
    ;;
  killed-agent)
    node a:1 b:3
    tenant a --memory 256MiB; tenant b
    for t in a b; do eventually 10 runs $t; done
    kill -9 $node_pid; wait $node_pid 2>/dev/null || true
    sleep 1
    share=$(permille_over 3 a)
    echo "a without an agent: $share permille of 250"
    ((share > 150 && share < 330)) || fail "a without an agent has $share permille of 250"
    node a:1 b:3
    eventually 5 is a processes 1
    eventually 5 is b processes 1
    (($(ask a memory) >= 256 << 20)) || fail "the restarted agent does not know of a's memory"
    sleep 1
    share=$(permille_over 3 b)
    echo "b after the agent's return: $share permille of 750"
    ((share > 600 && share < 800)) || fail "b after the agent's return has $share permille"
    ;;
  *) fail "no such case" ;;
esac
