#!/usr/bin/python3
"""callcentre.py -- what callcentre.c does, in another language and without the
library: over the protocol of services/common/bus/README.md, with the client of
tests/lib/wire.py, which was written from that page.

    callcentre.py ENDPOINT KEY REGISTRY LEGS.CSV

To take it elsewhere: this file, tests/lib/wire.py and lanes.py, and what
protoc --python_out makes of proto/; it needs python3-zmq, -protobuf, -crcmod and -xxhash.

It publishes a file, so it needs no spool: the publisher's name is made of the
file's content, and a second run goes on where the first one stopped.
"""

import csv
import datetime
import hashlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "..", "tests", "lib"))

import lanes
import wire
from suyuan.v1 import complaints_pb2 as complaints


def time_us(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(at.timestamp()) * 1000000


def lane_of(key):
    """Any function of the key will do: it is the publisher's own affair."""
    return hashlib.sha256(key.encode()).digest()[0] % wire.LANES


def publications(row):
    """Of one line: the appeal of a wrap-up, and its answer if there is one."""
    key = row["linked_id"]
    if row["event"] != "WRAPUP" or not row["kind"]:
        return
    register = complaints.RegisterAppealRequest(
        external_id=key, kind=row["kind"], channel="call_centre",
        topic=row["topic"], unit=row["unit"],
        person=complaints.Person(phone=row["caller"]), text=row["text"])
    yield lanes.Publication("RegisterAppeal", key, register.SerializeToString(),
                           time_us(row["call_at"]), lane_of(key))
    if row["answer"]:
        answer = complaints.AnswerAppealRequest(
            appeal=complaints.AppealRef(external_id=key), text=row["answer"])
        yield lanes.Publication("AnswerAppeal", key, answer.SerializeToString(),
                               time_us(row["at"]), lane_of(key))


def pair_of(path):
    """"public Z85" and "secret Z85"."""
    with open(path, encoding="ascii") as f:
        words = dict(line.split() for line in f if line.strip())
    return words["public"], words["secret"]


def key_of(path, principal):
    """The first of "Z85 principal" that names it."""
    with open(path, encoding="ascii") as f:
        return next(line.split()[0] for line in f
                    if line.split()[1:] == [principal])


def main():
    if len(sys.argv) != 5:
        sys.exit("usage: callcentre.py ENDPOINT KEY REGISTRY LEGS.CSV")
    endpoint, key, registry, path = sys.argv[1:]
    with open(path, encoding="utf-8", newline="") as f:
        text = f.read()
    name = "legs:" + hashlib.sha256(text.encode()).hexdigest()[:32]
    client = wire.Client(endpoint, key_of(registry, "complaints"),
                         pair_of(key))
    publisher = lanes.Publisher(client, name)
    out = []
    for row in csv.DictReader(text.splitlines()):
        out += publications(row)
    for publication in out:
        publisher.add(publication)
    publisher.run(timeout_s=60)
    rejected = [p for p in out if p.reject]
    for p in rejected:
        print(f"{p.key}: {wire.common.ErrorCode.Name(p.reject.code)} "
              f"{p.reject.field} {p.reject.text}", file=sys.stderr)
    print(f"accepted {len(out) - len(rejected)}, rejected {len(rejected)}")
    client.close()
    return 1 if rejected else 0


if __name__ == "__main__":
    sys.exit(main())
