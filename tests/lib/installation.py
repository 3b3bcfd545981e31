"""installation.py -- docker-compose.yml as a user has it, under a project of its
own: secrets, ports and volume of this test alone.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import ports

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SERVICES = ("directory", "complaints", "kpi", "social", "gateway")
ALL = ("postgres",) + SERVICES
WIDTH = 4       # ports of a service's range


class Installation:
    def __init__(self, engine, project="suyuan-test"):
        self.project = project
        self.dir = os.path.join(TOP, "build", "compose")
        self.secrets = os.path.join(self.dir, "secrets")
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.secrets, mode=0o700)
        self.env = {k: v for k, v in engine.env.items()
                    if not k.startswith(("SUYUAN_", "COMPOSE_"))}
        first = ports.take_row(WIDTH * len(SERVICES))
        self.ranges = {}
        for i, name in enumerate(SERVICES):
            low = first + i * WIDTH
            self.ranges[name] = f"127.0.0.1:{low}-{low + WIDTH - 1}"
            self.env["SUYUAN_PORTS_" + name.upper()] = self.ranges[name]
        # Browsers know one address: it stays over restarts.
        self.gateway_port = low
        self.env["SUYUAN_PORTS_GATEWAY"] = f"127.0.0.1:{low}"
        self.env.update(SUYUAN_SECRETS=self.secrets, SUYUAN_VERSION="test",
                        COMPOSE_PROJECT_NAME=project)

    def run(self, *command, check=True, timeout_s=300, text_in=None):
        done = subprocess.run(
            [str(c) for c in command], cwd=TOP, env=self.env, text=True,
            errors="replace", capture_output=True, timeout=timeout_s,
            input=text_in, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(
                f"{' '.join(map(str, command))[:300]}: status "
                f"{done.returncode}\n{done.stdout[-3000:]}\n"
                f"{done.stderr[-3000:]}")
        return done

    def docker(self, *args, **options):
        return self.run("docker", *args, **options).stdout.strip()

    def compose(self, *args, **options):
        return self.run("docker-compose", *args, **options)

    # --- containers ---

    def containers(self, service=None):
        """Ids of those that run, by the number that Compose gave them."""
        label = "label=com.docker.compose."
        wanted = ["--filter", f"{label}project={self.project}",
                  "--filter", f"{label}oneoff=False"]
        if service:
            wanted += ["--filter", f"{label}service={service}"]
        ids = self.docker("ps", "-q", "--no-trunc", *wanted).split()
        return sorted(ids, key=lambda i: int(self.label(i, "container-number"))
                      ) if ids else []

    def inspect(self, container):
        return json.loads(self.docker("inspect", container))[0]

    def label(self, container, name):
        return self.inspect(container)["Config"]["Labels"][
            "com.docker.compose." + name]

    def ready(self, container):
        """What /readyz says, asked from outside."""
        for network in self.inspect(container)["NetworkSettings"][
                "Networks"].values():
            if not network["IPAddress"]:
                return False
            try:
                with urllib.request.urlopen(
                        f"http://{network['IPAddress']}:17101/readyz",
                        timeout=2) as answer:
                    return answer.status == 200
            except (OSError, urllib.error.URLError):
                return False
        return False

    def wait_ready(self, container, timeout_s=30):
        """Seconds that it took."""
        began = time.monotonic()
        while not self.ready(container):
            if time.monotonic() - began > timeout_s:
                raise RuntimeError(f"{container} not ready in {timeout_s} s")
            time.sleep(0.02)
        return time.monotonic() - began

    def wait_healthy(self, service, count=1, timeout_s=60):
        end = time.monotonic() + timeout_s
        states = []
        while time.monotonic() < end:
            states = [self.inspect(c)["State"]["Health"]["Status"]
                      for c in self.containers(service)]
            if states == ["healthy"] * count:
                return
            time.sleep(0.2)
        raise RuntimeError(f"{service} is {states} after {timeout_s} s")

    def pid(self, container):
        return self.inspect(container)["State"]["Pid"]

    def kill9(self, container):
        """On the machine itself: what the engine kills it does not restart."""
        os.kill(self.pid(container), signal.SIGKILL)

    def exec(self, container, *command, **options):
        return self.run("docker", "exec", "-i", container, *command, **options)

    # --- PostgreSQL ---

    def sql(self, statement):
        """As superuser, by the socket that only its container has."""
        return self.exec(self.containers("postgres")[0], "psql", "-X", "-A",
                         "-t", "-h", "/run/postgresql", "-U", "postgres", "-d",
                         "suyuan", "-v", "ON_ERROR_STOP=1",
                         text_in=statement).stdout.strip()

    def password(self, service):
        with open(os.path.join(self.secrets, service + ".db"),
                  encoding="ascii") as f:
            return re.search(r"password=([0-9a-f]{64})", f.read()).group(1)

    def sql_as(self, role, password, statement, database="suyuan"):
        """As a service does it, over the network; (status, what was said)."""
        done = self.exec(
            self.containers("postgres")[0], "sh", "-c",
            'read -r PGPASSWORD; export PGPASSWORD; exec psql -X -A -t -w '
            '-h postgres -v ON_ERROR_STOP=1 -U "$1" -d "$2"', "sh", role,
            database, check=False, text_in=f"{password}\n{statement}\n")
        return done.returncode, done.stdout + done.stderr

    # --- the command line ---

    def cli_env(self, principal="admin"):
        """Of a program on the machine, which comes by the published ports."""
        env = {"PATH": os.environ["PATH"], "HOME": self.dir,
               "SUYUAN_KEY": os.path.join(self.secrets, principal + ".key"),
               "SUYUAN_REGISTRY": os.path.join(self.secrets, "public",
                                               "registry")}
        for name in ("directory", "complaints", "kpi", "social"):
            env["SUYUAN_" + name.upper()] = "tcp://" + self.ranges[name]
        return env

    def outside(self, *args, principal="admin"):
        """Starts suyuan on the machine."""
        return subprocess.Popen(
            [os.path.join(TOP, "build", "bin", "suyuan"), *map(str, args)],
            cwd=self.dir, env=self.cli_env(principal), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def inside_command(self, *args, folder=None):
        mount = ["-v", f"{folder}:/in:ro"] if folder else []
        return ["docker-compose", "run", "--rm", "-T", *mount, "cli",
                *map(str, args)]

    def inside(self, *args, folder=None, **options):
        """suyuan in a container, to its end."""
        return self.run(*self.inside_command(*args, folder=folder), **options)

    # --- the end ---

    def show_logs(self):
        for line in self.compose("logs", "--no-color", "--tail", "15",
                                 check=False).stdout.splitlines():
            print("# " + line[:300])
        sys.stdout.flush()

    def destroy(self):
        self.compose("down", "-v", "--remove-orphans", "-t", "5", check=False)
