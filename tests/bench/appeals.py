"""appeals.py -- B4 and B5: appeals one a message at a rate beside one INSERT a
transaction at the same rate; and in batches beside COPY of every row they write.
B12 looks at the same services.
"""

import os
import time

import footprint
import people
import world
from cluster import ALL, NO_LIMITS, PEOPLE, Cluster
from measure import Cpu, Program, Spread, per_event, ratios, say, used_wal, wait_for

RATE = 2000
# The tables that a registration writes a row to, and the log (a row holds many
# events).
TABLES = ("appeal", "appeal_person", "appeal_fact", "appeal_text", "timer",
          "log_segment")


class Appeals:
    """A cluster that appeals can be registered in."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.conn = cluster.connect()
        self.units = cluster.path("units")
        self.registered = 0
        with open(self.units, "w", encoding="ascii") as f:
            f.write("\n".join(world.OFFICES) + "\n")

    def one(self, statement):
        with self.conn.cursor() as cur:
            cur.execute(statement)
            return int(cur.fetchone()[0] or 0)

    def load(self, appeals, rate=0):
        return Program(
            os.path.join(self.cluster.bin, "suyuan-bench"), "load",
            "--endpoint", self.cluster.services["complaints"].endpoint,
            "--key", self.cluster.path("callcentre.key"),
            "--registry", self.cluster.registry, "--units", self.units,
            "--events", appeals, "--rate", rate)

    def publish(self, appeals, rate=0, cpu=None):
        """What the load told, and the processor time if cpu is given."""
        load = self.load(appeals, rate)
        try:
            told = load.told()
            used = cpu.used({"publisher": load.pid}) if cpu else None
            load.end()
        finally:
            load.kill()
        if told["rejected"] or told["events"] != appeals:
            raise RuntimeError(f"publisher told {told}")
        self.registered += appeals
        return told, used

    def cpu(self):
        return Cpu(self.cluster, self.conn, {
            n: s.process.pid for n, s in self.cluster.services.items()})

    def settle(self):
        """Until kpi has counted everything: it is none of the next round."""
        head = ("SELECT sum(last) FROM (SELECT max(last_offset) AS last FROM "
                "complaints.log_segment GROUP BY shard) h")
        done = ("SELECT sum(last) FROM (SELECT max(position) AS last FROM "
                "kpi.cursor_position WHERE stream = 'complaints' "
                "GROUP BY shard) p")
        wait_for("kpi's cells", lambda: self.one(done) >= self.one(head),
                 pause_s=0.05)
        with self.conn.cursor() as cur:
            cur.execute("CHECKPOINT")

    def verify(self):
        got = self.one("SELECT count(*) FROM complaints.appeal")
        if got != self.registered:
            raise RuntimeError(f"{got} appeals of {self.registered}")


def insert(cluster, seconds):
    program = Program(os.path.join(cluster.bin, "suyuan-bench"), "insert",
                      "--db", cluster.db_url(), "--events", RATE * seconds,
                      "--rate", RATE)
    try:
        told = program.told()
        program.end()
    finally:
        program.kill()
    return told


def single(appeals, options):
    """B4: in turn, a round each."""
    ours, theirs, cpu = [], [], []
    appeals.publish(RATE, RATE)
    insert(appeals.cluster, 1)
    for i in range(options.single_rounds):
        def publish():
            told, used = appeals.publish(RATE * options.seconds, RATE,
                                         appeals.cpu())
            ours.append(told)
            cpu.append(used[0])

        def insert_rows():
            theirs.append(insert(appeals.cluster, options.seconds))
        turns = [publish, insert_rows]
        for turn in turns if i % 2 == 0 else reversed(turns):
            appeals.settle()
            turn()
        say(f"B4, round {i + 1} of {options.single_rounds}: p50 and p99 "
            f"{ours[-1]['p50_us']} and {ours[-1]['p99_us']} us, INSERT "
            f"{theirs[-1]['p50_us']} and {theirs[-1]['p99_us']} us")
    out = {who: {q: Spread([t[q + "_us"] / 1000 for t in told], "ms")
                 for q in ("p50", "p99")}
           for who, told in (("ours", ours), ("insert", theirs))}
    out["cpu_us_per_appeal"] = per_event(cpu,
                                         [RATE * options.seconds] * len(cpu))
    return out


def copy_rows(appeals):
    """COPY of all that the tables hold into empty ones like them, indexes
    included, one transaction, one connection; seconds."""
    appeals.cluster.sql("DROP SCHEMA IF EXISTS copied CASCADE")
    appeals.cluster.sql("CREATE SCHEMA copied")
    conn = appeals.cluster.connect()
    conn.autocommit = False
    seconds = 0.0
    with conn.cursor() as cur:
        for table in TABLES:
            cur.execute(f"CREATE TABLE copied.{table} "
                        f"(LIKE complaints.{table} INCLUDING ALL)")
        conn.commit()
        for table in TABLES:
            path = appeals.cluster.path(table + ".copy")
            with open(path, "wb") as f:
                cur.copy_expert(f"COPY complaints.{table} TO STDOUT "
                                "(FORMAT binary)", f)
            with open(path, "rb") as f:
                start = time.monotonic()
                cur.copy_expert(f"COPY copied.{table} FROM STDIN "
                                "(FORMAT binary)", f)
                seconds += time.monotonic() - start
            os.remove(path)
        start = time.monotonic()
        conn.commit()
        seconds += time.monotonic() - start
    conn.close()
    return seconds


def batches(appeals, options, beside=True):
    """B5; beside: COPY of all that the tables hold."""
    per_s, copied, cpu, others = [], [], [], []
    for i in range(options.rounds):
        appeals.settle()
        told, (used, other) = appeals.publish(options.appeals,
                                              cpu=appeals.cpu())
        per_s.append(options.appeals /
                     ((told["end_us"] - told["start_us"]) / 1e6))
        cpu.append(used)
        others.append(other)
        say(f"B5, round {i + 1} of {options.rounds}: {per_s[-1]:,.0f} "
            "appeals/s")
        if beside:
            appeals.settle()
            copied.append(appeals.registered / copy_rows(appeals))
            say(f"COPY {copied[-1]:,.0f}")
    out = {"registered": Spread(per_s, "appeals/s"),
           "cpu_us_per_appeal": per_event(cpu, [options.appeals] * len(cpu)),
           "others_share_of_machine": Spread(others, "share")}
    if beside:
        written = sum(appeals.one(f"SELECT count(*) FROM complaints.{t}")
                      for t in TABLES)
        out.update(copied=Spread(copied, "appeals/s"),
                   rows_per_appeal=written / appeals.registered)
    return out


def run(options):
    with_people = "B12" in options.only
    cluster = Cluster(services=PEOPLE if with_people else ALL,
                      environment=NO_LIMITS)
    out = {}
    try:
        if with_people:
            who = people.load(cluster)
            bearer = people.machine(cluster, who["administrator"]).bearer
        else:
            world.load(cluster)
        appeals = Appeals(cluster)
        used_wal(appeals.conn)
        if "B4" in options.only:
            out["single"] = single(appeals, options)
        if "B5" in options.only:
            out["batches"] = batches(appeals, options)
        if with_people:
            out["footprint"] = footprint.measure(appeals, bearer, options)
        appeals.settle()
        appeals.verify()
        appeals.conn.close()
    except Exception:
        cluster.show_logs()
        raise
    finally:
        cluster.destroy()
    return out


def rows(result, among=""):
    if "single" in result:
        ours, theirs = result["single"]["ours"], result["single"]["insert"]
        what = (f"one appeal a message, {RATE:,}/s, to its acknowledgement"
                f"{among}, ")
        yield dict(id="B4", what=what + "p50 ms", ours=ours["p50"],
                   against="INSERT + COMMIT", theirs=theirs["p50"],
                   ratio=ratios(ours["p50"], theirs["p50"]))
        yield dict(id="B4", what=what + "p99 ms", ours=ours["p99"],
                   against="INSERT + COMMIT", theirs=theirs["p99"],
                   ratio=ratios(ours["p99"], theirs["p99"]), at_most=2.0,
                   ours_at_most=5.0)
    if "batches" in result:
        b = result["batches"]
        row = dict(id="B5", what=f"appeals registered in batches{among}, "
                   "appeals/s", ours=b["registered"], ours_at_least=20000)
        if "copied" in b:
            row.update(against="COPY of the same "
                       f"{b['rows_per_appeal']:.1f} rows", theirs=b["copied"],
                       ratio=ratios(b["registered"], b["copied"]),
                       at_least=0.25)
        yield row
    if "footprint" in result:
        yield from footprint.rows(result["footprint"])
