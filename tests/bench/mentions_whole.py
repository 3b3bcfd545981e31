"""mentions_whole.py -- B6 and B7: mentions through the whole of social, beside NATS
JetStream that stores as many bytes and understands nothing, and psql's \\copy of the
rows that came of them; then the same load on one, two and four replicas.
"""

import os
import time

from measure import PROCESSORS, Cpu, Spread, ratios, say
from mentions_load import REPLICAS, Town, psql
from peers import Jetstream
from pipeline import Peer, Rounds

WANTED_PER_S = 11600    # a billion a day
REPLICAS_OF_B7 = (1, 2, 4)


class Ours:
    name = "suyuan"

    def __init__(self, town):
        self.conn, self.round = town.conn, town.round


class Copy:
    """The rows of mentions, from a file, into one table with the same key and no
    other index."""
    name = r"psql \copy"
    FROM = ("SELECT k.mention_id, k.brought_by, m.published_at, m.accepted_at, "
            "m.source, m.unit, m.reach, m.author, m.stored, t.url, "
            "t.author AS said_by, t.text FROM social.mention_key k "
            "JOIN social.mention m USING (day, n) "
            "JOIN social.mention_text t USING (day, n)")

    def __init__(self, town):
        self.town, self.conn = town, town.conn
        self.path = town.cluster.path("rows.csv")
        with self.conn.cursor() as cur:
            cur.execute(f"CREATE TABLE copied AS {self.FROM} LIMIT 0; "
                        "ALTER TABLE copied ADD PRIMARY KEY (mention_id)")

    def psql(self, statement, cpu=None):
        program = psql(self.town.cluster, statement)
        os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
        if cpu:
            cpu.settle()
        used = cpu.used({"psql": program.pid}) if cpu else None
        if program.wait() != 0:
            raise RuntimeError(f"psql: {statement}")
        return used

    def round(self, events):
        """Rows of the last round of ours, as many as there are."""
        self.psql(rf"\copy ({self.FROM} WHERE NOT EXISTS (SELECT FROM copied c "
                  "WHERE c.mention_id = k.mention_id) LIMIT "
                  rf"{events}) TO '{self.path}'")
        with open(self.path, "rb") as f:
            lines = sum(block.count(b"\n")
                        for block in iter(lambda: f.read(1 << 20), b""))
        cpu = Cpu(self.town.cluster, self.conn, {}, clients=["psql"])
        began = time.monotonic()
        used, others = self.psql(rf"\copy copied FROM '{self.path}'", cpu)
        seconds = (time.monotonic() - began) * events / lines
        return (seconds, seconds, {k: v * events / lines
                                   for k, v in used.items()}, others)


def in_turn(contenders, events, rounds, what):
    out = {c.name: Rounds() for c in contenders}
    for i in range(rounds):
        for contender in contenders:
            with contender.conn.cursor() as cur:
                cur.execute("CHECKPOINT")
            got = contender.round(events)
            out[contender.name].add(events, *got[:4])
            say(f"{what}, round {i + 1} of {rounds}: {contender.name} "
                f"{events / got[0]:,.0f} mentions/s, "
                f"{sum(got[2].values()) / events * 1e6:.0f} us each")
    return out


def grow(town, times):
    """So many times the rows, by the database alone: what is stored already,
    under other keys."""
    with town.conn.cursor() as cur:
        cur.execute("SET search_path = social")
        cur.execute("SELECT count(*), max(n) + 1 FROM mention")
        before, step = cur.fetchone()
        say(f"filling to {times * before:,} mentions")
        for i in range(1, times):
            more = f"n + {i} * {step}::bigint"
            ident = f"uuid_send(mention_id) || int2send({i}::int2)"
            ident = f"substr(sha256({ident}), 1, 16)"
            ident = f"encode({ident}, 'hex')::uuid"
            cur.execute(f"""
                INSERT INTO mention_key SELECT {ident}, day, {more}, revision,
                    edited_at, brought_by FROM mention_key WHERE n < {step};
                INSERT INTO mention_text SELECT day, {more}, external_id, url,
                    in_reply_to, author, title, text FROM mention_text
                    WHERE n < {step};
                INSERT INTO mention SELECT day, {more}, {ident}, published_at,
                    accepted_at, deleted, spam, unsure, mention_class,
                    sentiment, source, lang, topic, unit, reach, watches,
                    author, stored FROM mention WHERE n < {step}""")
        cur.execute(f"SELECT setval('mention_batch', ({times}::bigint * {step}"
                    " >> 24) + 1)")
        cur.execute("RESET search_path")
    return times * before


def scale(town, events, rounds):
    """B7: Rounds by the number of replicas."""
    out = {}
    for replicas in REPLICAS_OF_B7:
        for name in REPLICAS[1:replicas]:
            if not town.cluster.services[name].process:
                town.cluster.start(name)
                town.cluster.wait_ready(name)
        name = f"{replicas} replicas"
        ours = Ours(town)
        ours.name = name
        out[name] = in_turn([ours], events, rounds, "B7")[name]
    for name in REPLICAS[1:]:
        town.cluster.stop(name)
    return out


def jetstream(town, options, notes):
    if "jetstream" not in options.peers or not Jetstream.installed():
        notes.append("NATS JetStream is not installed: not measured with B6")
        return None
    server = Jetstream(os.path.join(os.environ["TEST_DIR"], "peer"))
    server.start()
    server.wait()
    return server


def rounds_of(options):
    return 1 if options.quick else options.rounds


def whole(town, options, out, notes):
    server = jetstream(town, options, notes)
    try:
        contenders = [Ours(town)]
        if server:
            peer = Peer(town.cluster, town.conn, server)
            peer.event_bytes = town.one(
                "SELECT round(avg(length(text) + length(url) + 150))::int "
                "FROM social.mention_text")
            contenders.append(peer)
        contenders.append(Copy(town))
        out["rounds"] = in_turn(contenders, options.mentions,
                                rounds_of(options), "B6")
        if options.tenfold:
            town.verify()
            out["tenfold_of"] = grow(town, 10)
            out["tenfold"] = in_turn(contenders[:1], options.mentions,
                                     rounds_of(options), "B6 at ten times")
    finally:
        if server:
            server.stop()


def run(options, notes):
    town, out = Town(options.offices), {}
    try:
        town.watch()
        town.round(options.mentions // 4)
        if "B7" in options.only:
            out["replicas"] = scale(town, options.mentions,
                                    rounds_of(options))
            town.verify()
        if "B6" in options.only:
            whole(town, options, out, notes)
            if not options.tenfold:
                town.verify()
    except Exception:
        town.cluster.show_logs()
        raise
    finally:
        town.close()
    return out


def share(rounds):
    """Of the machine, at the wanted rate: publisher and psql left out."""
    return Spread([100 * WANTED_PER_S * sum(
        s for part, s in parts.items() if part != "publisher") / n / PROCESSORS
        for parts, n in zip(rounds.cpu, rounds.events)], "%")


def rows(result):
    rounds = result.get("rounds", {})
    ours = rounds.get("suyuan")
    for name, theirs in rounds.items():
        if name != "suyuan":
            yield dict(id="B6", what="mentions through the whole, mentions/s",
                       ours=ours.spread(), against=name,
                       theirs=theirs.spread(),
                       ratio=ratios(ours.spread(), theirs.spread()))
    if ours:
        yield dict(id="B6", what=f"share of the {PROCESSORS} processors at "
                   f"{WANTED_PER_S:,}/s, %", ours=share(ours),
                   ours_at_most=50)
    if "tenfold" in result:
        now = result["tenfold"]["suyuan"].cpu_whole()
        before = ours.cpu_whole()
        yield dict(id="B6", what=f"the same among {result['tenfold_of']:,} "
                   "mentions, processor time, us", ours=now,
                   against="suyuan before", theirs=before,
                   ratio=Spread([v / before.median for v in now.values], "x"))
    for name, of in result.get("replicas", {}).items():
        yield dict(id="B7", what=f"the same load on {name}, mentions/s",
                   ours=of.spread())


def notes_of(result):
    """(title, parts) of each that says where its processor time goes."""
    for name, of in result.get("rounds", {}).items():
        yield f"B6, {name}, a mention", of.cpu_us()
    for name, of in result.get("replicas", {}).items():
        yield f"B7, {name}, a mention", of.cpu_us()
    for name, of in result.get("tenfold", {}).items():
        yield f"B6 at ten times, {name}, a mention", of.cpu_us()
