"""people.py -- persons who sign in, for tests of the gateway: made in the
directory, invited over the bus, accepted over HTTP.
"""

import time

import api
import world
from suyuan.v1 import directory_pb2 as directory

# name, roles, unit, language
PEOPLE = [
    ("administrator", "reader;handler;publisher;consumer;admin;auditor", "",
     "en"),
    ("anna", "reader;handler", "north", "ru"),
    ("boris", "reader;handler", "east", "zh"),
    ("rita", "reader", "", "en"),
    ("petra", "reader", "", "en"),  # signs in and out all the time
    ("igor", "auditor", "", "en"),
    ("pavel", "publisher", "", "en"),
]
# A machine that comes by HTTP, with a token instead of a key.
MACHINE = ("webform", "publisher;reader;handler", "")


def password_of(name):
    return f"correct horse {name} battery"


def principal(name, roles, unit="", person=True, lang="en", **fields):
    return directory.DirectoryRecord(principal=directory.Principal(
        name=name, roles=roles.split(";"), unit=unit, person=person,
        display_name=name.title() if person else "",
        lang=lang if person else "", **fields))


def port(cluster):
    return cluster.services["gateway"].port


def nobody(cluster, **options):
    return api.Api(port(cluster), **options)


def invite(cluster, name):
    """The one-time code."""
    return cluster.client("directory").query(
        "MakeInvite", directory.MakeInviteRequest(name=name),
        directory.MakeInviteReply).code


def settle(cluster, timeout_s=15):
    """Waits until each service knows what the directory knows."""
    head = cluster.sql("SELECT max(revision) FROM directory.change")[0][0]
    end = time.monotonic() + timeout_s
    followers = [s for s in ("complaints", "kpi", "social") if s in cluster.services]
    while time.monotonic() < end:
        # past it, since who has signed in is told a moment later
        if all(cluster.sql(f"SELECT coalesce(max(revision), 0) >= {head} "
                           f"FROM {s}.dir_revision")[0][0]
               for s in followers):
            time.sleep(0.6)     # grants are read again twice a second
            return
        time.sleep(0.05)
    raise RuntimeError("the directory's replicas do not catch up")


def load(cluster, prefix=""):
    """Organisation and persons; name -> signed-in Api."""
    world.load(cluster)
    world.put(cluster, [principal(n, r, u, lang=lang)
                        for n, r, u, lang in PEOPLE] +
              [principal(*MACHINE, person=False)], name="people")
    settle(cluster)
    out = {}
    for name, *_ in PEOPLE:
        client = nobody(cluster, prefix=prefix)
        code = invite(cluster, name)
        answer = client.accept(code, name, password_of(name))
        while answer.status == 429:     # sign-ins of one address are counted
            time.sleep(0.3)
            answer = client.accept(code, name, password_of(name))
        assert client.csrf, f"{name} cannot accept an invite: {answer}"
        out[name] = client
    return out


def machine(cluster, admin, prefix=""):
    """The machine's Api, with an API token that the administrator made."""
    answer = admin.post("/api-tokens", {"name": MACHINE[0], "note": "a test",
                                        "valid_days": 1})
    assert answer.of("token"), answer
    client = nobody(cluster, prefix=prefix)
    client.bearer = answer.of("token")
    return client
