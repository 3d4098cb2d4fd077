"""The whole product on this machine, for the length of a measurement."""
import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.request

POLICIES = {"hard": ["--ceiling", "50%", "--hard"], "critical": ["--class", "latency-critical"], "effort": ["--class", "best-effort"]}


class Stack:
    def __init__(self, aliquot):
        self.aliquot = aliquot

    def tenant(self, name, policy):
        """policy: a weight, or one of POLICIES. @return what stands before a command that is to run as this tenant"""
        flags = POLICIES.get(policy) or ["--weight", str(policy)]
        subprocess.run([self.aliquot, "tenants", "set", name, *flags], check=True, stdout=subprocess.DEVNULL)
        return [self.aliquot, "run", "--tenant", name, "--"]

    def gpu_seconds(self):
        """Of each tenant, by the limiters' own meter."""
        with open(os.path.join(os.environ["ALIQUOT_RUN_DIR"], "up.json")) as file:
            text = urllib.request.urlopen(json.load(file)["agent"] + "/metrics").read().decode()
        found = re.findall(r'^aliquot_tenant_gpu_seconds_total\{[^}]*tenant="([^"]*)"[^}]*\} (\S+)', text, re.M)
        return {tenant: float(value) for tenant, value in found}


@contextlib.contextmanager
def running(aliquot):
    """`aliquot up` on the real GPUs, in folders of its own; ALIQUOT_RUN_DIR says where for every program started meanwhile."""
    with tempfile.TemporaryDirectory() as state:
        os.environ["ALIQUOT_RUN_DIR"] = os.path.join(state, "run")
        up = subprocess.Popen([aliquot, "up", "--gpu", "real", "--state", os.path.join(state, "state"), "--http-port", "0",
                               "--agent-port", "0", "--kafka-port", "0"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        try:
            while not os.path.exists(os.path.join(os.environ["ALIQUOT_RUN_DIR"], "up.json")):
                if up.poll() is not None:
                    raise SystemExit(f"`aliquot up` ended with {up.returncode}")
                time.sleep(0.1)
            yield Stack(aliquot)
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(20)
