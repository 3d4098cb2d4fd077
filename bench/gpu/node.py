"""A node without the agent's Java, for the length of a measurement: limiter-native/test/node_host.c, compiled here."""
import contextlib
import os
import re
import subprocess
import sys
import tempfile

POLICIES = {"hard": "1:0:500:hard", "critical": "1:0:1000:critical", "effort": "1:0:1000:effort"}
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def gpu():
    """UUID of the first GPU."""
    return subprocess.run(["nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader"], check=True, stdout=subprocess.PIPE,
                          text=True).stdout.split()[0]


class Node:
    def __init__(self, native, run_dir, process):
        self.native, self.run_dir, self.process = native, run_dir, process

    def under(self, tenant):
        """What stands before a command that is to run as this tenant."""
        return [os.path.join(self.native, "aliquot-run"), "--run-dir", self.run_dir, "--tenant", tenant, "--"]

    def tenant(self, name, policy):
        """policy: a weight, or one of POLICIES. @return what stands before a command that is to run as this tenant"""
        self.ask(f"{name}:{POLICIES.get(policy, f'{policy}:0:1000')}")
        return self.under(name)

    def gpu_seconds(self):
        """Of each tenant, by the limiters' own meter."""
        return {name: figures["gpu"] / 1e9 for name, figures in self.ask()[1].items()}

    def ask(self, line=""):
        """Has new quotas put in force (none: a blank line). @return CLOCK_MONOTONIC ns of that, or 0; figures by tenant"""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        applied, tenants = 0, {}
        for answer in self.process.stdout:
            if answer == ".\n":
                return applied, tenants
            name, rest = answer.split(" ", 1)
            if name == "applied":
                applied = int(rest)
            else:
                tenants[name] = {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", rest)}
        sys.exit(f"the node ended with {self.process.wait()}")


@contextlib.contextmanager
def running(native, uuid, memory, *quotas):
    """A node that governs one GPU: TENANT:WEIGHT[:FLOOR:CEILING]..., each with this memory limit in bytes (0: none)."""
    native = os.path.abspath(native)
    source = os.path.join(ROOT, "limiter-native", "test", "node_host.c")
    if not os.path.exists(source):
        sys.exit(f"{source} is missing: run this from a checkout")
    with tempfile.TemporaryDirectory() as folder:
        host, run_dir = os.path.join(folder, "node_host"), os.path.join(folder, "run")
        os.mkdir(run_dir, 0o755)
        subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-D_GNU_SOURCE", "-O2", "-I",
                        os.path.join(ROOT, "limiter-native", "include"), "-o", host, source,
                        os.path.join(native, "libaliquot-node.so"), f"-Wl,-rpath,{native}", "-lpthread"], check=True)
        process = subprocess.Popen([host, run_dir, uuid, str(memory), *quotas], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        try:
            if process.stdout.readline() != "ready\n":
                sys.exit(f"the node did not start: {process.wait()}")
            yield Node(native, run_dir, process)
        finally:
            process.kill()
            process.wait()


def limiting(native):
    """The same with the first GPU and no limit of memory, for tenants that are still to come."""
    return running(native, gpu(), 0, "nobody:1")
