"""cluster.py -- a whole system of real processes for one test: a private
PostgreSQL, keys, services on free ports, everything in one folder.

TEST_DIR (set by scripts/test) is that folder; its logs stay after a failure.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import psycopg2
import zmq

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ports  # noqa: E402
import wire  # noqa: E402

TOP = wire.TOP
PG = os.path.join(TOP, "scripts", "pg")
PG_LIKE = [os.environ[n] for n in ("TEST_PG_LIKE",) if n in os.environ]
WEB = os.path.join(TOP, "services", "gateway", "web", "dist")
ALL = ("directory", "complaints", "kpi")
SOCIAL = ("directory", "social")
PEOPLE = ALL + ("gateway",)
EVERYTHING = ALL + ("social", "gateway")
# A test asks more in a second than a person: limits are a test of their own.
NO_LIMITS = {"gateway": {"SUYUAN_RATE": "0", "SUYUAN_RATE_ADDRESS": "0",
                         "SUYUAN_CONNECTIONS_PER_ADDRESS": "0"}}
# The program of a service, where it is not suyuan-NAME.
PROGRAMS = {"bench": ("suyuan-bench", "serve"),
            "effect": ("suyuan-bench", "consume"),
            "effect2": ("suyuan-bench", "consume")}
ROLES = "reader;handler;publisher;consumer;admin"
# name, roles, streams, unit: who may do what in every test.
PRINCIPALS = [
    ("admin", ROLES, "*", ""),
    ("directory", "consumer", "*", ""),
    ("complaints", "consumer", "*", ""),
    ("kpi", "consumer", "*", ""),
    ("social", "publisher;consumer", "*", ""),
    ("callcentre", "publisher", "", ""),
    ("simulator", "publisher;reader", "", ""),
]


# The programs with the named points to die at (Makefile, faults).
FAULTS_BUILD = os.environ.get("TEST_FAULTS_BUILD", "build/faults")


def base_env():
    """What a program gets besides its own: the caller's variables stay out,
    those that say where a sanitizer reports go with it."""
    return {name: os.environ[name]
            for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")
            if name in os.environ}


class Service:
    """One process. A name with a colon (kpi:2) is another replica of kpi."""

    def __init__(self, name):
        self.name = name
        self.base = name.split(":")[0]
        self.port, self.ops_port = ports.take(), ports.take()
        self.endpoint = f"tcp://127.0.0.1:{self.port}"
        self.process = None
        self.log = None
        self.kills = 0
        self.bin = None  # another build than the cluster's


class Cluster:
    top = TOP
    null, pipe = subprocess.DEVNULL, subprocess.PIPE

    def __init__(self, services=ALL, build=None, principals=(), start=True,
                 environment=(), pg_dir=None):
        # Another build: SAN=1, for instance.
        self.bin = os.path.join(
            TOP, build or os.environ.get("TEST_BUILD", "build"), "bin")
        self.dir = os.environ.get("TEST_DIR") or \
            tempfile.mkdtemp(prefix="suyuan-test-")
        os.makedirs(self.dir, exist_ok=True)
        os.chmod(self.dir, 0o755)
        self.programs = dict(PROGRAMS)
        self.services = {n: Service(n) for n in services}
        self.principals = list(PRINCIPALS) + list(principals)
        if "gateway" in services:
            self.principals.append(("gateway", "gateway;consumer", "*", ""))
        self.keys = {}
        self.environment = dict(environment)  # more variables, by service
        self.statuses = {}      # exit status of each drained service
        self.clients = []
        self._urls = {}
        self.supervised = {}    # name -> its watch's own mark
        self._lock = threading.Lock()
        self._closing = False
        self.pg_dir = pg_dir or os.path.join(self.dir, "pg")
        self.pg("init", *PG_LIKE)
        self.pg("start")
        bases = dict.fromkeys(s.base for s in self.services.values())
        self.pg("role", *bases)
        for name in [p[0] for p in self.principals] + list(bases):
            if name not in self.keys:
                self.add_key(name)
        with open(self.path("bootstrap.csv"), "w", encoding="utf-8") as f:
            f.write("name,roles,streams,unit,revoked\n")
            for name, roles, streams, unit in self.principals:
                f.write(f"{name},{roles},{streams},{unit},\n")
        if not start:
            return
        try:
            for name in services:
                self.start(name)
            for name in services:
                self.wait_ready(name)
        except RuntimeError:
            self.show_logs()
            self.destroy(keep=True)
            raise

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    # --- keys ---

    @property
    def registry(self):
        return self.path("registry")

    def add_key(self, principal):
        public, secret = (k.decode() for k in zmq.curve_keypair())
        with open(self.path(principal + ".key"), "w", encoding="ascii",
                  opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.write(f"public {public}\nsecret {secret}\n")
        with open(self.registry, "a", encoding="ascii") as f:
            f.write(f"{public} {principal}\n")
        self.keys[principal] = (public, secret)

    # --- PostgreSQL ---

    def pg(self, command, *more):
        return subprocess.run([PG, command, self.pg_dir, *more], check=True,
                              capture_output=True, text=True).stdout.strip()

    def db_url(self, role=""):
        if role not in self._urls:
            self._urls[role] = self.pg("url", *([role] if role else []))
        return self._urls[role]

    def set_url(self, role, url):
        self._urls[role] = url

    def connect(self):
        """As superuser, each statement a transaction of its own."""
        conn = psycopg2.connect(self.db_url())
        conn.autocommit = True
        return conn

    def sql(self, statement, *args):
        conn = self.connect()
        try:
            with conn.cursor() as cur:
                cur.execute(statement, args)
                return cur.fetchall() if cur.description else None
        finally:
            conn.close()

    # --- services ---

    def env_of(self, name):
        service = self.services[name]
        name = service.base
        env = {
            **base_env(),
            "SUYUAN_BIND": service.endpoint,
            "SUYUAN_DB_URL": self.db_url(name),
            "SUYUAN_KEY": self.path(name + ".key"),
            "SUYUAN_REGISTRY": self.registry,
            "SUYUAN_OPS_HOST": "127.0.0.1",
            "SUYUAN_OPS_PORT": str(service.ops_port),
            "SUYUAN_LOG_LEVEL": "info",
        }
        if name == "directory":
            env["SUYUAN_BOOTSTRAP"] = self.path("bootstrap.csv")
        elif "directory" in self.services:
            env["SUYUAN_DIRECTORY"] = self.services["directory"].endpoint
        if name in ("complaints", "social"):
            env["SUYUAN_SUBJECT_KEY"] = "5a" * 32
        if name == "social":
            env["SUYUAN_LEXICON"] = ":".join(
                os.path.join(TOP, "deploy", "profiles", "common", f)
                for f in ("lexicon.csv", "lexicon_post.csv"))
        if name == "kpi" or name == "social" and "complaints" in self.services:
            env["SUYUAN_COMPLAINTS"] = self.services["complaints"].endpoint
        if name == "kpi" and "social" in self.services:
            env["SUYUAN_SOCIAL"] = self.services["social"].endpoint
        if name == "gateway":
            env["SUYUAN_COMPLAINTS"] = self.services["complaints"].endpoint
            env["SUYUAN_KPI"] = self.services["kpi"].endpoint
            if "social" in self.services:
                env["SUYUAN_SOCIAL"] = self.services["social"].endpoint
            env["SUYUAN_SEAL_KEY"] = "a5" * 32
            if os.path.exists(os.path.join(WEB, "index.html")):
                env["SUYUAN_WEB_DIR"] = WEB
        if name.startswith("effect"):
            env["SUYUAN_BENCH"] = self.services["bench"].endpoint
            env["SUYUAN_BENCH_CONSUMER"] = name
        env.update(self.environment.get(name, {}))
        return env

    def start(self, name, supervise=False, **more_env):
        """Starts a service, or another replica of it; supervise: it comes
        back whatever ends it."""
        service = self.services.setdefault(name, Service(name))
        if service.log is None:
            service.log = open(self.path(name + ".log"), "ab", buffering=0)
        program = self.programs.get(service.base,
                                    ("suyuan-" + service.base,))
        service.process = subprocess.Popen(
            [os.path.join(service.bin or self.bin, program[0]), *program[1:]],
            cwd=self.dir, env={**self.env_of(name), **more_env},
            stdin=subprocess.DEVNULL, stdout=service.log, stderr=service.log)
        if supervise and name not in self.supervised:
            mark = self.supervised[name] = object()
            threading.Thread(target=self._supervise, args=(name, mark),
                             daemon=True).start()

    def _supervise(self, name, mark):
        service = self.services[name]
        while True:
            service.process.wait()
            with self._lock:
                # It may have been stopped and started again by now.
                if self._closing or self.supervised.get(name) is not mark:
                    return
                service.kills += 1
                self.start(name)

    def wait_ready(self, name, timeout_s=30, path="/readyz"):
        end = time.monotonic() + timeout_s
        answer = "nothing"
        while time.monotonic() < end:
            service = self.services[name]
            if service.process.poll() is not None and \
                    name not in self.supervised:
                raise RuntimeError(f"{name} ended with "
                                   f"{service.process.returncode}")
            try:
                status, answer = self.http(name, path)
                if status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"{name} not ready in {timeout_s} s: {answer}")

    def http(self, name, path):
        conn = http.client.HTTPConnection(
            "127.0.0.1", self.services[name].ops_port, timeout=5)
        try:
            conn.request("GET", path)
            answer = conn.getresponse()
            return answer.status, answer.read().decode()
        finally:
            conn.close()

    def metrics(self, name):
        """Name with labels -> value."""
        lines = self.http(name, "/metrics")[1].splitlines()
        return {l.rsplit(" ", 1)[0]: float(l.rsplit(" ", 1)[1])
                for l in lines if l and not l.startswith("#")}

    def rss_mb(self, name):
        """Resident memory of a service; 0 when it is not there."""
        try:
            with open(f"/proc/{self.services[name].process.pid}/statm",
                      encoding="ascii") as f:
                return int(f.read().split()[1]) * os.sysconf(
                    "SC_PAGE_SIZE") / (1 << 20)
        except OSError:
            return 0.0

    def cpu_s(self):
        """Processor seconds of the services and of their backends so far."""
        pids = [s.process.pid for s in self.services.values()] + \
            [pid for pid, in self.sql("SELECT pid FROM pg_stat_activity WHERE "
                                      "usename <> 'postgres'")]
        total = 0
        for pid in pids:
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
                total += int(fields[11]) + int(fields[12])
            except OSError:
                pass    # it has ended
        return total / os.sysconf("SC_CLK_TCK")

    def kill9(self, name):
        process = self.services[name].process
        process.send_signal(signal.SIGKILL)
        if name not in self.supervised:
            process.wait()

    def stop(self, name, timeout_s=20):
        """SIGTERM; its exit status, -9 if it had to be killed."""
        with self._lock:
            self.supervised.pop(name, None)
            process = self.services[name].process
        if process is None:
            return None
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.services[name].process = None
        self.statuses[name] = process.returncode
        return process.returncode

    def stop_all(self):
        for client in self.clients:
            client.close()
        self.clients.clear()
        for name in reversed(list(self.services)):
            self.stop(name)

    # --- clients ---

    def client(self, service, principal="admin"):
        """A bus client of our own protocol code."""
        replica = self.services[service]
        client = wire.Client(replica.endpoint, self.keys[replica.base][0],
                             self.keys[principal])
        self.clients.append(client)
        return client

    def cli_env(self, principal="admin"):
        env = {**base_env(), "HOME": self.dir,
               "SUYUAN_KEY": self.path(principal + ".key"),
               "SUYUAN_REGISTRY": self.registry}
        for name in ALL + SOCIAL:
            if name in self.services:
                env["SUYUAN_" + name.upper()] = self.services[name].endpoint
        return env

    def cli_start(self, *args, principal="admin", **options):
        return subprocess.Popen(
            [os.path.join(self.bin, "suyuan"), *map(str, args)], cwd=self.dir,
            env=self.cli_env(principal), **options)

    def cli(self, *args, principal="admin", check=True, timeout_s=300,
            text_in=None):
        """Runs the suyuan command to its end."""
        done = subprocess.run(
            [os.path.join(self.bin, "suyuan"), *map(str, args)], cwd=self.dir,
            env=self.cli_env(principal), capture_output=True, text=True,
            timeout=timeout_s, input=text_in)
        if check and done.returncode != 0:
            raise RuntimeError(f"suyuan {' '.join(map(str, args))}: "
                               f"status {done.returncode}\n{done.stdout}"
                               f"\n{done.stderr}")
        return done

    def query(self, method, **request):
        return json.loads(self.cli("query", method,
                                   json.dumps(request)).stdout)

    # --- the end ---

    def show_logs(self, lines=15):
        for name, service in self.services.items():
            if service.log is None:
                continue
            with open(self.path(name + ".log"), encoding="utf-8",
                      errors="replace") as f:
                tail = f.readlines()[-lines:]
            print(f"# --- end of {name}.log")
            print("".join("# " + l[:400].rstrip("\n") + "\n" for l in tail),
                  end="", flush=True)

    def destroy(self, keep=False):
        """Ends everything; keep: the logs stay."""
        with self._lock:
            self._closing = True
        for client in self.clients:
            client.close()
        for service in self.services.values():
            if service.process and service.process.poll() is None:
                service.process.kill()
                service.process.wait()
            if service.log:
                service.log.close()
        self.pg("destroy")
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)
