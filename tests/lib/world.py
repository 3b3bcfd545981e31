"""world.py -- a small organisation for tests, and appeals about it: seeded, so
that a failure can be run again.
"""

import random
import time
import uuid

import lanes
import wire
from suyuan.v1 import complaints_pb2 as complaints
from suyuan.v1 import directory_pb2 as directory

DAY_US = 86400 * 1000000
KINDS = {"complaint": "complaint", "statement": "other"}
CHANNELS = {"call-centre": "remote", "web": "remote", "counter": "in_person"}
TOPICS = ("delivery", "staff", "price", "other")
BRANCHES = {"north": "Europe/Moscow", "east": "Asia/Vladivostok"}
OFFICES = [f"{branch}-{n:02}" for branch in BRANCHES for n in range(1, 11)]


def label(text):
    return [wire.common.Label(lang="en", text=text)]


def records():
    """The directory's records, parents before children."""
    def unit(**fields):
        return directory.DirectoryRecord(unit=directory.Unit(**fields))

    def term(taxonomy, code, of_class=""):
        fields = {"taxonomy": taxonomy, "code": code, "names": label(code),
                  "class": of_class}
        return directory.DirectoryRecord(term=directory.Term(**fields))

    yield unit(code="post", level="company", zone="Europe/Moscow",
               names=label("Post"))
    for branch, zone in BRANCHES.items():
        yield unit(code=branch, parent="post", level="branch", zone=zone,
                   names=label(branch))
    for office in OFFICES:
        yield unit(code=office, parent=office.split("-", maxsplit=1)[0],
                   level="office", names=label(office))
    for code, of_class in KINDS.items():
        yield term("kind", code, of_class)
    for code, of_class in CHANNELS.items():
        yield term("channel", code, of_class)
    for code in TOPICS:
        yield term("topic", code)
    for office in OFFICES:
        yield directory.DirectoryRecord(denominator=directory.Denominator(
            unit=office, measure="customers", value=1000))
    yield first_response()


def first_response(minutes=2880):
    """The clock that every case has: 48 hours to the first answer, from the
    day on that the oldest appeals of tests are about."""
    names = [wire.common.Label(lang="ru", text="Первый ответ"),
             wire.common.Label(lang="zh", text="首次回复"),
             wire.common.Label(lang="en", text="First response")]
    return directory.DirectoryRecord(policy=directory.Policy(
        code="first_response", names=names, valid_from_day=10957,
        clock=directory.ClockRule(
            clock="first_response", names=names,
            start=directory.AT_REGISTRATION, stop=directory.AT_FIRST_ANSWER,
            measure=directory.ELAPSED_TIME, amount=minutes)))


def put(cluster, some_records, name="world"):
    """Publishes records to the directory; one lane keeps their order."""
    publisher = lanes.Publisher(cluster.client("directory"), name)
    out = []
    for record in some_records:
        request = directory.PutRecordRequest(record=record)
        publication = lanes.Publication("PutRecord", "directory",
                                        request.SerializeToString(), 0, 0)
        publisher.add(publication)
        out.append(publication)
    publisher.run()
    refused = [p.reject for p in out if p.reject]
    assert not refused, refused[0]
    return out


def load(cluster):
    put(cluster, records())


def register(rnd, external_id, at_us=0, **fields):
    """A RegisterAppeal request."""
    request = complaints.RegisterAppealRequest(
        external_id=external_id, kind=rnd.choice(list(KINDS)),
        channel=rnd.choice(list(CHANNELS)), topic=rnd.choice(TOPICS),
        unit=rnd.choice(OFFICES),
        person=complaints.Person(name="Test Customer",
                                 phone=f"+7900{rnd.randrange(10**7):07}"),
        text=f"Letter {rnd.randrange(10**6)} is late", occurred_at_us=at_us)
    for name, value in fields.items():
        setattr(request, name, value)
    return request


def publication(kind, external_id, request, at_us):
    return lanes.Publication(kind, external_id, request.SerializeToString(),
                             at_us, wire.lane_of(external_id))


def lives(seed, n, prefix, answered=0.5):
    """Publications of n appeals: all registered, a part answered, resolved
    and closed later on; in an order in which they might arrive. None is about
    to breach its clock of 48 hours: that would change it while it is being
    checked (due_soon makes such)."""
    rnd = random.Random(seed)
    ref = complaints.AppealRef
    now_us = int(time.time() * 1e6)
    out = []
    for i in range(n):
        key = f"{prefix}-{i}"
        days = 0 if rnd.random() < 0.1 else rnd.randrange(3, 30)
        at_us = now_us - days * DAY_US - rnd.randrange(DAY_US)
        life = [("RegisterAppeal", register(rnd, key), at_us)]
        if rnd.random() < answered:
            life.append(("AnswerAppeal", complaints.AnswerAppealRequest(
                appeal=ref(external_id=key), text="We are looking into it"),
                at_us + rnd.randrange(1, 72) * 3600 * 1000000))
            if rnd.random() < 0.5:
                life.append(("ResolveAppeal", complaints.ResolveAppealRequest(
                    appeal=ref(external_id=key), text="Found"),
                    life[-1][2] + 3600 * 1000000))
        out += [publication(kind, key, request, min(at, now_us))
                for kind, request, at in life]
    return out


def due_soon(seed, n, prefix, first_s, last_s):
    """Appeals whose first-response clocks run out from first_s to last_s
    seconds from now."""
    rnd = random.Random(seed)
    from_us = int(time.time() * 1e6) - 2 * DAY_US
    return [publication(
        "RegisterAppeal", key, register(rnd, key),
        from_us + int(rnd.uniform(first_s, last_s) * 1e6))
        for key in (f"{prefix}-{i}" for i in range(n))]


def new_name():
    return "t-" + uuid.uuid4().hex[:12]


def publish(cluster, publications, principal="callcentre", name=None,
            client=None, **options):
    """Publishes all and comes back when everything is acknowledged."""
    publisher = lanes.Publisher(
        client or cluster.client("complaints", principal),
        name or new_name(), **options)
    for p in publications:
        publisher.add(p)
    publisher.run()
    return publisher
