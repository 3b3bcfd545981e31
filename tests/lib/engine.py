"""engine.py -- a container engine for a test: the one that answers, or one of its own
that ends with the test. Its images stay in build/docker, so that the next run
builds only what has changed.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
START_S = 30


def answers(env=None):
    return subprocess.run(["docker", "info"], capture_output=True, env=env,
                          check=False, timeout=30).returncode == 0


class Engine:
    """A context; env is what docker and docker-compose want to be given."""

    def __init__(self):
        self.env = dict(os.environ)
        self.process = self.dir = self.log = None

    def __enter__(self):
        if not answers(self.env):
            self.start()
        return self

    def start(self):
        # Sockets have short names only.
        self.dir = tempfile.mkdtemp(prefix="suyuan-docker-")
        socket = "unix://" + os.path.join(self.dir, "docker.sock")
        data = os.path.join(TOP, "build", "docker")
        os.makedirs(data, exist_ok=True)
        # Else the engine closes forwarding for everybody, and leaves it so.
        with open("/proc/sys/net/ipv4/ip_forward", "w",
                  encoding="ascii") as f:
            f.write("1")
        self.log = open(os.path.join(TOP, "build", "docker.log"), "wb")
        self.process = subprocess.Popen(
            ["dockerd", "--data-root", data, "--exec-root",
             os.path.join(self.dir, "exec"), "-H", socket, "-p",
             os.path.join(self.dir, "pid"), "--ip-forward=false"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            start_new_session=True)
        self.env["DOCKER_HOST"] = socket
        end = time.monotonic() + START_S
        while not answers(self.env):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError("dockerd does not start: see "
                                   "build/docker.log")
            time.sleep(0.2)

    def stop(self):
        if not self.process:
            return
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()
        subprocess.run(["ip", "link", "delete", "docker0"], check=False,
                       capture_output=True)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __exit__(self, *_):
        self.stop()
