"""listening.py -- what the pages of social listening are tested with: mentions of
seven weeks, a spike, copies, points of reaction on every clock, a source that has
gone silent, an approved answer.
"""

import random
import time

import reactions
import wire
import world
from suyuan.v1 import complaints_desk_pb2 as desk
from suyuan.v1 import social_pb2 as social
from suyuan.v1 import social_warning_pb2 as warning

HOUR_US = 3600 * 1000000
# Words of this data that no translation touches.
WORDS = ("vk", "ok", "weibo", "news.test", "quiet.example", "enquiry", "social",
         "Herald", "Gazette", "reaction", "late-answer", "A late letter",
         "ivan", "nikolai", "author", "herald.test", "claims")
COPY = ("Жалоба: третий день не могу получить посылку на почте, очередь до "
        "дверей, работает одно окно, верните деньги за доставку")
PRAISE = "Спасибо, посылка пришла вовремя, отличная работа, номер {}"
QUESTION = "Подскажите, пожалуйста, когда откроется отделение? вопрос {}"

# Who writes an answer does not approve it.
APPROVER = ("approver", "reader;handler;admin", "*", "")

rnd = random.Random(7)


def mention(n, source, at_us, text, unit="", **fields):
    return social.PutMentionRequest(
        source=source, external_id=f"listen-{n}", unit=unit, text=text,
        author=fields.pop("author", f"author{n % 90}"), lang="ru",
        url=f"https://{source}/{n}", published_at_us=at_us,
        reach=rnd.randrange(500), **fields)


def everything(now):
    out = []

    def add(source, at_us, text, unit="", **fields):
        out.append(mention(len(out), source, at_us, text, unit, **fields))

    def usual(at_us, n, unit):
        for _ in range(n):
            i = len(out)
            text = rnd.choice((PRAISE.format(i), QUESTION.format(i),
                               reactions.claim(f"usual-{i}")))
            add("ok", at_us - rnd.randrange(20 * HOUR_US),
                text + f" {rnd.getrandbits(60):x} {rnd.getrandbits(60):x}",
                unit)

    for week in range(1, 8):
        usual(now - week * 7 * world.DAY_US, 8 + rnd.randrange(4), "north-01")
    for day in range(1, 14):
        usual(now - day * world.DAY_US, 4 + rnd.randrange(6),
              rnd.choice(world.OFFICES))
    usual(now, 60, "north-01")
    for i in range(5):
        add(("ok", "weibo", "news.test")[i % 3], now - (5 - i) * 600000000,
            COPY, "north-01", author=f"author{i}")
    for hours in (1, 3, 19, 30, 50, 5):
        add("vk", now - hours * HOUR_US, reactions.claim(f"vk-{hours}"),
            "north-01", author="ivan")
    return out


def bring(cluster, requests):
    client = cluster.client("social", "admin")
    for i in range(0, len(requests), 500):
        reply = client.query("PutMentions", social.PutMentionsRequest(
            mentions=requests[i:i + 500]), social.PutMentionsReply)
        assert reply.refused == 0, reply
    return client


def silent(cluster, client):
    """A source that was never still for more than two hours, and now is."""
    bring(cluster, [mention(90000 + i, "quiet.example",
                            int(time.time() * 1e6) - i * 1000000,
                            QUESTION.format(f"тихо {i}")) for i in range(3)])
    wait(lambda: cluster.sql("SELECT 1 FROM social.source WHERE source ="
                             " 'quiet.example'"), "the source is not known")
    today = int(time.time() // 86400)
    for day in range(1, 21):
        cluster.sql("INSERT INTO social.source_day VALUES (%s, %s, 50, %s)",
                    "quiet.example", today - day,
                    HOUR_US + day % 7 * 600000000)
    cluster.sql("UPDATE social.source SET last_at = last_at - interval"
                " '4 hours' WHERE source = 'quiet.example'")
    wait(lambda: any(s.silent for s in client.query(
        "ListSources", warning.ListSourcesRequest(),
        warning.ListSourcesReply).sources), "no silence is seen")


def wait(true, what, timeout_s=20):
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            raise RuntimeError(what)
        time.sleep(.05)


def answer(cluster):
    client = cluster.client("complaints")
    template = desk.PutTemplateRequest(
        code="late-answer", names=world.label("A late letter"),
        texts=[wire.common.Label(lang=lang, text=text) for lang, text in (
            ("en", "We are sorry, it is on its way."),
            ("ru", "Просим прощения, письмо в пути."),
            ("zh", "很抱歉，信件已在途中。"))])
    client.query("PutTemplate", template, desk.DeskReply)
    cluster.client("complaints", "approver").query(
        "DecideTemplate", desk.DecideTemplateRequest(
            code="late-answer", version=1, state=desk.DESK_APPROVED),
        desk.DeskReply)




def load(cluster):
    world.put(cluster, reactions.records(), name="listening")
    wait(lambda: cluster.sql(
        "SELECT (SELECT max(revision) FROM social.dir_revision) >="
        " (SELECT max(revision) FROM directory.change)")[0][0],
        "social does not know the directory")
    time.sleep(0.6)
    client = bring(cluster, everything(int(time.time() * 1e6)))
    silent(cluster, client)
    answer(cluster)
    wait(lambda: client.query(
        "ListSpikes", warning.ListSpikesRequest(),
        warning.ListSpikesReply).spikes, "no spike is seen")
