"""mentions.py -- mentions for tests of the social service, and what must always
be true of it: the counts are a recount of what is stored, and the sum of the log.
"""

import collections
import itertools
import random
import time

import cluster as clusters
import lanes
import ports
import wire
import world
from suyuan.v1 import social_pb2 as social

SOURCES = ("vk", "weibo", "2gis.ru", "ok")
TEXTS = ("Очередь на почте {n} человек, работает одно окно",
         "邮局排队 {n} 分钟，太慢了",
         "Parcel {n} is lost again, nobody answers the phone",
         "Спасибо, посылка {n} пришла вовремя")


def mention(rnd, external_id, at_us=0, **fields):
    request = social.PutMentionRequest(
        source=rnd.choice(SOURCES), external_id=external_id,
        url="https://example.org/" + external_id,
        author=f"author{rnd.randrange(1000)}",
        text=rnd.choice(TEXTS).format(n=rnd.randrange(10**6)),
        published_at_us=at_us, reach=rnd.randrange(1000),
        unit=rnd.choice(world.OFFICES) if rnd.random() < 0.5 else "")
    for name, value in fields.items():
        setattr(request, name, value)
    return request


def publication(request, at_us=0, kind="PutMention"):
    key = request.source + "/" + request.external_id
    return lanes.Publication(kind, key, request.SerializeToString(), at_us,
                             wire.lane_of(key))


def some(seed, n, prefix):
    """Publications of n mentions of the last days; a part of them is edited,
    deleted or comes again."""
    rnd = random.Random(seed)
    now_us = int(time.time() * 1e6)
    out = []
    for i in range(n):
        at_us = now_us - rnd.randrange(3 * world.DAY_US)
        request = mention(rnd, f"{prefix}-{i}", at_us)
        out.append(publication(request, at_us))
        what = rnd.random()
        if what < 0.1:
            out.append(publication(request, at_us))
        elif what < 0.2:
            again = social.PutMentionRequest()
            again.CopyFrom(request)
            again.edited_at_us = at_us + 1000000
            again.text += " (edited)"
            again.reach += 1
            again.unit = rnd.choice(world.OFFICES)
            out.append(publication(again, at_us))
        elif what < 0.3:
            out.append(publication(social.DeleteMentionRequest(
                source=request.source, external_id=request.external_id),
                now_us, "DeleteMention"))
    return out


def publish(cluster, publications, principal="callcentre", name=None,
            service="social", timeout_s=120, **options):
    publisher = lanes.Publisher(cluster.client(service, principal),
                                name or world.new_name(), **options)
    for p in publications:
        publisher.add(p)
    publisher.run(timeout_s)
    return publisher


# --- what is always true ---

CELL = ("hour", "unit", "topic", "mention_class", "sentiment", "source")


def _cells(cluster, table, by, mentions, reach):
    by = ", ".join(by)
    return {tuple(r[:-2]): (int(r[-2]), int(r[-1])) for r in cluster.sql(
        f"SELECT {by}, {mentions}, {reach} FROM {table} GROUP BY {by}")
            if r[-2] or r[-1]}


def tallied(cluster, by=CELL):
    return _cells(cluster, "social.tally_now", by, "sum(mentions)",
                  "sum(reach)")


def recounted(cluster, by=CELL):
    """From the rows of mentions, those of dropped days are not there."""
    return _cells(cluster, "(SELECT floor(extract(epoch FROM published_at) / "
                  "3600)::integer AS hour, * FROM social.mention "
                  "WHERE NOT deleted) AS m", by, "count(*)", "sum(reach)")


def logged(cluster, by=CELL):
    sums = collections.defaultdict(lambda: [0, 0])
    for event in events(cluster):
        if event.type != "MentionsTallied":
            continue
        for t in social.MentionsTallied.FromString(event.payload).tallies:
            cell = sums[tuple(getattr(t, name) for name in by)]
            cell[0] += t.mentions
            cell[1] += t.reach
    return {k: tuple(v) for k, v in sums.items() if any(v)}


def events(cluster):
    """Of the whole log, a shard at a time: an hour of it is gigabytes."""
    for (shard,) in cluster.sql("SELECT shard FROM social.shard"):
        for (event,) in cluster.sql("SELECT event FROM social.log "
                                    "WHERE shard = %s", shard):
            yield wire.bus.Event.FromString(bytes(event))


def _first_differences(got, wanted):
    """Cell, what it has and what it should; a soak's cells are too many to print
    all of them."""
    cells = (k for k in got.keys() | wanted.keys()
             if got.get(k) != wanted.get(k))
    return [(k, got.get(k), wanted.get(k)) for k in itertools.islice(cells, 5)]


def check_counts(tap, cluster, prefix="", by=CELL):
    stored = recounted(cluster, by)
    tap.ok(stored, prefix + "mentions are stored")
    tap.equal(_first_differences(tallied(cluster, by), stored), [],
              prefix + "the counts are a recount of what is stored")
    tap.equal(_first_differences(logged(cluster, by), stored), [],
              prefix + "and the sum of the log")


def check_stored(tap, cluster, publications, prefix=""):
    """Each publication took effect once, in the order of its mention."""
    wanted = {}
    for p in publications:
        if p.type == "DeleteMention":
            request = social.DeleteMentionRequest.FromString(p.event.payload)
            wanted[p.key] = wanted[p.key][:1] + (True, None)
            continue
        request = social.PutMentionRequest.FromString(p.event.payload)
        known = wanted.get(p.key)
        if not known or not known[1] and request.edited_at_us:
            wanted[p.key] = (request.reach, False, request.text)
    stored = {f"{source}/{external_id}": (reach, False, text)
              for source, external_id, reach, text in cluster.sql(
                  "SELECT m.source, t.external_id, m.reach, t.text"
                  " FROM social.mention m JOIN social.mention_text t"
                  " USING (day, n)")}
    tap.equal({k: v for k, v in wanted.items() if not v[1] and
               stored.get(k) != v}, {}, prefix + "every mention is stored, "
              "once, as it was said last")
    tap.equal(sorted(set(stored) - {k for k, v in wanted.items()
                                    if not v[1]}), [],
              prefix + "no text of another or of a deleted one is there")
    tap.equal(cluster.sql("SELECT count(*), count(DISTINCT mention_id) FROM "
                          "social.mention"), [(len(wanted), len(wanted))],
              prefix + "a row for each, none twice")


# --- more than a test sends itself ---

def in_a_row(cluster, names):
    """Gives replicas of social neighbouring ports, before any is started, so that
    one address names all of them."""
    first = ports.take_row(len(names))
    for port, name in enumerate(names, first):
        service = cluster.services.setdefault(name, clusters.Service(name))
        service.port, service.endpoint = port, f"tcp://127.0.0.1:{port}"
    return f"tcp://127.0.0.1:{first}-{first + len(names) - 1}"


def simulate(cluster, endpoint, *options, units=None):
    """`suyuan simulate mentions` of now, started."""
    if units is None:
        units = cluster.path("mention_units.csv")
        with open(units, "w", encoding="ascii") as f:
            f.write("code,level\n" + "".join(f"{o},office\n"
                                             for o in world.OFFICES))
    return cluster.cli_start(
        "simulate", "mentions", "--units", units, "--endpoint",
        "social=" + endpoint, "--from",
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), *options,
        principal="simulator", stdout=cluster.pipe, stderr=cluster.pipe,
        text=True)


def told(process, timeout_s=300):
    """What such a program says at its end: name -> number."""
    out, err = process.communicate(timeout=timeout_s)
    if process.returncode != 0:
        raise RuntimeError(f"simulate: status {process.returncode}\n{out}{err}")
    return {w[0]: int(w[1]) for w in map(str.split, out.splitlines())
            if len(w) == 2 and w[1].isdigit()}


def owners(cluster, like="%"):
    """Duty -> who owns it, None: nobody."""
    return dict(cluster.sql("SELECT name, owner::text FROM social.duty "
                            "WHERE name LIKE %s", like))


def caught_up(cluster, timeout_s=60):
    """Until the owners of clusters have seen everything; seconds."""
    began = time.monotonic()
    while cluster.sql("SELECT EXISTS (SELECT FROM social.cluster_todo)"
                      )[0][0]:
        if time.monotonic() - began > timeout_s:
            raise RuntimeError("owners of clusters stay behind")
        time.sleep(0.05)
    return time.monotonic() - began
