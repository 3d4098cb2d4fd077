"""The whole product on this machine, for the length of a measurement."""
import contextlib
import os
import signal
import subprocess
import tempfile
import time


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
            yield
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(20)
