"""hosts.py -- the database's host, which is lost, and what there is of the database
elsewhere; and a publisher that goes on meanwhile.
"""

import glob
import os
import shutil
import subprocess
import threading
import time

import lanes
import world

BIN = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
ROOT = os.getuid() == 0


def as_owner(*words):
    """Of the cluster's files, as scripts/pg does it."""
    return [*(["runuser", "-u", "postgres", "--"] if ROOT else []), *words]


def run(*words):
    done = subprocess.run(as_owner(*words), cwd="/", check=False, text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError(f"{words}: {done.stderr}")


def tool(name, *words):
    """One of PostgreSQL's programs."""
    run(os.path.join(BIN, name), *words)


class Host:
    """Of the cluster's PostgreSQL. home: where its socket and its data lie."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.home = os.path.realpath(cluster.pg_dir)
        self.data = self.at("data")

    def at(self, name):
        return os.path.join(self.home, name)

    def copy(self, to, *more):
        tool("pg_basebackup", "-D", to, "-c", "fast", "-h", self.home, "-U",
             "postgres", *more)

    def wait_for(self, names):
        """A commit is one when these have it as well; '' = by itself."""
        self.cluster.sql("ALTER SYSTEM SET synchronous_standby_names = %s",
                         names)
        self.cluster.sql("SELECT pg_reload_conf()")

    def lose(self):
        self.cluster.pg("stop", "immediate")
        shutil.rmtree(self.data)


class Ongoing(threading.Thread):
    """Publishes until it is told to stop, each part when the last is taken."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        self.publisher = lanes.Publisher(
            cluster.client("complaints", "callcentre"), world.new_name())
        self.sent, self.parts, self.error = [], 0, None
        self.over = threading.Event()
        self.start()

    def run(self):
        try:
            while not self.over.is_set():
                self.parts += 1
                some = world.lives(self.parts, 200, f"host{self.parts}")
                for p in some:
                    self.publisher.add(p)
                self.sent += some
                self.publisher.run(timeout_s=90)
        except Exception as error:  # asked about by the test
            self.error = error

    def acked(self, seconds=0):
        """So far, or in the next seconds."""
        if seconds == 0:
            return sum(p.acked for p in list(self.sent))
        before = self.acked()
        time.sleep(seconds)
        return self.acked() - before

    def end(self, tap):
        self.over.set()
        self.join(90)
        tap.equal((self.is_alive(), self.error), (False, None),
                  "no publisher was acknowledged more than the database has")
        tap.equal([p for p in self.sent if not p.acked], [],
                  "and all that it sent was taken")
