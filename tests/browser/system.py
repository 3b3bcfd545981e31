"""system.py -- a system for the pages in a real Chromium, behind a path prefix: the
scripts of a folder here drive them one after the other, and its run says which, with
whom. TEST_PAGES="pages.mjs life.mjs" runs only these. With TEST_LOOKS=1 each page is
photographed, to build/screenshots; what failed always is.
"""

import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "lib"))

import cluster as clusters
import outside
import mailservers as ms
import people
import tap
import wire
import world
from suyuan.v1 import complaints_public_pb2 as public
from suyuan.v1 import directory_pb2 as directory

# Without the window and the rest around it, which take a third of the time.
CHROMIUM = os.environ.get("TEST_CHROMIUM", "/usr/bin/chromium-headless-shell")
PREFIX = "/quality"
MAIL_MAX_BYTES = 65536
REVIEWS = "Reviews"     # a folder of the mailbox
# Names that the tests themselves give.
MADE = ["olga", "vera", "test", "claims", "offices", "letter", "late",
        "first response", "first_response", "en", "Day of the city",
        "Europe/Moscow", "Where is my", "It comes within a week", "remedies",
        "refund", "leak of data", "RUB", "Parcel", "State", "Place",
        "RA123456785RU", "Meter", "Meter state", "Adverts", "reviews",
        "meters.test", "admin", "approver", "crm", "care", "box", "INBOX",
        "imaps", "localhost", "https", "events", "withdrawn", "paula", "KiB",
        "simulator", "visits", "specialist", "webform", "The form of the site",
        # and that an installation begins with
        "system", "The answer to your appeal", "Your appeal is closed",
        "Your appeal needs more time", "What was done about your appeal",
        "We have received your appeal"]


def missing():
    """Why this cannot be run here; None: it can."""
    if not os.path.exists(CHROMIUM):
        return f"no Chromium ({CHROMIUM})"
    if not shutil.which("node"):
        return "no node"
    if not os.path.exists(os.path.join(clusters.WEB, "index.html")):
        return f"the pages are not built ({clusters.WEB})"
    return None


def organisation():
    """world's, with names in three languages: pages show the reader's."""
    for record in world.records():
        names = getattr(getattr(record, record.WhichOneof("record")), "names",
                        None)
        if names and len(names) == 1:
            names.add(lang="ru", text=f"Имя {names[0].text}")
            names.add(lang="zh", text=f"名 {names[0].text}")
        yield record
    for taxonomy, code, text in (("remedy", "refund", "Refund"),
                                 ("red_line", "leak", "Leak of data")):
        yield directory.DirectoryRecord(term=directory.Term(
            taxonomy=taxonomy, code=code, names=world.label(text)))
    # Above nothing: every remedy in money wants a second person.
    yield directory.DirectoryRecord(policy=directory.Policy(
        code="remedy", names=world.label("Remedies"), valid_from_day=10957,
        remedy=directory.RemedyRule(free_limit_minor=0,
                                         limit_minor=100000,
                                         currency="RUB")))


def centre():
    """A centre whose visits can be booked, and an activity with its time."""
    label = world.label
    yield directory.DirectoryRecord(term=directory.Term(
        taxonomy="centre_service", code="specialist",
        names=label("Specialist")))
    yield directory.DirectoryRecord(calendar=directory.Calendar(
        code="visits", names=label("Visits"), valid_from_day=10957,
        week=[directory.WeekDay(weekday=d, hours=[
            directory.Hours(from_minute=540, to_minute=780)])
            for d in range(1, 8)]))
    yield directory.DirectoryRecord(centre=directory.Centre(
        unit="north-01", open=True, opened_day=13000, valid_from_day=13000,
        services=["specialist"], calendar="visits", phone="+7 800 100 00 00",
        addresses=label("1 Main Street")))
    yield directory.DirectoryRecord(policy=directory.Policy(
        code="delivery_lead", names=label("Lead time"), valid_from_day=10957,
        clock=directory.ClockRule(
            clock="lead_time", names=label("Lead time"), order=5,
            match=directory.PolicyMatch(kind="statement", topic="delivery"),
            start=directory.AT_REGISTRATION, stop=directory.AT_RESOLUTION,
            measure=directory.WORKING_DAYS, amount=15)))


def label(en, ru, zh):
    return [*world.label(en), wire.common.Label(lang="ru", text=ru),
            wire.common.Label(lang="zh", text=zh)]


def lookup(system):
    """A look-up with a number to type in, and one by an address that the
    cases have not."""
    record = outside.lookup(
        "parcel", system.url + "/parcels/{number}",
        [("number", "[A-Z]{2}[0-9]{9}[A-Z]{2}")],
        shown=("/state", "/events/0/place"),
        names=label("Parcel", "Отправление", "邮件"))
    rule = record.policy.lookup
    for named, words in ((rule.inputs[0], ("Number", "Номер", "号码")),
                         (rule.shown[0], ("State", "Состояние", "状态")),
                         (rule.shown[1], ("Place", "Место", "地点"))):
        del named.names[:]
        named.names.extend(label(*words))
    yield record
    yield outside.lookup("place", system.url + "/parcels/{address}",
                         names=label("Place", "Место", "地点"))


def letters(dovecot, cert):
    """One that becomes an appeal, and two that are put aside."""
    box = ms.Box(dovecot, cert)
    for text, headers in (("Where is it?", {}),
                          ("I am away.", {"Auto-Submitted": "auto-replied"}),
                          ("x" * 3 * MAIL_MAX_BYTES, {})):
        box.put(ms.letter("A letter", text, **headers))
    # What a portal of reviews sends, in a folder of its own.
    box.imap.create(REVIEWS)
    for n in range(2):
        box.put(ms.letter(f"Review {n}", "Очередь сорок минут"), REVIEWS)


def start(cluster, prefix):
    cluster.environment["gateway"] = {"SUYUAN_PATH_PREFIX": prefix}
    if cluster.services["gateway"].process:
        cluster.stop("gateway")
    cluster.start("gateway")
    cluster.wait_ready("gateway")


def prepare(cluster):
    """Starts all services, with an organisation, its people and its cases."""
    system = outside.System()
    cluster.environment["complaints"]["SUYUAN_LOOKUP_HOSTS"] = system.host
    # rates against the usual are looked at once a second
    cluster.environment["social"] = {
        "SUYUAN_SPIKE_EVERY_S": "1", "SUYUAN_FEED_INSIDE": "127.0.0.1",
        **{name: cluster.environment["complaints"][name]
           for name in ("SUYUAN_SECRETS_DIR", "SUYUAN_OUTSIDE_CA_FILE")}}
    started = (*clusters.ALL, "social")
    for name in started:
        cluster.start(name)
    for name in started:
        cluster.wait_ready(name)
    start(cluster, PREFIX)
    world.put(cluster, organisation())
    persons = [*people.PEOPLE, ("olga", people.PEOPLE[0][1], "", "en"),
               ("paula", "privacy", "", "en")]
    world.put(cluster, [people.principal(*people.MACHINE, person=False),
                        *(people.principal(n, r, u, lang=lang)
                          for n, r, u, lang in persons)], name="people")
    people.settle(cluster)
    world.publish(cluster, world.lives(5, 400, "seen", answered=0.6))
    world.put(cluster, centre(), name="centre")
    world.put(cluster, lookup(system), name="lookups")
    people.settle(cluster)
    cluster.client("complaints").query(
        "PutSlotRule", public.PutSlotRuleRequest(
            unit="north-01", service="specialist", valid_from_day=10957,
            slot_minutes=20, capacity=2), public.PutSlotRuleReply)


class Script:
    """One that is run: NAME.mjs of the test's folder; whom it needs an invitation
    of; what is done for it first, with (cluster, config); words of its data that no
    translation touches."""

    def __init__(self, name, invites=(), before=None, words=()):
        self.name, self.invites = name, invites
        self.before, self.words = before, words


def drive(cluster, folder, script, imap):
    config = {
        "imap": imap + "INBOX",
        "reviews": imap + REVIEWS,
        "url": f"http://127.0.0.1:{people.port(cluster)}",
        "prefix": PREFIX,
        "invites": {n: people.invite(cluster, n) for n in script.invites},
        "password": "a long enough password",
        "cli": os.path.join(cluster.bin, "suyuan"),
        "cli_env": cluster.cli_env("callcentre"),
        "dir": cluster.dir,
        "pictures": os.path.join(clusters.TOP, "build", "screenshots"),
        "words": [*world.KINDS, *world.CHANNELS, *world.TOPICS,
                  *world.BRANCHES, *world.OFFICES, "post", "company",
                  "branch", "office", *[p[0] for p in people.PEOPLE],
                  "gateway", "directory", "complaints", "kpi", "social",
                  "callcentre",
                  "seen", "live", "suyuan", "europe", "moscow",
                  "openapi.json", *MADE, *script.words],
    }
    if script.before:
        script.before(cluster, config)
    done = subprocess.run(
        ["node", os.path.join(folder, script.name + ".mjs")],
        input=json.dumps(config), text=True, capture_output=True, timeout=550,
        check=False, env={**os.environ, "TEST_CHROMIUM": CHROMIUM})
    print(done.stdout, end="", flush=True)
    tap.ok(done.returncode == 0, f"{script.name}.mjs runs to its end, without "
           "a failure", done.stderr[-2000:])


def run(folder, scripts, principals=()):
    """The test: ends the process."""
    why = missing()
    if why:
        tap.skip("the pages in Chromium", why)
        sys.exit(77)
    wanted = os.environ.get("TEST_PAGES", "").split()
    mail = os.path.join(os.environ["TEST_DIR"], "mail")
    os.makedirs(mail)
    cert, key = ms.certificate(mail)
    dovecot = ms.Dovecot(os.path.join(mail, "dovecot"), cert, key)
    environment = ms.environment(
        mail, cert, SUYUAN_IMAP_POLL_MS="300",
        SUYUAN_MAIL_MAX_BYTES=str(MAIL_MAX_BYTES),
        # nobody listens there: what is shown is what waits and what fails
        SUYUAN_SMTP_URL="smtp://localhost:1",
        SUYUAN_MAIL_FROM="Post <care@post.test>")
    ms.secret(mail, "box", ms.PASSWORD)
    ms.secret(mail, "old-box", "a password of before")
    dovecot.start()

    def test(cluster):
        prepare(cluster)
        for script in scripts:
            if not wanted or script.name + ".mjs" in wanted:
                drive(cluster, folder, script,
                      f"imaps://localhost:{dovecot.tls_port}/")

    try:
        letters(dovecot, cert)
        tap.run(test, services=clusters.EVERYTHING, start=False,
                principals=principals,
                environment={"complaints": environment})
    finally:
        dovecot.stop()
