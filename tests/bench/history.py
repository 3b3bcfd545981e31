"""history.py -- B11: how long a person waits for a work list, a search and a case behind
much history. The history is made by SQL (history.sql says how), asked by QUERY over the
bus, one question at a time, in random order. Then B4 and B5 among it.
"""

import collections
import csv
import os
import random
import re
import time

import appeals
import world
from cluster import ALL, NO_LIMITS, TOP, Cluster
from measure import Spread, say, wait_for
from suyuan.v1 import complaints_pb2 as complaints
from suyuan.v1 import directory_pb2 as directory

CHUNK = 250000
TABLES = ("appeal", "appeal_fact", "appeal_text", "appeal_person",
          "appeal_search")
DATA = os.path.join(TOP, "..", "shared", "data")
WORDS = {
    "ru": "посылка письмо отделение очередь оператор доставка задержка "
          "потеряли вскрыта конверт извещение возврат курьер адрес сотрудник "
          "грубость ожидание деньги перевод пенсия подписка газета журнал",
    "en": "parcel letter office queue clerk delivery delay lost opened "
          "envelope notice refund courier address staff rude waiting money "
          "transfer pension subscription newspaper magazine locker",
    "zh": "包裹 信件 邮局 排队 职员 送货 延误 丢失 打开 信封 通知 退款 快递员 "
          "地址 态度 等待 汇款 订阅 报纸 杂志",
}
# What is asked, by its target: (name, fields of ListAppealsRequest).
LISTS = (
    ("all, newest first", {}),
    ("all, waiting first", {"order": complaints.WAITING_FIRST}),
    ("all, due first", {"order": complaints.DUE_FIRST}),
    ("a branch, newest first", {"unit": "b03"}),
    ("a branch, waiting first", {"unit": "b03",
                                 "order": complaints.WAITING_FIRST}),
    ("a branch, due first", {"unit": "b03", "order": complaints.DUE_FIRST}),
    ("an office", {"unit": "b03-007"}),
    ("a frequent topic", {"topic": "topic00"}),
    ("a rare topic and product", {"topic": "topic29", "product": "product39"}),
    ("kind, channel, segment", {"kind": "kind02", "channel": "channel05",
                                "segment": "segment03"}),
    ("a branch, topic and product", {"unit": "b03", "topic": "topic11",
                                     "product": "product12"}),
    ("nothing has it", {"topic": "no-such", "product": "product12"}),
    ("open, a department", {"open_only": True, "department": "department07"}),
    ("a handler, open", {"handler": "handler0123", "open_only": True}),
    ("green, breached", {"green_only": True, "breached_only": True}),
    ("to the media", {"min_escalation": complaints.ESCALATION_MEDIA}),
    ("a number", {"external_id": "h-4711"}),
)


def texts(count, rnd):
    """Real ones where they are at hand (../shared/data), else made of words."""
    out = []
    for name, column in (("ru_rusentitweet_train.csv", "text"),
                         ("zh_waimai_10k.csv", "review")):
        path = os.path.join(DATA, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8", newline="") as f:
                some = [row[column] for row in csv.DictReader(f)]
            out += rnd.sample(some, min(len(some), count // 4))
    words = {lang: text.split() for lang, text in WORDS.items()}
    while len(out) < count:
        some = words[rnd.choice(list(words))]
        out.append(" ".join(rnd.choices(some, k=rnd.randrange(5, 40))))
    return out[:count]


class History:
    def __init__(self, cluster, rows):
        self.cluster, self.rows = cluster, rows
        self.conn = cluster.connect()
        self.rnd = random.Random(7)
        self.pool = min(4000, max(200, rows // 20))
        self.branches = 86 if rows >= 1000000 else 12
        self.offices = 465 if rows >= 1000000 else 30
        self.client = cluster.client("complaints")

    def execute(self, statement, args=None):
        with self.conn.cursor() as cur:
            cur.execute(statement, args)
            return cur.fetchall() if cur.description else None

    def organisation(self):
        """Branches and offices beside those of the small world."""
        def unit(code, parent, level):
            return directory.DirectoryRecord(unit=directory.Unit(
                code=code, parent=parent, level=level,
                names=world.label(code)))
        world.put(self.cluster, [unit(f"b{b:02}", "post", "branch")
                                 for b in range(self.branches)], "branches")
        world.put(self.cluster, [unit(f"b{b:02}-{o:03}", f"b{b:02}", "office")
                                 for b in range(self.branches)
                                 for o in range(self.offices)], "offices")

    def read_pool(self):
        """The service itself breaks the texts into words."""
        publications = [world.publication(
            "RegisterAppeal", f"pool-{n}",
            world.register(self.rnd, f"pool-{n}", text=text),
            int(time.time() * 1e6) - 1100 * world.DAY_US)
            for n, text in enumerate(texts(self.pool, self.rnd))]
        world.publish(self.cluster, publications)
        wait_for("the search index", lambda: self.execute(
            "SELECT NOT EXISTS (SELECT FROM complaints.search_queue)")[0][0])
        self.execute("""
            CREATE TABLE public.pool AS
            SELECT substr(a.external_id, 6)::int AS n, t.text,
                   ts_delete(s.words, ARRAY(
                       SELECT l FROM unnest(tsvector_to_array(s.words)) l
                       WHERE l LIKE '%%=%%' OR l IN ('pool', 'test', 'custom')
                          OR l = substr(a.external_id, 6)
                          OR l ~ '^7?900')) AS words
            FROM complaints.appeal a JOIN complaints.appeal_text t
                 USING (appeal_id)
            JOIN complaints.appeal_search s USING (appeal_id)""")
        self.execute("CREATE UNIQUE INDEX ON public.pool (n)")

    def fill(self):
        """Indexes are built afterwards, but for the keys, which are in order."""
        indexes = self.execute("""
            SELECT schemaname || '.' || indexname, indexdef FROM pg_indexes i
            WHERE schemaname = 'complaints' AND tablename = ANY (%s)
              AND NOT EXISTS (SELECT FROM pg_constraint c
                              WHERE c.conname = i.indexname)""",
                               (list(TABLES),))
        for name, _ in indexes:
            self.execute(f"DROP INDEX {name}")
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                               "history.sql"), encoding="utf-8") as f:
            statements = f.read()
        for first in range(1, self.rows + 1, CHUNK):
            last = min(self.rows, first + CHUNK - 1)
            self.execute(statements, {
                "first": first, "last": last, "whole": self.rows,
                "branches": self.branches, "offices": self.offices,
                "pool": self.pool - 1})
            if last % 1000000 == 0:
                say(f"B11: {last:,} cases")
        self.execute("SET maintenance_work_mem = '1GB'")
        for _, definition in indexes:
            self.execute(definition)
            say(f"B11: {definition.split(' ON ')[0]}")
        for table in TABLES:
            self.execute(f"VACUUM ANALYZE complaints.{table}")
        self.execute("CHECKPOINT")

    def words(self):
        """Of each language a frequent, a middling and a rare one: {name: it}."""
        forms = {"ru": "[а-я]{4,}", "en": "[a-z]{4,}", "zh": "(?=([一-鿿]{2}))"}
        out = {}
        texts_of = self.execute("SELECT text FROM public.pool ORDER BY n")
        for lang, form in forms.items():
            seen = collections.Counter(w for text, in texts_of for w in set(
                re.findall(form, text.lower())))
            words = sorted(seen, key=lambda w: (-seen[w], w))
            for name, at in (("frequent", 0), ("middling", len(words) // 20),
                             ("rare", len(words) - 1)):
                out[f"{lang}, {name}"] = words[at]
        return out

    def searches(self):
        words = self.words()
        for name, word in words.items():
            yield name, {"text": word + " "}
        yield "two words", {"text": f"{words['ru, frequent']} "
                                    f"{words['ru, middling']} "}
        yield "a branch, a word", {"text": words["ru, middling"] + " ",
                                   "unit": "b03"}
        yield "a word and a topic", {"text": words["zh, frequent"] + " ",
                                     "topic": "topic11"}
        yield "a name", {"text": "surname2711 "}
        yield "a beginning", {"text": words["ru, frequent"][:4]}
        yield "nothing has it", {"text": f"{words['ru, rare']} "
                                         f"{words['en, rare']} "}

    def ask(self, fields):
        return self.client.query(
            "ListAppeals", complaints.ListAppealsRequest(**fields),
            complaints.ListAppealsReply)

    def times(self, asked, rounds):
        """{name: [milliseconds]} and the rows of a page."""
        out, rows = {name: [] for name, _ in asked}, {}
        for n in range(rounds + 1):
            for name, fields in self.rnd.sample(asked, len(asked)):
                began = time.monotonic()
                rows[name] = len(self.ask(fields).appeals)
                if n > 0:  # the first one finds the caches cold
                    out[name].append((time.monotonic() - began) * 1000)
        return out, rows

    def cases(self, rounds):
        out = []
        for _ in range(rounds):
            (case,), = self.execute(
                "SELECT appeal_id FROM complaints.appeal"
                " WHERE external_id = %s AND source = 'callcentre'",
                (f"h-{self.rnd.randrange(1, self.rows + 1)}",))
            request = complaints.GetAppealRequest(
                appeal=complaints.AppealRef(appeal_id=case))
            began = time.monotonic()
            self.client.query("GetAppeal", request, complaints.GetAppealReply)
            out.append((time.monotonic() - began) * 1000)
        return {"case page": out}, {"case page": 1}

    def bytes(self):
        return self.execute("SELECT sum(pg_total_relation_size("
                            "('complaints.' || t)::regclass))::bigint "
                            "FROM unnest(%s) t", (list(TABLES),))[0][0]


def p99(values):
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def measure(history, rounds):
    out = {}
    for title, of in (
            ("list", lambda: history.times(LISTS, rounds)),
            ("search", lambda: history.times(list(history.searches()),
                                             rounds)),
            ("case", lambda: history.cases(rounds * 5))):
        times, rows = of()
        out[title] = {name: {"p50": p99(sorted(t)[:len(t) // 2 + 1]),
                             "p99": p99(t), "rows": rows[name], "all": t}
                      for name, t in times.items()}
        for name, of_name in out[title].items():
            say(f"B11, {title}, {name}: p50 {of_name['p50']:.1f}, p99 "
                f"{of_name['p99']:.1f} ms, {of_name['rows']} rows")
    return out


def intake(cluster, options):
    """B4 and B5 among what is there."""
    intake = appeals.Appeals(cluster)
    intake.registered = intake.one("SELECT count(*) FROM complaints.appeal")
    out = {"single": appeals.single(intake, options),
           "batches": appeals.batches(intake, options, beside=False)}
    intake.settle()
    intake.verify()
    intake.conn.close()
    return out


def run(options):
    cluster = Cluster(services=ALL, environment=NO_LIMITS)
    try:
        for setting, value in (("max_wal_size", "8GB"),
                               ("checkpoint_timeout", "30min")):
            cluster.sql(f"ALTER SYSTEM SET {setting} = '{value}'")
        cluster.sql("SELECT pg_reload_conf()")
        world.load(cluster)
        history = History(cluster, options.history)
        history.organisation()
        history.read_pool()
        say(f"B11: {history.rows:,} cases")
        history.fill()
        out = {"rows": history.rows, "bytes": history.bytes()}
        out.update(measure(history, options.asked))
        out["intake"] = intake(cluster, options)
    except Exception:
        cluster.show_logs()
        raise
    finally:
        cluster.destroy()
    return out


def rows(result):
    yield from appeals.rows(result["intake"],
                            f" among {result['rows']:,} cases")
    of = f"of {result['rows']:,} cases, {result['bytes'] / 2**30:.1f} GB"
    for title, what, most in (("list", "work list", 20),
                              ("search", "search", 100),
                              ("case", "case page", 20)):
        every = [t for one in result[title].values() for t in one["all"]]
        worst = max(result[title], key=lambda n: result[title][n]["p99"])
        yield dict(id="B11", what=f"{what} {of}, p99 ms",
                   ours=Spread([p99(every)], "ms"), ours_at_most=most)
        if len(result[title]) > 1:
            yield dict(id="B11", what=f"{what}, the slowest of "
                       f"{len(result[title])} kinds ({worst}), p99 ms",
                       ours=Spread([result[title][worst]["p99"]], "ms"))
