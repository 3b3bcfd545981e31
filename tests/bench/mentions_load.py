"""mentions_load.py -- what B6 and B7 share: a system that mentions come to, with an
organisation of tens of thousands of offices, and `suyuan simulate mentions` as a
program whose processor time is known.
"""

import csv
import os
import shutil
import subprocess
import time

import mentions
from cluster import SOCIAL, Cluster
from suyuan.v1 import social_watch_pb2 as watch
from measure import Cpu, say, used_wal

WATCHES = 300
# Claims and questions of less are read by nobody: one in fifteen mentions opens a
# reaction. With the profile as it is every other one would, 5,000 a second.
REACTION_REACH = 10000
PROFILE = "post-ru"
WORDS = """очередь окно посылка бандероль извещение сотрудница телефон коробка пенсия
талон терминал паспорт журнал 排队 窗口 快递 包裹 态度 电话 queue parcel clerk window
refund phone""".split()
REPLICAS = ("social", "social:2", "social:3", "social:4")


class Load:
    """Publishes and ends; what it used can be read until it is waited for."""

    def __init__(self, cluster, endpoint, units, seed, count, rate=0):
        self.count = count
        self.process = mentions.simulate(
            cluster, endpoint, "--count", count, "--seed", seed, "--rate",
            rate, units=units)

    def wait(self):
        os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)

    def end(self):
        told = mentions.told(self.process)
        if told["submitted"] != self.count or told["rejected"]:
            raise RuntimeError(f"publisher told {told}")


class Town:
    """The services, their directory filled; a cluster that is given has none
    started, and is ended by who gave it."""

    def __init__(self, offices, given=None):
        self.cluster = cluster = given or Cluster(services=SOCIAL, start=False)
        self.given = given
        self.endpoint = mentions.in_a_row(cluster, REPLICAS)
        self.folder = cluster.path("post")
        self.units = os.path.join(self.folder, "units.csv")
        self.seed = 0
        try:
            for name in SOCIAL:
                cluster.start(name)
                cluster.wait_ready(name)
            self.conn = cluster.connect()
            used_wal(self.conn)
            say(f"an organisation of {offices:,} offices")
            cluster.cli("simulate", "organisation", "--branches", 86,
                        "--offices", offices, "--seed", 1, "--out",
                        self.folder)
            cluster.cli("import", "directory", "--profiles", self.profiles(),
                        "--profile", PROFILE,
                        *(os.path.join(self.folder, f + ".csv")
                          for f in ("departments", "units")))
            cluster.sql("ANALYZE social.dir_unit")
        except Exception:
            if not given:
                cluster.show_logs()
                cluster.destroy()
            raise

    def profiles(self):
        """The project's, but for what opens a reaction."""
        folder = self.cluster.path("profiles")
        shutil.copytree(os.path.join(self.cluster.top, "deploy", "profiles"),
                        folder)
        path = os.path.join(folder, PROFILE, "reactions.csv")
        with open(path, encoding="utf-8", newline="") as f:
            rules = list(csv.DictReader(f))
        with open(path, "w", encoding="utf-8", newline="") as f:
            out = csv.DictWriter(f, rules[0])
            out.writeheader()
            out.writerows({**rule, "min_reach": REACTION_REACH}
                          for rule in rules)
        return folder

    def watch(self):
        """Rules that look for pairs of words."""
        desk = self.cluster.client("social", "admin")
        for i in range(WATCHES):
            one, two = WORDS[i % len(WORDS)], WORDS[i // len(WORDS)]
            desk.query("PutWatch", watch.PutWatchRequest(watch=watch.Watch(
                code=f"w{i}", query=f"{one} AND {two}" if one != two
                else one)), watch.PutWatchReply)

    def one(self, statement):
        with self.conn.cursor() as cur:
            cur.execute(statement)
            return cur.fetchone()[0]

    def until_none(self, table):
        while self.one(f"SELECT EXISTS (SELECT FROM social.{table})"):
            time.sleep(0.02)

    def running(self):
        return {n: s.process.pid for n, s in self.cluster.services.items()
                if s.process}

    def round(self, count, rate=0):
        """(seconds until everything is counted and compared with what was
        before, to the last ACK, processor time by part, share of others);
        the time of folding the counts is in what was used."""
        with self.conn.cursor() as cur:
            cur.execute("CHECKPOINT")
        self.seed += 1
        cpu = Cpu(self.cluster, self.conn, self.running())
        began = time.monotonic()
        load = Load(self.cluster, self.endpoint, self.units, self.seed, count,
                    rate)
        load.wait()
        acknowledged_s = time.monotonic() - began
        self.until_none("cluster_todo")
        seconds = time.monotonic() - began
        self.until_none("tally_new")
        used, others = cpu.used({"publisher": load.process.pid})
        load.end()
        return seconds, acknowledged_s, used, others

    def verify(self):
        """The counts are a recount of what is stored, and the sum of the log."""
        stored = mentions.recounted(self.cluster)
        for what, cells in (("counts", mentions.tallied(self.cluster)),
                            ("log", mentions.logged(self.cluster))):
            if not stored or cells != stored:
                raise RuntimeError(f"B6, B7: the {what} are not a recount of "
                                   "the mentions")

    def close(self):
        self.conn.close()
        if not self.given:
            self.cluster.destroy()


def psql(cluster, statement):
    return subprocess.Popen(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", cluster.db_url(),
         "-c", statement], stdin=subprocess.DEVNULL)
