"""peers.py -- NATS JetStream and RabbitMQ as child processes: on loopback, on ports
of their own, with everything they write in a folder of their own. A system's service
of the same name is not touched.
"""

import glob
import os
import shutil
import socket
import subprocess

import ports
from measure import wait_for

NATS = "/usr/sbin/nats-server"
RABBIT = "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Server:
    """A server and what belongs to it; ended by pid."""

    def __init__(self, folder):
        self.dir = folder
        self.port = ports.take()
        self.processes = []
        os.makedirs(folder)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as f:
            f.write(text)
        return self.path(name)

    def spawn(self, *command, env=None):
        with open(self.path(os.path.basename(command[0]) + ".log"), "ab") as log:
            self.processes.append(subprocess.Popen(
                command, env=env, cwd=self.dir, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log))
        return self.processes[-1]

    def wait(self, timeout_s=60):
        def up():
            ended = [p.args[0] for p in self.processes if p.poll() is not None]
            if ended:
                raise RuntimeError(f"{ended[0]} ended; see {self.dir}")
            return answers(self.port)
        wait_for(f"an answer of {type(self).__name__}", up, timeout_s, 0.1)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
        shutil.rmtree(self.dir, ignore_errors=True)


class Jetstream(Server):
    # promise: what it promises less than we do.
    name, program = "NATS JetStream", "peer-jetstream"
    promise = "acknowledges before fsync"
    keeps_log = True

    def __init__(self, folder, sync_always=False):
        super().__init__(folder)
        if sync_always:
            self.name += ", sync_interval: always"
            self.promise = ""
        always = "sync_interval: always" if sync_always else ""
        self.conf = self.write("nats.conf", f"""
listen: 127.0.0.1:{self.port}
jetstream {{ store_dir: "{self.path('store')}" {always} }}
""")

    @staticmethod
    def installed():
        return os.path.exists(NATS)

    def knows_conf(self):
        """Does this version take the configuration?"""
        return subprocess.run([NATS, "-t", "-c", self.conf],
                              capture_output=True).returncode == 0

    def start(self):
        self.pid = self.spawn(NATS, "-c", self.conf).pid


class Rabbitmq(Server):
    name, program = "RabbitMQ quorum queue", "peer-rabbitmq"
    promise = ""
    keeps_log = False

    @staticmethod
    def installed():
        return bool(glob.glob(RABBIT)) and shutil.which("epmd") is not None

    def start(self):
        epmd_port = str(ports.take())
        env = {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8",
            "HOME": self.dir,   # of the cookie that nodes know each other by
            "ERL_EPMD_PORT": epmd_port, "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RUNNING_UNDER_SYSTEMD": "true",    # no shell around the process
            "RABBITMQ_NODENAME": f"suyuan-bench-{os.getpid()}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(ports.take()),
            "RABBITMQ_MNESIA_BASE": self.path("data"),
            "RABBITMQ_LOG_BASE": self.path("log"),
            "RABBITMQ_PID_FILE": self.path("pid"),
            "RABBITMQ_CONF_ENV_FILE": self.write("env.conf", ""),
            "RABBITMQ_CONFIG_FILE": self.write("rabbitmq.conf", ""),
            "RABBITMQ_ENABLED_PLUGINS_FILE": self.write("plugins", "[]."),
            # Idle schedulers do not spin: beside others that only costs.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+sbwt none +sbwtdcpu none +sbwtdio none "
                "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        self.spawn("epmd", "-port", epmd_port, "-address", "127.0.0.1", env=env)
        self.pid = self.spawn(glob.glob(RABBIT)[0], env=env).pid
