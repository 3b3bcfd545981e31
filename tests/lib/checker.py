"""checker.py -- knows what was sent, reads what the databases hold, and says
whether the promises were kept:

I1  every acknowledged publication that was not rejected has its domain row and
    its event, found by causation_id
I2  none of them has two
I3  the offsets of each shard are dense from 1, their times never go back
I4  effects recomputed from the log equal the stored ones: states of cases,
    cells of indicators
I5  the revisions of each key are dense from 1, in the order of the log, in
    one shard

Every function returns sentences about what is wrong; none = kept.
"""

import collections
import datetime
import time

import wire
from suyuan.v1 import complaints_pb2 as complaints
from suyuan.v1 import social_facts_pb2 as judged
from suyuan.v1 import social_pb2 as social
from suyuan.v1 import social_reaction_pb2 as desk
from tap import ok

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
Entry = collections.namedtuple("Entry", "shard offset accepted_at event")

# The facts of a case in the order of their stored numbers, and the event of
# each.
FACTS = (
    ("RegisterAppeal", "AppealRegistered"),
    ("ClassifyAppeal", "AppealClassified"),
    ("AnswerAppeal", "AppealAnswered"),
    ("ResolveAppeal", "AppealResolved"),
    ("CloseAppeal", "AppealClosed"),
    ("RouteAppeal", "AppealRouted"),
    ("InvestigateAppeal", "AppealInvestigated"),
    ("InformCustomer", "CustomerInformed"),
    ("ReopenAppeal", "AppealReopened"),
    ("WithdrawAppeal", "AppealWithdrawn"),
    ("EscalateAppeal", "AppealEscalated"),
    ("MergeAppeal", "AppealMerged"),
    ("NoteAppeal", "AppealNoted"),
    ("RateAppeal", "AppealRated"),
    ("PauseClock", "ClockPaused"),
    ("ResumeClock", "ClockResumed"),
    ("ExtendClock", "ClockExtended"),
    ("MakePromise", "PromiseMade"),
    ("SettlePromise", "PromiseSettled"),
    ("ProposeRemedy", "RemedyProposed"),
    ("DecideRemedy", "RemedyDecided"),
    ("OpenTask", "TaskOpened"),
    ("SettleTask", "TaskSettled"),
    ("LinkAppeal", "AppealLinked"),
    ("MarkRepeat", "RepeatMarked"),
    ("FlagRedLine", "RedLineFlagged"),
    ("DecideRedLine", "RedLineDecided"),
    ("AttachFile", "FileAttached"),
    ("KeepLookup", "LookupKept"),
)
FACT_NAMES = tuple(name for name, _ in FACTS)
# Of a case, kept by the service for who asked.
KEEP_LOOKUP = FACT_NAMES.index("KeepLookup")

# Which events of the log the publications of each type cause, one of them each.
EVENTS_OF = {name: (event, "AppealFactKept", "AppealFactRefused")
             for name, event in FACTS}
EVENTS_OF["RegisterAppeal"] = ("AppealRegistered",)
EVENTS_OF["Put"] = ("PutDone",)


def read_log(cluster, schema):
    rows = cluster.sql(f"SELECT shard, log_offset, accepted_at, event "
                       f"FROM {schema}.log ORDER BY shard, log_offset")
    return [Entry(shard, offset, at, wire.bus.Event.FromString(bytes(event)))
            for shard, offset, at, event in rows]


def few(wrong, what):
    """At most five examples, and how many there are."""
    return [f"{what}: {len(wrong)}, e.g. {wrong[:5]}"] if wrong else []


def check_published(entries, publications):
    """I1 and I2 in the log. publications: of lanes.Publication, as sent."""
    caused = collections.defaultdict(collections.Counter)
    for entry in entries:
        caused[entry.event.causation_id][entry.event.type] += 1
    lost, twice, ghosts = [], [], []
    for p in publications:
        found = sum(caused[p.event_id][t] for t in EVENTS_OF[p.type])
        name = f"{p.type} {p.key} lane {p.lane} seq {p.seq}"
        if p.acked and not p.reject and found == 0:
            lost.append(name)
        if found > 1:
            twice.append(name)
        if p.reject and found:
            ghosts.append(name)
    return (few(lost, "I1 acknowledged, without event") +
            few(twice, "I2 with more than one event") +
            few(ghosts, "rejected, and with an event"))


def check_dense(entries):
    wrong = []
    last = {}
    for e in entries:
        offset, at = last.get(e.shard, (0, None))
        if e.offset != offset + 1:
            wrong.append(f"shard {e.shard}: {e.offset} after {offset}")
        if at and e.accepted_at < at:
            wrong.append(f"shard {e.shard}: time goes back at {e.offset}")
        last[e.shard] = (e.offset, e.accepted_at)
    return few(wrong, "I3 offsets")


def check_order(entries):
    wrong = []
    seen = {}
    for e in entries:
        key, revision = e.event.key, e.event.revision
        shard, last = seen.get(key, (e.shard, 0))
        if shard != e.shard or revision != last + 1:
            wrong.append(f"{key}: revision {revision} after {last}, "
                         f"shards {shard} and {e.shard}")
        seen[key] = (e.shard, revision)
    return few(wrong, "I5 order by key")


# --- complaints ---

def check_appeal_rows(cluster, publications):
    """I1 and I2 in the domain's rows: one case a registration, one fact each
    of the others."""
    facts = collections.Counter()
    for external_id, kind, n in cluster.sql(
            "SELECT a.external_id, f.type, count(*) FROM complaints.appeal a "
            "JOIN complaints.appeal_fact f USING (appeal_id) "
            # what the service itself has added is no publication: by what it
            # does by time, and what it keeps of a look-up for somebody
            "WHERE f.source <> 'complaints' AND f.type <> %s GROUP BY 1, 2",
            KEEP_LOOKUP):
        facts[external_id, kind] = n
    wanted = collections.Counter()
    unknown = collections.Counter()
    for p in publications:
        if p.reject:
            continue
        target = wanted if p.acked else unknown
        target[p.key, FACT_NAMES.index(p.type)] += 1
    lost = [k for k, n in wanted.items() if facts[k] < n]
    twice = [k for k, n in facts.items() if n > wanted[k] + unknown[k]]
    return few(lost, "I1 acknowledged, without row") + \
        few(twice, "I2 rows that nobody sent, or twice")


COLUMNS = ("state", "kind", "channel", "topic", "element", "product",
           "segment", "unit", "intake_unit", "department", "registered_at_us",
           "registered_day", "first_answer_at_us", "first_response",
           "first_response_due_us", "resolved_at_us", "closed_at_us")


def without_columns(facts):
    """As a row keeps them packed."""
    packed = complaints.AppealFacts()
    packed.CopyFrom(facts)
    for column in COLUMNS:
        packed.ClearField(column)
    return packed


def check_case_states(cluster, entries):
    """I4: the last event of each case says what its row says."""
    after = {}
    for e in entries:
        if e.event.type not in ("SubjectMerged", "SubjectSplit"):
            after[e.event.key] = (e.event.revision, e.event.payload)
    wrong = []
    rows = cluster.sql(
        "SELECT appeal_id::text, revision, state, kind, channel, topic, unit, "
        "department, registered_day, first_response, registered_at, "
        "first_answer_at, resolved_at, closed_at, more, handler, escalation, "
        "green_channel, next_due FROM complaints.appeal")
    for row in rows:
        revision, payload = after.pop(row[0], (0, b""))
        a = complaints.AppealChanged.FromString(payload).after

        def us(t):
            return 0 if t is None else \
                (t - EPOCH) // datetime.timedelta(microseconds=1)
        more = complaints.AppealStored.FromString(bytes(row[14])).facts
        stored = row[1:10] + tuple(us(t) for t in row[10:14]) + \
            row[15:18] + (us(row[18]), more)
        told = (revision, a.state, a.kind, a.channel, a.topic, a.unit,
                a.department, a.registered_day, a.first_response,
                a.registered_at_us, a.first_answer_at_us, a.resolved_at_us,
                a.closed_at_us, a.handler, a.escalation, a.green_channel,
                a.next_due_us, without_columns(a))
        if stored != told:
            wrong.append(f"{row[0]}: row {stored}, log {told}")
    wrong += [f"{key}: in the log only" for key in after]
    return few(wrong, "I4 case states")


# Whatever became of it, an appeal that was registered counts.
NOT_COUNTED = (complaints.APPEAL_NONE, complaints.APPEAL_PENDING)


def leaves(facts):
    """(indicator, numerator, denominator) of one appeal, from the words of
    the documentation and not from kpi's code."""
    if facts.state in NOT_COUNTED:
        return
    yield 1, 1, 0
    if facts.first_response in (complaints.CLOCK_MET,
                                complaints.CLOCK_BREACHED):
        yield 2, int(facts.first_response == complaints.CLOCK_MET), 1
    yield 3, int(facts.resolved_at_us != 0), 1


def appeal_cells(event):
    """(cell without its day of acceptance, numerator, denominator) each that
    an event of complaints adds."""
    changed = complaints.AppealChanged.FromString(event.payload)
    for sign, facts in ((-1, changed.before), (1, changed.after)):
        for indicator, numerator, denominator in leaves(facts):
            yield ((facts.registered_day, facts.unit, indicator, facts.kind,
                    facts.channel, facts.topic, facts.department),
                   sign * numerator, sign * denominator)


def class_code(mention_class):
    return "" if mention_class == judged.MENTION_CLASS_NONE else \
        judged.MentionClass.Name(mention_class)[len("MENTION_"):].lower()


def reaction_leaves(facts):
    if facts.state in (desk.REACTION_DISMISSED, desk.REACTION_MERGED):
        return
    indicators = {"reaction": 6, "inquiry": 7, "report": 8}
    for clock in facts.clocks:
        if clock.clock in indicators and clock.state in (
                complaints.CLOCK_MET, complaints.CLOCK_BREACHED):
            yield (indicators[clock.clock],
                   int(clock.state == complaints.CLOCK_MET), 1)


def mention_cells(event):
    """The same of an event of social."""
    def at(day, indicator, of):
        return (day, of.unit, indicator, class_code(of.mention_class),
                of.source, of.topic, "")
    if event.type == "MentionsTallied":
        for t in social.MentionsTallied.FromString(event.payload).tallies:
            if t.mention_class == judged.MENTION_SPAM:
                continue
            yield at(t.day, 4, t), t.mentions, 0
            if t.sentiment != judged.SENTIMENT_NONE:
                negative = t.sentiment == judged.SENTIMENT_NEGATIVE
                yield at(t.day, 5, t), t.mentions * negative, t.mentions
    elif event.type == "ReactionChanged":
        changed = desk.ReactionChanged.FromString(event.payload)
        for sign, facts in ((-1, changed.before), (1, changed.after)):
            for indicator, numerator, denominator in reaction_leaves(facts):
                yield (at(facts.published_day, indicator, facts),
                       sign * numerator, sign * denominator)


def check_cells(cluster, entries, of_social=()):
    """I4: cells(after) - cells(before) over the whole logs are the stored
    cells, by day of acceptance."""
    cells = collections.defaultdict(lambda: [0, 0])
    for some, added in ((entries, appeal_cells), (of_social, mention_cells)):
        for e in some:
            day = (e.accepted_at - EPOCH).days
            for key, numerator, denominator in added(e.event):
                cell = cells[*key, day]
                cell[0] += numerator
                cell[1] += denominator
    wanted = {k: tuple(v) for k, v in cells.items() if any(v)}
    stored = {row[:8]: row[8:] for row in cluster.sql(
        "SELECT day, unit, indicator, kind, channel, topic, department, "
        "accepted_day, numerator::bigint, denominator::bigint FROM kpi.cell "
        "WHERE numerator <> 0 OR denominator <> 0")}
    wrong = [f"{k}: stored {stored.get(k)}, recounted {wanted.get(k)}"
             for k in wanted.keys() | stored.keys()
             if stored.get(k) != wanted.get(k)]
    return few(wrong, "I4 cells")


def cursors(cluster, schema, stream):
    """Shard -> last applied offset."""
    return dict(cluster.sql(
        f"SELECT shard, max(position) FROM {schema}.cursor_position "
        f"WHERE stream = %s GROUP BY shard", stream))


def wait_applied(cluster, schema="kpi", stream="complaints", timeout_s=60):
    """Until the consumer's cursors have reached the heads of the log."""
    end = time.monotonic() + timeout_s
    behind = None
    while time.monotonic() < end:
        heads = dict(cluster.sql(f"SELECT shard, max(log_offset) "
                                 f"FROM {stream}.log GROUP BY shard"))
        at = cursors(cluster, schema, stream)
        behind = sum(max(0, n - at.get(s, 0)) for s, n in heads.items())
        if behind == 0:
            return True
        time.sleep(0.1)
    raise RuntimeError(f"{schema} is {behind} events behind {stream} "
                       f"after {timeout_s} s")


def check_complaints(cluster, publications, prefix=""):
    """All invariants of a system with complaints and kpi; kpi is waited
    for."""
    if "kpi" in cluster.services:
        wait_applied(cluster)
    entries = read_log(cluster, "complaints")
    wrong = check_published(entries, publications) + \
        check_appeal_rows(cluster, publications)
    ok(not wrong, prefix + "I1 nothing acknowledged is lost, I2 nothing is "
       "there twice", wrong)
    common_checks(entries, prefix)
    wrong = check_case_states(cluster, entries)
    ok(not wrong, prefix + "I4 the cases are what their events say", wrong)
    if "kpi" in cluster.services:
        check_kpi(cluster, entries, prefix)
    return entries


def check_kpi(cluster, entries, prefix=""):
    """Of both logs, which kpi is waited for to have read."""
    of_social = []
    if "social" in cluster.services:
        wait_applied(cluster, stream="social")
        of_social = read_log(cluster, "social")
    wrong = check_cells(cluster, entries, of_social)
    ok(not wrong, prefix + "I4 the cells are what the log counts", wrong)


def judge_log(entries):
    return [("I3 offsets are dense", check_dense(entries)),
            ("I5 revisions are in order by key", check_order(entries))]


def common_checks(entries, prefix):
    for promise, wrong in judge_log(entries):
        ok(not wrong, prefix + promise, wrong)


# --- bench ---

def judge_bench(cluster, publications, consumers=("effect",)):
    """All invariants of the bench service and of its consumers, which are
    waited for: (promise, what is wrong) each. publications: Put events that
    add 1 to their key."""
    for consumer in consumers:
        wait_applied(cluster, consumer, "bench")
    entries = read_log(cluster, "bench")
    wrong = check_published(entries, publications)
    rows = dict(cluster.sql("SELECT key, value FROM bench.bench_row"))
    sent = collections.Counter(p.key for p in publications
                               if p.acked and not p.reject)
    open_ = collections.Counter(p.key for p in publications
                                if not p.acked and not p.reject)
    wrong += few([f"{k}: {rows.get(k, 0)} for {sent[k]}"
                  for k in sent.keys() | rows.keys()
                  if not sent[k] <= rows.get(k, 0) <= sent[k] + open_[k]],
                 "I1, I2 rows")
    count, last = collections.Counter(), {}
    for e in entries:
        count[e.event.key] += 1
        last[e.event.key] = e.event.revision
    wanted = {k: (rows.get(k), n, last[k]) for k, n in count.items()}
    odd = []
    for consumer in consumers:
        effects = {k: tuple(more) for k, *more in cluster.sql(
            f"SELECT key, value, events, last_revision "
            f"FROM {consumer}.bench_effect")}
        odd += [f"{k}: stored {effects.get(k)}, recounted {wanted.get(k)}"
                for k in wanted.keys() | effects.keys()
                if wanted.get(k) != effects.get(k)]
    return [("I1 nothing acknowledged is lost, I2 nothing is there twice",
             wrong)] + judge_log(entries) + \
        [("I4 the consumer's rows are what the log says",
          few(odd, "I4 effects"))]


def check_bench(cluster, publications, prefix="", **options):
    for promise, wrong in judge_bench(cluster, publications, **options):
        ok(not wrong, prefix + promise, wrong)
