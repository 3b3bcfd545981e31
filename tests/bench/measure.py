"""measure.py -- what every part of the bench needs: programs that stay until they have
been looked at, processor time by part, and figures that say how sure they are.
"""

import json
import os
import statistics
import subprocess
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")
PROCESSORS = os.cpu_count()


def say(text):
    print(time.strftime("%H:%M:%S ") + text, file=sys.stderr, flush=True)


def wait_for(what, reached, timeout_s=120, pause_s=0.005):
    end = time.monotonic() + timeout_s
    while not reached():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not in {timeout_s} s")
        time.sleep(pause_s)


def used_wal(conn):
    """As after the first gigabyte that a database writes: its WAL uses files again
    (min_wal_size). In a new one each new file stops all commits for some 20 ms."""
    say("a gigabyte of WAL")
    with conn.cursor() as cur:
        for _ in range(64):
            cur.execute("SELECT pg_logical_emit_message(false, 'bench', '')")
            cur.execute("SELECT pg_switch_wal()")
        cur.execute("CHECKPOINT")


class Spread:
    """Several measurements of one thing: their median, least and most."""

    def __init__(self, values, unit):
        self.values, self.unit = list(values), unit

    @property
    def median(self):
        return statistics.median(self.values)

    def text(self):
        digits = 0 if self.median >= 100 else 1 if self.median >= 10 else 2
        middle, low, high = (f"{v:,.{digits}f}" for v in (
            self.median, min(self.values), max(self.values)))
        return middle if len(self.values) == 1 else f"{middle} ({low}-{high})"

    def as_json(self):
        return {"median": self.median, "min": min(self.values),
                "max": max(self.values), "n": len(self.values),
                "unit": self.unit, "values": self.values}


def ratios(ours, theirs):
    """Round by round, since a round's noise is in both."""
    return Spread([a / b for a, b in zip(ours.values, theirs.values)], "ratio")


class Program:
    """A program of ours or a peer's: tells one line of JSON when it is done and
    stays, so that its processor time can be read, until it is ended."""

    def __init__(self, *command, ready=False):
        self.name = os.path.basename(command[0])
        self.process = subprocess.Popen(
            [str(c) for c in command], stdin=subprocess.PIPE, text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if ready else None)
        said = self.process.stderr.readline() if ready else ""
        if ready and said != "ready\n":
            self.kill()
            raise RuntimeError(f"{self.name} {command[1]}: {said}")

    @property
    def pid(self):
        return self.process.pid

    def told(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name}: ended with "
                               f"{self.process.wait()}")
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        if self.process.wait(30) != 0:
            raise RuntimeError(f"{self.name}: status "
                               f"{self.process.returncode}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _stat(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        return f.read().rsplit(")", 1)[1].split()


def cpu_s(pid):
    """Processor seconds of a process, its threads included."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS


def ended_children_s(pid):
    fields = _stat(pid)
    return (int(fields[13]) + int(fields[14])) / TICKS


def machine_busy_s():
    with open("/proc/stat", encoding="ascii") as f:
        user, nice, system, _, _, irq, softirq, *_ = map(
            int, f.readline().split()[1:])
    return (user + nice + system + irq + softirq) / TICKS


class Cpu:
    """Processor time by part from the beginning to the end of a round: named
    processes, and each kind of PostgreSQL process; of its backends those of
    clients only (application names; empty: all)."""

    def __init__(self, cluster, conn, named, clients=()):
        with open(os.path.join(os.path.realpath(cluster.pg_dir), "data",
                               "postmaster.pid"), encoding="ascii") as f:
            self.postmaster = int(f.readline())
        self.conn, self.named, self.clients = conn, dict(named), clients
        self.settle()
        self.before = self._read()
        self.busy, self.at = machine_busy_s(), time.monotonic()

    def settle(self):
        wait_for("the end of earlier backends", self._settled)

    def _settled(self):
        """A backend that is ending would be counted into this round."""
        with self.conn.cursor() as cur:
            cur.execute("SELECT count(*) FROM pg_stat_activity")
            known = cur.fetchone()[0]
        with open(f"/proc/{self.postmaster}/task/{self.postmaster}/children",
                  encoding="ascii") as f:
            return len(f.read().split()) == known

    def _read(self):
        with self.conn.cursor() as cur:
            cur.execute("SELECT pid, coalesce(nullif(application_name, ''), "
                        "backend_type) FROM pg_stat_activity WHERE "
                        "pid <> pg_backend_pid() AND (backend_type <> "
                        "'client backend' OR %s OR application_name = "
                        "ANY (%s))", (not self.clients, list(self.clients)))
            processes = [(pid, "postgres: " + name)
                         for pid, name in cur.fetchall()]
        processes += [(pid, name) for name, pid in self.named.items()]
        out = {(0, "postgres: ended meanwhile"):
               ended_children_s(self.postmaster)}
        for pid, name in processes:
            try:
                out[pid, name] = cpu_s(pid)
            except OSError:
                pass  # it has ended
        return out

    def used(self, more=()):
        """Part -> seconds; more: processes that were started meanwhile. What
        the rest of the machine used is a part of its own, and none of ours."""
        self.named.update(more)
        busy = machine_busy_s() - self.busy
        wall = time.monotonic() - self.at
        parts = {}
        for key, seconds in self._read().items():
            parts[key[1]] = parts.get(key[1], 0) + \
                seconds - self.before.get(key, 0)
        others = max(0.0, busy - sum(parts.values()))
        return parts, others / (wall * PROCESSORS)


def per_event(rounds, events):
    """Microseconds an event of each part, most first; what is below a twentieth
    of a microsecond is left out."""
    names = {name for parts in rounds for name in parts}
    out = [(name, Spread([parts.get(name, 0) / n * 1e6
                          for parts, n in zip(rounds, events)], "us"))
           for name in names]
    return dict(sorted((part for part in out if part[1].median >= 0.05),
                       key=lambda part: -part[1].median))
