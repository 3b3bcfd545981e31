"""cases.py -- work on cases over the bus, as somebody at a desk does it; and the
terms, departments and policies that such work needs besides world.py's.
"""

import random
import time
import uuid

import people
import wire
import world
from suyuan.v1 import complaints_pb2 as complaints
from suyuan.v1 import directory_pb2 as directory

HOUR_US = 3600 * 1000000
# Who works on cases: of all, and of one branch only.
HANDLERS = (("olga", "reader;handler", ""), ("oleg", "reader;handler", ""),
            ("nina", "reader;handler", "north"))


def now_us():
    return int(time.time() * 1e6)


def policy(code, from_day=10957, **rule):
    return directory.DirectoryRecord(policy=directory.Policy(
        code=code, names=world.label(code), valid_from_day=from_day, **rule))


def clock(code, name, start, stop, measure, amount, from_day=10957, **fields):
    match = directory.PolicyMatch(**fields.pop("match", {}))
    return policy(code, from_day, clock=directory.ClockRule(
        clock=name, match=match, start=start, stop=stop, measure=measure,
        amount=amount, names=world.label(name), **fields))


def records():
    def term(taxonomy, code):
        return directory.DirectoryRecord(term=directory.Term(
            taxonomy=taxonomy, code=code, names=world.label(code)))

    for code in ("quality", "finance"):
        yield directory.DirectoryRecord(department=directory.Department(
            code=code, names=world.label(code)))
    yield term("remedy", "refund")
    yield term("remedy", "voucher")
    yield term("red_line", "data_leak")
    yield term("segment", "key")
    yield policy("money", remedy=directory.RemedyRule(
        free_limit_minor=50000, limit_minor=500000, currency="RUB"))
    yield policy("window", repeat=directory.RepeatRule(window_days=30))
    yield policy("regulator", outside_appeal=directory.OutsideAppealRule(
        days=30, texts=world.label("The regulator")))
    yield policy("key", routing=directory.RoutingRule(
        match=directory.PolicyMatch(segment="key"), order=2,
        department="finance", green_channel=True))
    yield policy("staff", routing=directory.RoutingRule(
        match=directory.PolicyMatch(topic="staff"), order=1,
        department="quality"))
    yield clock("answer", "answer", directory.AT_REGISTRATION,
                directory.AT_FINAL_ANSWER, directory.CALENDAR_DAYS, 30,
                may_pause=True, extension_max=30)
    yield clock("task", "task", directory.AT_ROUTING, directory.AT_CLOSING,
                directory.CALENDAR_DAYS, 8)


def load(cluster):
    world.load(cluster)
    world.put(cluster, records(), name="cases")
    for name, _, _ in HANDLERS:
        cluster.add_key(name)
    world.put(cluster, [people.principal(*h) for h in HANDLERS], name="desk")
    people.settle(cluster)


def request_of(method, **fields):
    return getattr(complaints, method + "Request")(**fields)


class Desk:
    """What one principal asks."""

    def __init__(self, cluster, principal):
        self.principal = principal
        self.client = cluster.client("complaints", principal)

    def register(self, at_us=0, **fields):
        """appeal_id of a new case."""
        fields.setdefault("topic", "delivery")
        request = world.register(random.Random(1), uuid.uuid4().hex,
                                 at_us or now_us() - HOUR_US, **fields)
        return self.client.query("RegisterAppeal", request,
                                 complaints.AppealReply).appeal_id

    def do(self, method, appeal_id, **fields):
        request = request_of(
            method, appeal=complaints.AppealRef(appeal_id=appeal_id), **fields)
        return self.client.query(method, request, complaints.AppealReply)

    def refused(self, method, appeal_id, **fields):
        """(code, field) of the refusal; None: it was taken."""
        try:
            self.do(method, appeal_id, **fields)
        except wire.Refused as e:
            return e.code, e.error.field
        return None

    def get(self, appeal_id):
        return self.client.query("GetAppeal", complaints.GetAppealRequest(
            appeal=complaints.AppealRef(appeal_id=appeal_id)),
            complaints.GetAppealReply).appeal

    def state(self, appeal_id):
        return complaints.AppealState.Name(
            self.get(appeal_id).facts.state).removeprefix("APPEAL_")


def events_of(cluster, appeal_id):
    """(type, AppealChanged) in the order of the log."""
    rows = cluster.sql("SELECT event FROM complaints.log ORDER BY shard, "
                       "log_offset")
    events = [wire.bus.Event.FromString(bytes(row[0])) for row in rows]
    return [(e.type, complaints.AppealChanged.FromString(e.payload))
            for e in events if e.key == appeal_id]


def types_of(cluster, appeal_id):
    return [kind for kind, _ in events_of(cluster, appeal_id)]
