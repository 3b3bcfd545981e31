"""pipeline.py -- B1, B2, B3: publish 256-byte events, durable, applied with effects;
the peers and the limit in turn with us, round by round.
"""

import array
import os
import time

from cluster import Cluster
from measure import Cpu, Program, Spread, per_event, ratios, say, used_wal, \
    wait_for
from peers import Jetstream, Rabbitmq

EVENT_BYTES = 256
KEYS = 1000  # a row each in the consumers' tables
FILLER_BYTES = 150  # the first guess; tuned to the size of the stored event


class Rounds:
    """What one contender's rounds gave."""

    def __init__(self):
        self.per_s, self.acknowledged_per_s = [], []
        self.cpu, self.events, self.others = [], [], []

    def add(self, events, seconds, acknowledged_s, cpu, others):
        self.per_s.append(events / seconds)
        self.acknowledged_per_s.append(events / acknowledged_s)
        self.cpu.append(cpu)
        self.events.append(events)
        self.others.append(others)

    def spread(self):
        return Spread(self.per_s, "events/s")

    def cpu_whole(self):
        return Spread([sum(parts.values()) / n * 1e6 for parts, n in
                       zip(self.cpu, self.events)], "us/event")

    def cpu_us(self):
        return per_event(self.cpu, self.events)

    def as_json(self):
        return {"applied": self.spread().as_json(),
                "acknowledged": Spread(self.acknowledged_per_s,
                                       "events/s").as_json(),
                "cpu_us_whole": self.cpu_whole().as_json(),
                "cpu_us_per_event": {name: us.as_json() for name, us
                                     in self.cpu_us().items()},
                "others_share_of_machine": Spread(self.others,
                                                  "share").as_json()}


def effect_times(consumer):
    """Where a consumer writes how long each event took to its effect."""
    return os.path.join(os.environ["TEST_DIR"], f"{consumer}.us")


def p99_ms(path, begin):
    times = array.array("q")
    with open(path, "rb") as f:
        f.seek(begin)
        times.frombytes(f.read())
    return sorted(times)[len(times) * 99 // 100] / 1000


class Ours:
    """Events and nothing beside them on the publishing side, as with a broker."""
    name, promise = "suyuan", ""
    keeps_log = True
    consumers = ("effect", "effect2")
    kind = ("--record",)

    def __init__(self, cluster, conn):
        self.cluster, self.conn = cluster, conn
        self.filler = FILLER_BYTES
        self.published = 0

    def load(self, events, rate=0):
        cluster = self.cluster
        return Program(
            os.path.join(cluster.bin, "suyuan-bench"), "load",
            "--endpoint", cluster.services["bench"].endpoint,
            "--key", cluster.path("callcentre.key"),
            "--registry", cluster.registry, "--events", events,
            "--bytes", self.filler, "--rate", rate, "--keys", KEYS,
            *self.kind)

    def one(self, statement):
        with self.conn.cursor() as cur:
            cur.execute(statement)
            return int(cur.fetchone()[0] or 0)

    def applied(self, consumer):
        """By its positions, which are committed together with the effects."""
        return self.one("SELECT sum(last) FROM (SELECT max(position) AS last "
                        f"FROM {consumer}.cursor_position GROUP BY shard) p")

    def warm(self, events):
        self.round(events)
        self.filler += EVENT_BYTES - self.one(
            "SELECT round(avg(length(event))) FROM bench.log")

    def round(self, events, rate=0):
        """(seconds to the last effect, to the last ACK, CPU, others, told)"""
        cpu = Cpu(self.cluster, self.conn, {
            n: s.process.pid for n, s in self.cluster.services.items()})
        load = self.load(events, rate)
        try:
            told = load.told()
            self.published += events
            for consumer in self.consumers:
                wait_for(f"effects of {consumer}", lambda c=consumer:
                         self.applied(c) >= self.published, pause_s=0.002)
            end = time.monotonic()
            used, others = cpu.used({"publisher": load.pid})
            load.end()
        finally:
            load.kill()
        if told["rejected"] or told["events"] != events:
            raise RuntimeError(f"publisher told {told}")
        return (end - told["start_us"] / 1e6,
                (told["end_us"] - told["start_us"]) / 1e6, used, others, told)

    def at_rate(self, rate, seconds):
        """(p99 to the ACK, p99 to the effect in the later of the consumers) in
        ms, from when an event was due."""
        files = [effect_times(c) for c in self.consumers]
        before = [os.path.getsize(f) for f in files]
        told = self.round(rate * seconds, rate)[4]
        return (told["p99_us"] / 1000,
                max(p99_ms(f, n) for f, n in zip(files, before)))

    def verify(self):
        """Every event has had its effect once, in both consumers."""
        for consumer in self.consumers:
            got = self.one(f"SELECT sum(events) FROM {consumer}.bench_effect")
            if got != self.published:
                raise RuntimeError(f"{consumer}: {got} effects of "
                                   f"{self.published} events")


class OursWithRows(Ours):
    """The same service when each event also reads and writes a row of its own
    domain, as appeals do: what no broker does."""
    name, kind = "suyuan, with a row an event", ()
    keeps_log = False  # the same log

    def __init__(self, ours):
        super().__init__(ours.cluster, ours.conn)
        self.ours = ours

    @property
    def published(self):
        return self.ours.published

    @published.setter
    def published(self, value):
        if hasattr(self, "ours"):
            self.ours.published = value


class Peer:
    """A peer's server, its publisher and its consumer with a table."""

    def __init__(self, cluster, conn, server):
        self.cluster, self.conn, self.server = cluster, conn, server
        self.name, self.promise = server.name, server.promise
        self.keeps_log = server.keeps_log
        self.program = os.path.join(cluster.bin, server.program)
        self.schema = server.program.removeprefix("peer-")
        self.published, self.event_bytes = 0, EVENT_BYTES

    def warm(self, events):
        self.round(events)

    def round(self, events):
        port = ("--port", self.server.port, "--events", events)
        consumer = Program(self.program, "consume", *port, "--db",
                           self.cluster.db_url(), ready=True)
        publisher = None
        try:
            # Both are there only now, and have used next to nothing yet.
            cpu = Cpu(self.cluster, self.conn, {
                "server": self.server.pid, "consumer": consumer.pid},
                clients=[self.schema + " consumer"])
            publisher = Program(self.program, "publish", *port, "--first",
                                self.published, "--bytes", self.event_bytes)
            sent, taken = publisher.told(), consumer.told()
            used, others = cpu.used({"publisher": publisher.pid})
            publisher.end()
            consumer.end()
        finally:
            consumer.kill()
            if publisher:
                publisher.kill()
        self.published += events
        return ((taken["end_us"] - sent["start_us"]) / 1e6,
                (sent["end_us"] - sent["start_us"]) / 1e6, used, others)

    def verify(self):
        with self.conn.cursor() as cur:
            cur.execute(f"SELECT count(*) FROM {self.schema}.log")
            got = cur.fetchone()[0]
        if got != self.published:
            raise RuntimeError(f"{self.name}: {got} rows of {self.published} "
                               "events")


class Copy:
    name, promise = "COPY BINARY", "no log, no consumer"
    keeps_log = True

    def __init__(self, cluster, conn):
        self.cluster, self.conn = cluster, conn
        self.published = 0

    def warm(self, events):
        self.round(events)

    def round(self, events):
        cpu = Cpu(self.cluster, self.conn, {}, clients=["copy"])
        copy = Program(os.path.join(self.cluster.bin, "suyuan-bench"), "copy",
                       "--db", self.cluster.db_url(), "--events", events,
                       "--bytes", EVENT_BYTES)
        try:
            told = copy.told()
            used, others = cpu.used({"program": copy.pid})
            copy.end()
        finally:
            copy.kill()
        self.published += events
        seconds = (told["end_us"] - told["start_us"]) / 1e6
        return seconds, seconds, used, others

    def verify(self):
        with self.conn.cursor() as cur:
            cur.execute("SELECT count(*) FROM bench_copy.log")
            if cur.fetchone()[0] != self.published:
                raise RuntimeError("COPY: rows are missing")


def servers(folder, names, notes):
    """The peers that are asked for and installed; they start while we go on."""
    out = []
    for name, peer in (("jetstream", Jetstream), ("rabbitmq", Rabbitmq)):
        if name in names and not peer.installed():
            notes.append(f"{peer.name} is not installed: not measured")
        elif name in names:
            out.append(peer(os.path.join(folder, name)))
    if out and isinstance(out[0], Jetstream):
        always = Jetstream(os.path.join(folder, "always"), sync_always=True)
        if always.knows_conf():
            out.append(always)
        else:
            always.stop()
            notes.append("this nats-server does not know sync_interval, so "
                         "JetStream cannot be held to the same promise")
    for server in out:
        say(f"starting {server.name}")
        server.start()
    return out


def in_turn(contenders, events, rounds, what):
    """Interleaved; each begins right behind a checkpoint, and each has every
    place in the order."""
    out = {c.name: Rounds() for c in contenders}
    for i in range(rounds):
        at = i % len(contenders)
        for contender in contenders[at:] + contenders[:at]:
            with contender.conn.cursor() as cur:
                cur.execute("CHECKPOINT")
            got = contender.round(events)
            out[contender.name].add(events, *got[:4])
            say(f"{what}, round {i + 1} of {rounds}: {contender.name} "
                f"{events / got[0]:,.0f} events/s")
    return out


def run(options, notes):
    started, out, cluster = [], {}, None
    try:
        started = servers(os.path.join(os.environ["TEST_DIR"], "peers"),
                          options.peers, notes)
        cluster = Cluster(
            services=("bench", *Ours.consumers), environment={
                c: {"SUYUAN_BENCH_LATENCIES": effect_times(c)}
                for c in Ours.consumers})
        conn = cluster.connect()
        used_wal(conn)
        for server in started:
            server.wait()
        ours = Ours(cluster, conn)
        contenders = [ours, OursWithRows(ours), *[Peer(cluster, conn, s) for s in started],
                      Copy(cluster, conn)]
        for contender in contenders:
            contender.warm(options.warm)
        out["promises"] = {c.name: c.promise for c in contenders}
        out["rounds"] = in_turn(contenders, options.events, options.rounds,
                                "B1")
        rate = int(out["rounds"]["suyuan"].spread().median / 2)
        half = [ours.at_rate(rate, options.seconds)
                for _ in range(options.rounds)]
        out["half"], out["effect"] = (Spread(v, "ms") for v in zip(*half))
        out["half_rate"] = rate
        say(f"B3, at half of that, {rate:,}/s: p99 to ACK "
            f"{out['half'].text()} ms, to the effect {out['effect'].text()}")
        if options.tenfold:
            out["tenfold"] = tenfold(contenders, options)
        for contender in contenders:
            contender.verify()
        conn.close()
    except Exception:
        if cluster:
            cluster.show_logs()
        raise
    finally:
        for server in started:
            server.stop()
        if cluster:
            cluster.destroy()
    return out


def tenfold(contenders, options):
    """The same once the logs hold ten times what they held in the middle."""
    wanted = 10 * (options.warm + options.events * options.rounds // 2)
    with_log = [c for c in contenders if c.keeps_log]
    for contender in with_log:
        say(f"filling to {wanted:,} events: {contender.name}")
        while contender.published < wanted:
            contender.round(min(1000000, wanted - contender.published))
    return {"before": wanted, "rounds": in_turn(
        with_log, options.events, 3, f"B1 behind {wanted:,}")}


def beside(rounds, promises, what, with_targets):
    """A line of the table for each of the others."""
    targets = {"COPY BINARY": ("B2", 0.5), "RabbitMQ quorum queue": ("B1", 5.0)}
    ours = rounds["suyuan"].spread()
    for name, theirs in rounds.items():
        if name.startswith("suyuan"):
            continue
        number, target = targets.get(name, ("B1", 3.0))
        less = f" ({promises[name]})" if promises[name] else ""
        row = dict(id=number, what=what, ours=ours, against=name + less,
                   theirs=theirs.spread(),
                   ratio=ratios(ours, theirs.spread()))
        if with_targets:
            row["at_least"] = target
        yield row


def rows(result):
    """Lines of the table."""
    rounds, promises = result["rounds"], result["promises"]
    yield from beside(rounds, promises, "256-byte events in batches, durable "
                      "and applied, events/s", True)
    yield dict(id="B1", what="the same when each event reads and writes a row "
               "of its domain too, events/s",
               ours=rounds[OursWithRows.name].spread())
    half = f"at half of that rate ({result['half_rate']:,}/s), ms"
    yield dict(id="B1", what="p99 to acknowledgement " + half,
               ours=result["half"])
    yield dict(id="B3", what="p99 to the effect, in the slower of two consumers, "
               + half, ours=result["effect"], ours_at_most=10)
    if "tenfold" in result:
        more = result["tenfold"]["rounds"]
        what = f"the same behind {result['tenfold']['before']:,} events"
        now, before = more["suyuan"].cpu_whole(), rounds["suyuan"].cpu_whole()
        yield dict(id="B1", what=what + ", processor time, us/event", ours=now,
                   against="suyuan before", theirs=before, ratio=Spread(
                       [v / before.median for v in now.values], "ratio"))
        yield from beside(more, promises, what, False)
