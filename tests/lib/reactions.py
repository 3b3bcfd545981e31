"""reactions.py -- points of reaction for tests: the rules, terms and people that
they need besides world.py's, and what somebody at the desk asks.
"""

import random
import time

import cases
import mentions
import people
import wire
import world
from suyuan.v1 import complaints_pb2 as complaints
from suyuan.v1 import directory_pb2 as directory
from suyuan.v1 import social_pb2 as social
from suyuan.v1 import social_reaction_pb2 as desk

HOUR_US = 3600 * 1000000
WORDS = """очередь окно оператор посылка письмо пенсия индекс квитанция касса
график сортировка курьер адрес извещение марка бандероль перевод паспорт подпись
сотрудник начальник звонок ящик подъезд район автобус утро вечер обед выходной
вокзал аптека магазин школа двор мост река зима весна лето осень""".split()


def claim(external_id):
    """Like that of no other mention, so that none is a copy."""
    rnd = random.Random(external_id)
    return "Жалоба: " + " ".join(rnd.sample(WORDS, 15)) + ", верните деньги"


def now_us():
    return int(time.time() * 1e6)


def rule(code, **fields):
    match = directory.PolicyMatch(**fields.pop("match", {}))
    return cases.policy(code, reaction=directory.ReactionRule(
        match=match, **fields))


def records():
    def term(taxonomy, code, of_class):
        fields = {"taxonomy": taxonomy, "code": code,
                  "names": world.label(code), "class": of_class}
        return directory.DirectoryRecord(term=directory.Term(**fields))

    yield term("channel", "social", "remote")
    yield term("kind", "enquiry", "other")
    # every mention of this source needs one, whatever it is found to be
    yield rule("vk", match={"channel": "vk"}, order=1, priority=2)
    yield rule("loud", match={"channel": "ok"}, order=1, min_reach=1000,
               priority=1)


def load(cluster):
    cases.load(cluster)
    world.put(cluster, records(), name="reactions")


class Desk:
    """What one principal asks of social."""

    def __init__(self, cluster, principal="olga"):
        self.client = cluster.client("social", principal)

    def put(self, external_id, source="vk", **fields):
        request = mentions.mention(random.Random(external_id), external_id,
                                   fields.pop("at_us", 0) or now_us())
        request.source = source
        fields.setdefault("text", claim(external_id))
        for name, value in fields.items():
            setattr(request, name, value)
        return self.client.query("PutMention", request,
                                 social.PutMentionReply).mention_id

    def do(self, method, reaction_id, **fields):
        request = getattr(desk, method + "Request")(
            reaction_id=reaction_id, **fields)
        return self.client.query(method, request, desk.ReactionReply)

    def refused(self, method, reaction_id, **fields):
        """(code, field) of the refusal; None: it was taken."""
        try:
            self.do(method, reaction_id, **fields)
        except wire.Refused as e:
            return e.code, e.error.field
        return None

    def open(self, mention_id, **fields):
        return self.client.query("OpenReaction", desk.OpenReactionRequest(
            mention_id=mention_id, **fields), desk.ReactionReply)

    def get(self, reaction_id):
        return self.client.query(
            "GetReaction", desk.GetReactionRequest(reaction_id=reaction_id),
            desk.Reaction)

    def list(self, **fields):
        return self.client.query("ListReactions",
                                 desk.ListReactionsRequest(**fields),
                                 desk.ListReactionsReply)

    def wait(self, reaction_id, until, timeout_s=20):
        """The reaction as soon as until(it) is true, or as it is at last."""
        end = time.monotonic() + timeout_s
        while True:
            reaction = self.get(reaction_id)
            if until(reaction) or time.monotonic() > end:
                return reaction
            time.sleep(0.05)


def clocks(reaction):
    return {c.clock: c.state for c in reaction.facts.clocks}


def steps(reaction):
    return [s.step for s in reaction.steps]


def appeal_of(cluster, reaction_id, principal="olga"):
    """The appeal as complaints shows it, by what social called it."""
    rows = cluster.sql("SELECT appeal_id::text FROM complaints.appeal WHERE "
                       "source = 'social' AND external_id = %s", reaction_id)
    if not rows:
        return None
    return cases.Desk(cluster, principal).get(rows[0][0])
