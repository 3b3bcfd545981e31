#!/usr/bin/python3
"""seeds -- writes the inputs that fuzzing starts from, by the encoders that tests
use on the wire: corpus/TARGET/NAME, small and committed. Run it again when a
message changes. Inputs that once broke something stand in regressions/ and are
left alone.
"""

import ctypes
import os
import shutil
import struct
import sys

FUZZ = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FUZZ, "..", "lib"))
sys.dont_write_bytecode = True

import wire
from accepted import ADMIN, AT_US, DAY, GATEWAY, NOBODY, OFFICE, accepted
from suyuan.v1 import complaints_pb2 as complaints
from suyuan.v1 import directory_pb2 as directory
from suyuan.v1 import gateway_pb2 as gateway
from suyuan.v1 import kpi_pb2 as kpi
from suyuan.v1 import operations_pb2 as operations
from suyuan.v1 import social_pb2 as social

bus = wire.bus


def write(target, name, data):
    folder = os.path.join(FUZZ, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def example(cls, depth=0):
    """A message with every field set; of a oneof the first."""
    msg = cls()
    taken = set()
    for f in cls.DESCRIPTOR.fields:
        if f.containing_oneof:
            if f.containing_oneof.name in taken:
                continue
            taken.add(f.containing_oneof.name)
        if f.message_type:
            inner = example(f.message_type._concrete_class, depth + 1)
            if f.label == f.LABEL_REPEATED:
                getattr(msg, f.name).append(inner)
            else:
                getattr(msg, f.name).CopyFrom(inner)
            continue
        value = {f.CPPTYPE_STRING: b"\x01" * 16 if f.type == f.TYPE_BYTES
                 else "north", f.CPPTYPE_BOOL: True, f.CPPTYPE_ENUM: 1,
                 f.CPPTYPE_DOUBLE: 0.5, f.CPPTYPE_FLOAT: 0.5}.get(
                     f.cpp_type, AT_US if f.name.endswith("_us") else
                     DAY if f.name.endswith("day") else 1)
        if f.label == f.LABEL_REPEATED:
            getattr(msg, f.name).append(value)
        else:
            setattr(msg, f.name, value)
    return msg


def services():
    """In the order of lib/messages.c."""
    return [m.DESCRIPTOR.services_by_name[n] for m, n in (
        (complaints, "Complaints"), (directory, "Directory"),
        (gateway, "Gateway"), (kpi, "Kpi"), (social, "Social"),
        (operations, "Operations"))]


OTHERS = [bus.Event, bus.Hello, bus.Welcome, bus.Publish, bus.Ack, bus.Nack,
          bus.Fetch, bus.Batch, bus.OutOfRange, bus.Diverged, bus.Hint,
          bus.Query, bus.Reply, bus.Goaway, bus.SignedToken, bus.ActorToken]


def numbered():
    """(number, class) as fuzz_descriptor() counts them."""
    n = 0
    for cls in OTHERS:
        yield n, cls
        n += 1
    for service in services():
        # protobuf-c keeps them in the order of the .proto.
        for method in service.methods:
            for d in (method.input_type, method.output_type):
                yield n, d._concrete_class
                n += 1


def messages():
    from google.protobuf import json_format
    for n, cls in numbered():
        msg = example(cls)
        number = n.to_bytes(2, "big")
        write("wire", cls.DESCRIPTOR.name, number + msg.SerializeToString())
        text = json_format.MessageToJson(msg, indent=None,
                                         preserving_proto_field_name=True)
        if not cls.DESCRIPTOR.name.endswith("Reply"):
            write("json", cls.DESCRIPTOR.name, number + for_us(text))
        write("wire", cls.DESCRIPTOR.name, n.to_bytes(2, "big") +
              msg.SerializeToString())
        text = json_format.MessageToJson(msg, indent=None,
                                         preserving_proto_field_name=True)
        if not cls.DESCRIPTOR.name.endswith("Reply"):
            write("json", cls.DESCRIPTOR.name,
                  n.to_bytes(2, "big") + for_us(text))
    for n, cls in ((0, wire.HELLO), (24, wire.QUERY)):
        body = example(bus.Query).SerializeToString()
        write("frame", f"query{n}", bytes([24]) + wire.header(
            wire.QUERY, 7, body) + body)


def for_us(text):
    """Our JSON says times and days as people do, and bytes in hex."""
    return text.replace(f'"{AT_US}"', '"2026-03-01T10:00:00Z"').replace(
        f": {DAY}", ': "2026-03-01"').replace(
            "AQEBAQEBAQEBAQEBAQEBAQ==", "01" * 16).encode()


# --- the bus -----------------------------------------------------------------


def message(op, who, body):
    if not isinstance(body, bytes):
        body = body.SerializeToString()
    return bytes([op - 1, who]) + len(body).to_bytes(2, "big") + body


def query(method, request, who=OFFICE, token=b""):
    return message(wire.QUERY, who, bus.Query(
        method=method, request=request.SerializeToString(),
        idempotency_key="key", actor_token=token))


def token(principal):
    """An actor token that lib/bus_world.c's signer has signed, good till 2200."""
    sodium = ctypes.CDLL("libsodium.so.23")
    public, secret = (ctypes.create_string_buffer(n) for n in (32, 64))
    sodium.crypto_sign_seed_keypair(public, secret, b"fuzz".ljust(32, b"\0"))
    body = bus.ActorToken(principal=principal, session_id=b"s" * 16,
                          issued_at_us=AT_US,
                          expires_at_us=AT_US * 4).SerializeToString()
    signature = ctypes.create_string_buffer(64)
    sodium.crypto_sign_detached(signature, None, body,
                                ctypes.c_ulonglong(len(body)), secret)
    return bus.SignedToken(token=body, signature=signature.raw,
                           key_id="fuzz").SerializeToString()


def register(**more):
    return complaints.RegisterAppealRequest(
        external_id="a1", kind="complaint", channel="web", topic="staff",
        unit="north", text="Long queue",
        person=complaints.Person(name="N", phone="+7 900 1", email="a@b.c"),
        **more)


def life():
    """The facts of one case, as one publication."""
    ref = complaints.AppealRef(external_id="a1")
    facts = [("RegisterAppeal", register()),
             ("ClassifyAppeal", complaints.ClassifyAppealRequest(
                 appeal=ref, topic="staff", unit="root")),
             ("AnswerAppeal", complaints.AnswerAppealRequest(
                 appeal=ref, text="Sorry")),
             ("ResolveAppeal", complaints.ResolveAppealRequest(appeal=ref)),
             ("CloseAppeal", complaints.CloseAppealRequest(appeal=ref)),
             ("NoSuch", register())]
    return bus.Publish(
        publisher="fuzz", epoch=1, first_seq=1, rejects_seen_seq=0,
        events=[bus.Event(event_id=bytes([i]) * 16, type=kind, key="a1",
                          occurred_at_us=AT_US + i * 3600000000,
                          payload=fact.SerializeToString())
                for i, (kind, fact) in enumerate(facts)])


def records():
    label = [wire.common.Label(lang="ru", text="Имя")]
    record = directory.DirectoryRecord
    return [
        record(unit=directory.Unit(code="root", level="company",
                                   zone="Europe/Moscow", names=label,
                                   valid_from_day=1)),
        record(unit=directory.Unit(code="north", parent="root",
                                   level="office", names=label,
                                   valid_from_day=DAY)),
        record(department=directory.Department(code="d", names=label)),
        record(term=directory.Term(taxonomy="kind", code="complaint",
                                   names=label, **{"class": "complaint"})),
        record(denominator=directory.Denominator(
            unit="north", measure="parcels", value=7, valid_from_day=DAY)),
        record(principal=directory.Principal(
            name="p", roles=["reader"], streams=["*"], unit="north",
            person=True, display_name="P", lang="ru")),
        record(signing_key=directory.SigningKey(key_id="k",
                                                public_key=b"k" * 32))]


def filled(module, method, fields):
    service = next(iter(module.DESCRIPTOR.services_by_name.values()))
    request = service.methods_by_name[method].input_type._concrete_class
    return example(request) if fields is None else request(**fields)


def on_the_bus():
    hello = bus.Hello(publisher="fuzz", instance_id=b"i" * 16, lanes=[0, 1],
                      held_lanes=[0])
    fetch = bus.Fetch(consumer="c", stream="complaints", shard=1,
                      from_offset=2, after_event_id=b"e" * 16, max_events=10,
                      max_bytes=1000, wait_ms=100)
    signed = token("office")
    methods = {"complaints": complaints, "directory": directory, "kpi": kpi,
               "social": social}
    for name, module in methods.items():
        target = "bus_" + name
        service = module.DESCRIPTOR.services_by_name[name.capitalize()]
        fetch.stream = name
        write(target, "hello", message(wire.HELLO, OFFICE, hello) +
              message(wire.HELLO, NOBODY, hello) + message(
                  wire.HELLO, OFFICE, bus.Hello()))
        write(target, "fetch", message(wire.FETCH, OFFICE, fetch) +
              message(wire.GOAWAY, OFFICE, b""))
        for method in service.methods:
            request = example(method.input_type._concrete_class)
            write(target, method.name, query(method.name, request, ADMIN) +
                  query(method.name, request, GATEWAY, signed) +
                  query(method.name, request, OFFICE))
        service = operations.DESCRIPTOR.services_by_name["Operations"]
        write(target, "operations", b"".join(
            query(m.name, example(m.input_type._concrete_class), ADMIN)
            for m in service.methods))
    for name, requests in accepted().items():
        for method, who, *fields in requests:
            write("bus_" + name, "good-" + method, b"".join(
                query(method, filled(methods[name], method, f), who)
                for f in fields))
    write("bus_complaints", "life", message(wire.PUBLISH, OFFICE, life()) +
          message(wire.PUBLISH, OFFICE, life()))
    write("bus_complaints", "register", query("RegisterAppeal",
                                              register(occurred_at_us=AT_US)))
    put = social.PutMentionRequest(
        source="vk", external_id="1", author="somebody", unit="north",
        text="Очередь на почте, 邮局 queue", published_at_us=AT_US)
    write("bus_social", "mentions", message(wire.PUBLISH, OFFICE, bus.Publish(
        publisher="fuzz", epoch=1, first_seq=1, events=[
            bus.Event(event_id=bytes([i]) * 16, type=kind,
                      payload=request.SerializeToString())
            for i, (kind, request) in enumerate((
                ("PutMention", put), ("PutMention", put), ("DeleteMention",
                 social.DeleteMentionRequest(source="vk", external_id="1"))))
        ])) + query("PutMentions", social.PutMentionsRequest(
            mentions=[put, put])))
    write("bus_directory", "records", message(
        wire.PUBLISH, ADMIN, bus.Publish(
            publisher="fuzz", epoch=1, first_seq=1, events=[bus.Event(
                event_id=bytes([i]) * 16, type="PutRecord",
                payload=directory.PutRecordRequest(
                    record=r).SerializeToString())
                for i, r in enumerate(records())])) + b"".join(
                    query("PutRecord", directory.PutRecordRequest(record=r),
                          ADMIN) for r in records()))
    write("records", "all", b"".join(
        len(r.SerializeToString()).to_bytes(2, "big") + r.SerializeToString()
        for r in records() * 2))
    changed = example(complaints.AppealChanged)
    body = changed.SerializeToString()
    for kind, payload in (("AppealRegistered", body), ("RecordPut", example(
            directory.RecordPut).SerializeToString()), ("Odd", b"\1")):
        event = example(bus.Event)
        event.type, event.payload = kind, payload
        write("events_out", kind, event.SerializeToString())
    write("cells", "changed", (len(body).to_bytes(2, "big") +
                               AT_US.to_bytes(7, "big") + body) * 2)
    answers(signed)


def answers(signed):
    """What a client is told: op, correlation (a small number), body."""
    row = []
    for op, cls in wire.BODY.items():
        msg = example(cls)
        if op == wire.WELCOME:
            msg.lanes[0].lane = 0
        if op in (wire.ACK, wire.NACK):
            msg.publisher, msg.lane = "fuzz", 0
        if op in (wire.BATCH, wire.HINT):
            msg.stream = "complaints"
        if op == wire.BATCH:
            msg.entries[0].event = example(bus.Event).SerializeToString()
        body = msg.SerializeToString()
        row.append(bytes([op - 1, 1]) + len(body).to_bytes(2, "big") + body)
        write("bus_client", cls.DESCRIPTOR.name, row[-1])
    write("bus_client", "row", b"".join(row))
    write("token", "good", signed)
    write("token", "long", signed + b"\0")


# --- text --------------------------------------------------------------------

HEADER = "type,external_id,kind,channel,topic,unit,occurred_at_us,text\n"
LINE = "RegisterAppeal,a{},complaint,web,staff,north,2026-03-01T10:00:00Z,{}\n"


def text():
    write("csv", "good", "\x07" + HEADER + LINE.format(1, "") +
          LINE.format(2, '"a ""b"""') + LINE.format(3, '"x\r\ny"'))
    write("csv", "bad", "\x01" + HEADER + LINE.format(1, '"a" b') +
          "short\n\n" + LINE.format(2, '"open') + LINE.format(3, ""))
    write("csv", "marked", b"\x03\xef\xbb\xbf" + HEADER.encode() +
          LINE.format(1, "\u043f").encode().replace(b"\n", b"\r\n"))
    line = ('{"type":"RegisterAppeal","external_id":"a","kind":"complaint",'
            '"channel":"web","unit":"north","person":{"phone":"+7"},'
            '"occurred_at_us":"2026-03-01T10:00:00+03:00"}\n')
    write("jsonl", "good", "\x09" + line + line.replace("+7", "\\u00e9"))
    write("jsonl", "bad", "\x01[1]\n{\n\n" + line[:40] + "\n" + line)
    with open(os.path.join(FUZZ, "..", "..", "deploy", "maps",
                           "nyc311.json"), encoding="utf-8") as f:
        nyc311 = f.read()
    write("mapping", "nyc311", nyc311 + "\n%%\n"
          "Unique Key,Created Date,Agency,Complaint Type,Descriptor,"
          "Community Board,Incident Address,Closed Date,"
          "Resolution Action Updated Date\n"
          "7,3/1/2026 9:30,DOT,Noise,Loud,04 BROOKLYN,1 A ST,"
          "3/2/2026 10:00,3/1/2026 11:00\n")
    write("mapping", "small", '{"events":[{"type":"RegisterAppeal",'
          '"occurred_at":"at","key":"{id}","fields":{"external_id":"{id}",'
          '"channel":{"column":"by","map":{"Tel":"call_centre"},'
          '"default":"web"},"topic":{"template":"{a} {{ {b}","slug":true},'
          '"person.phone":"+1{p}"}},{"type":"CloseAppeal",'
          '"when":{"column":"done","present":true},"occurred_at":"done",'
          '"key":"{id}","fields":{"appeal.external_id":"{id}"}}]}\n%%\n'
          '{"id":"7","at":"2026-03-01T10:00:00Z","by":"Tel","a":"A B",'
          '"p":5,"done":"2026-03-02T10:00:00Z"}\n')
    write("import", "units", "code,parent,level,zone,name_ru,valid_from\n"
          "root,,company,Europe/Moscow,Корень,2026-01-01\n"
          "north,root,office,,Север,2026-02-01\n")
    write("import", "terms", "taxonomy,code,parent,class,name_ru,name_en\n"
          "kind,complaint,,complaint,Жалоба,Complaint\n")
    write("import", "denominators", "unit,measure,value,valid_from\n"
          "north,parcels,100,2026-01-01\n")
    write("import", "principals", "name,roles,streams,unit,revoked\n"
          "p,reader;handler,*,north,false\n")
    write("import", "departments", "code,parent,name_ru\nd,,Отдел\n")
    write("registry", "registry", "# ours\n" + "".join(
        f"{key * 40} {name}\n" for key, name in (("a", "office"),
                                                 ("b", "kpi"))))
    write("registry", "pair", f"public {'a' * 40}\nsecret {'b' * 40}\n")
    write("settings", "all", "\n".join((
        "SUYUAN_DB_URL=postgres://u:p@h:5432/d?sslmode=require",
        "SUYUAN_BIND=tcp://0.0.0.0:17100-17103",
        "SUYUAN_DIRECTORY=tcp://[::1]:17100", "SUYUAN_RATE=50",
        "SUYUAN_SUBJECT_KEY=" + "0f" * 32, "SUYUAN_KEY=x",
        "SUYUAN_REGISTRY=r", "SUYUAN_OPS=tcp://127.0.0.1:1", "SUYUAN_NO=1",
        "host=a,b port=1,2 password='x y' options='-c a=b'", "")))
    for i, line in enumerate((
            "2026-03-01T10:00:00.123456+03:00", "2026-03-01",
            "01957a3c-1111-7222-8333-444455556666",
            "3/1/2026 9:30\nM/d/yyyy H:mm\nAmerica/New_York\n",
            "1 Jan 2026\nd MMM yyyy\n\n")):
        write("times", str(i), line)
    write("watch", "words", "aпочт* AND (\"нет окон\" OR ~утеря) NOT reach<5\n"
          "почта NEAR/3 (c?t OR 快递)\nsource:v* lang:\"vk\"\n\nvk\n"
          "На почте нет окон: почта и cat, 快递很慢")
    write("watch", "wrong", "a(почта\nNOT a\n\"x\nno:field\nreach>=0\n*\n\n\n"
          "почта")
    write("watch", "raw", b"\xff\xd0\xbf* OR *aa*\na NEAR/1 a\n\n\x01Avk\x01\n"
          b"a a \xd0 \xcc\x81\x01Avk\x01 aaa")


def http():
    write("http_fields", "register", "POST\n/appeals\n\n"
          '{"external_id":"a","kind":"complaint","person":{"phone":"1"},'
          '"occurred_at_us":"2026-03-01T10:00:00Z"}')
    write("http_fields", "answer", "POST\n/appeals/x%20y/answers\n\n"
          '{"text":"Sorry"}')
    write("http_fields", "cells", "GET\n/cells\n"
          "unit=north&days=2025-03-01..2025-04-01&indicators=a,b&"
          "split_by=BY_DAY&limit=5\n")
    write("http_fields", "record", "POST\n/directory/records\n\n"
          '{"record":{"unit":{"code":"a","names":[{"lang":"ru",'
          '"text":"b"}],"valid_from_day":"2026-01-01"}}}')
    write("http_fields", "list", "GET\n/appeals\n"
          "state=APPEAL_CLOSED&unit=%D0%BF&limit=10&waiting=true\n")
    event = ('{"specversion":"1.0","id":"e%d","source":"x",'
             '"type":"RegisterAppeal","time":"2026-03-01T10:00:00Z",'
             '"data":{"external_id":"a","kind":"complaint"}}')
    write("cloudevents", "one", event % 1)
    write("cloudevents", "batch", "[" + event % 1 + "," + (
        '{"specversion":"1.0","id":"r","type":"PutRecord",'
        '"data":{"record":{"term":{"taxonomy":"kind","code":"a"}}}}') + "]")
    sixteen = ",".join(f"{i}:{i * 7}" for i in range(16))
    for which, line in enumerate((
            sixteen, "a" * 76, "assets/%61-1.js", "a+%D0%BF%00",
            "records[3].unit: expected a string",
            "key-1", "00-" + "1" * 32 + "-" + "2" * 16 + "-01",
            "br, gzip;q=0.5")):
        write("http_headers", str(which), chr(which) + line)


def mails():
    head = ("From: =?utf-8?B?0JDQvdC90LA=?= <a@b.test>\r\nSubject: Re: "
            "[SY-12345-67890-ABCDE]\r\nMessage-ID: <1@b.test>\r\n"
            "In-Reply-To: <01957a3c-1111-7222-8333-444455556666.2@o.test>\r\n")
    write("mail", "plain", head + "\r\nHello\r\n")
    write("mail", "html", head + "Content-Type: text/html; charset=koi8-r\r\n"
          "\r\n<p>a<br>b<script>c</script><table><tr><td>d</table>")
    write("mail", "parts", head + "MIME-Version: 1.0\r\nContent-Type: "
          'multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: '
          "text/plain; charset=gb18030\r\nContent-Transfer-Encoding: "
          "base64\r\n\r\nxOO6ww==\r\n--x\r\nContent-Type: image/png\r\n"
          "Content-Disposition: attachment; filename*=utf-8''%D0%B0.png\r\n"
          "\r\nxyz\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n"
          "Subject: in\r\n\r\nner\r\n--x--\r\n")
    write("mail", "machine", "From: <>\r\nAuto-Submitted: auto-replied\r\n"
          "Precedence: bulk\r\nList-Id: <l>\r\nReturn-Path: <>\r\n"
          "Content-Type: multipart/report; boundary=y\r\n\r\n--y--\r\n")
    for i, line in enumerate((
            '* 3 FETCH (UID 7 RFC822.SIZE 4423 INTERNALDATE "17-Jul-1996 '
            '02:44:25 -0700")', "* OK [UIDVALIDITY 1795334797] UIDs valid",
            "* 4 FETCH (RFC822.SIZE 18446744073709551616 UID 0)")):
        write("imap", str(i), line)


def lookups():
    for name, url, pattern, pointer, value, answer in (
            ("track", "https://t.test:8443/v1/{n}?u={unit}", "[A-Z]{2}|[0-9]+",
             "/events/0/place", "RA/..?#é", '{"events":[{"place":"\\u041a"}]}'),
            ("whole", "http://[::1]/{n}", "", "/a~1b", "x",
             '{"a/b":[1.5,true,null]}')):
        write("lookup", name, "\0" + "\n".join((url, pattern, pointer, value,
                                                answer)))
    write("lookup", "hosts", "\1a.test, b.test:8443,10.1.0.0/16 [::1]:80,"
          "fd00::/8\nhttps://a.test/x\n")


def mentions():
    """Texts, names and word lists, a model's head."""
    for i, text_ in enumerate((
            "Где посылка RA123456785RU? +7 495 123-45-67 @ivan a@b.ru",
            "快递太慢了！！王先生 https://t.cn/x １２３ \u202e\u200b",
            "e\u0301\u0316" * 20 + "\u0451\u0300\ufdfa\u1100\u1161",
            "Dear Mr. Smith, 1,500.00 or SF1234567890123? ﬁn №5 👍🏽")):
        write("text_normal", str(i), text_)
    for i, table in enumerate((
            "Отделение 101000\nул. Ленина, 5\n北京支局\n",
            "ru,mood,bad,ужас*,1.5\n*,negator,,не,-1\nru,mood,good,рад,1\n")):
        write("text_phrases", str(i), table.ljust(len(table) + 8) +
              "не ужасно рад, на Ленина 5 в отделении 101000, 北京支局".ljust(
                  len(table)))
    head = struct.pack("<B4sB2dB1s2dB1s2d", 4, b"mood", 2, .5, 1.,
                       1, b"a", 0., .1, 1, b"b", .2, .1)
    write("text_model", "head", struct.pack("<B2sBBB2sB", 2, b"v1", 20, 1, 2,
                                            b"ru", 1) + head)
def feeds():
    items = ("<item><guid>1</guid><title>T</title><description>&lt;p&gt;a &amp;amp; "
             "b</description><pubDate>Tue, 17 Nov 2026 10:00:00 +0300</pubDate></item>")
    for i, text in enumerate((
            f"<rss><channel>{items}</channel></rss>".encode(),
            f'<?xml version="1.0" encoding="utf-8"?><rss>{items}</rss>'.encode(),
            "<rss><item><link>l</link><title>Почта</title></item></rss>".encode(
                "windows-1251"),
            "<rss><item><guid>g</guid><title>邮局</title></item></rss>".encode(
                "gb18030"),
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>i</id><link href="l"/>'
            '<updated>2026-11-18T10:00:00Z</updated><content type="xhtml"><div '
            'xmlns="http://www.w3.org/1999/xhtml">a<br/>b</div></content></entry>'
            "</feed>".encode("utf-16"))):
        write("feed", f"xml{i}", bytes([i]) + text)
    write("feed", "json", bytes([5]) + b'{"items":[{"id":1,"a/b":["<p>x"],"at":170000000'
          b'0,"stars":4.6,"reach":"7","by":"a"},{"id":"2","gone":true}],"next":"3"}')


def main():
    shutil.rmtree(os.path.join(FUZZ, "corpus"), ignore_errors=True)
    messages()
    on_the_bus()
    text()
    http()
    mails()
    lookups()
    mentions()
    feeds()


if __name__ == "__main__":
    main()
