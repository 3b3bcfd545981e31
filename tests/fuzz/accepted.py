"""accepted.py -- for seeds.py: requests that pass the first checks of their
method, so that fuzzing starts behind these.
"""

import hashlib
import struct

AT_US = 1772359200000000  # 2026-03-01T10:00:00Z
DAY = 20513
OFFICE, ADMIN, GATEWAY, NOBODY = range(4)
ID = "01957a3c-1111-7222-8333-444455556666"


def accepted():
    """Of each service: method, who asks, fields of its request that the first
    checks let through; None: all."""
    person = {"name": "N", "phone": "+7 900 123-45-67", "email": "a@b.c"}
    label = [{"lang": "ru", "text": "Имя {appeal_id}"}]
    feed = {"code": "f", "url": "https://f.test/a?b=1", "names": label}
    rss = dict(feed, kind="FEED_RSS")
    api = dict(feed, kind="FEED_JSON", mapping={
        "items": "/items", "external_id": "/id", "text": "/a~1b",
        "next": "/next", "next_parameter": "page"})
    box = dict(feed, kind="FEED_MAIL", url="imaps://m.test/INBOX",
               secret="ostype", secret_header="desk")
    secret = dict(rss, secret="ostype", secret_header="Authorization")
    wrong = dict(rss, url="http://f.test:x/")
    mailbox = {"name": "m", "url": "imaps://m.test/INBOX", "user": "u",
               "secret": "ostype", "kind": "complaint", "channel": "web",
               "topic": "staff", "unit": "north"}
    press = {"medium": "m", "question": "Why?", "unit": "north",
             "statement": "Because", "asked_at_us": AT_US}
    watch = {"code": "w", "names": label, "unit": "north", "reaction": True,
             "query": '(queue OR очередь) NEAR/5 "one window" unit:north'}
    model = struct.pack("<B2sBBB2sB", 2, b"v1", 20, 1, 2, b"ru", 1)
    view = {"code": "v", "name": "V", "columns": ["unit"],
            "filter": [{"field": "unit", "value": "north"}]}
    lodged = {"kind": "complaint", "topic": "staff", "unit": "north",
              "text": "Long queue", "person": person, "consent": True,
              "caller": "192.0.2.1"}
    visit = {"unit": "north", "service": "parcels", "day": DAY,
             "minute": 600, "person": person, "consent": True,
             "caller": "192.0.2.1"}
    customer = {"number": "SY-12345-67890-ABCDE", "code": "ABCDE-FGHJK",
                "caller": "192.0.2.1"}
    reaction = {"reaction_id": ID}
    return {
        "social": [
            ("TryFeed", ADMIN, *({"feed": f} for f in (
                rss, api, box, secret, wrong))),
            ("PutFeed", ADMIN, {"feed": rss}, {"feed": api}, {"feed": box}),
            ("PutWatch", OFFICE, {"watch": watch}),
            ("PreviewWatch", OFFICE, {"query": watch["query"]}, {
                "query": "почт*", "limit": 5,
                "days": {"from_day": DAY, "to_day": DAY + 7}}),
            ("JudgeWatchHit", OFFICE, {"code": "w", "mention_id": ID}),
            ("PutPressQuestion", OFFICE, {"press": press}),
            ("AgreeStatement", OFFICE, {"press_id": ID}),
            ("PublishStatement", OFFICE, {"press_id": ID, "where": "w"}),
            ("ClosePressQuestion", OFFICE, {"press_id": ID}),
            ("ListPressQuestions", OFFICE, {"unit": "north"}),
            ("OpenReaction", OFFICE, {"mention_id": ID, "priority": 2}),
            ("AssignReaction", OFFICE, reaction),
            ("AnswerReaction", OFFICE, dict(reaction, text="Sorry")),
            ("ForwardReaction", OFFICE, dict(
                reaction, unit="north", kind="complaint", topic="staff",
                text="Please see", author_contact="a@b.c")),
            ("ReportReaction", OFFICE, dict(
                reaction, by="platform", text="t", url="https://r.test")),
            ("DismissReaction", OFFICE, dict(reaction, reason="spam")),
            ("ReopenReaction", OFFICE, reaction),
            ("GetReaction", OFFICE, reaction),
            ("ListReactions", OFFICE, {}),
            ("JudgeSpike", OFFICE, {"spike_id": ID, "right": True}),
            ("ListSpikes", OFFICE, {}),
            ("GetDigest", OFFICE, {}),
            ("ListClusters", OFFICE, {}),
            ("ListMentions", OFFICE, {}, {"query": "почт* NOT source:vk"}, {
                "cluster_id": ID, "days": {"from_day": DAY}}),
            ("GetMention", OFFICE, {"mention_id": ID}, {
                "source": "vk", "external_id": "1"}),
            ("GetMentionCounts", OFFICE, {
                "from_hour": DAY * 24, "to_hour": DAY * 24 + 24,
                "split_by": [1, 2]}),
            ("CorrectMention", OFFICE, {
                "mention_id": ID, "mention_class": 1, "topic": "staff",
                "unit": "north"}),
            ("ExplainMention", OFFICE, {"mention_id": ID}),
            ("ListLabels", OFFICE, {}),
            ("PutModel", ADMIN, {"upload": ID, "data": model}, {
                "upload": ID, "data": model, "last": True, "sha256":
                hashlib.sha256(model).digest()}),
            ("UseModel", ADMIN, {"version": 0}, {"version": 1}),
            ("GetModel", ADMIN, {"version": 1})],
        "complaints": [
            ("PutTemplate", OFFICE, {"code": "t", "unit": "north",
                                     "names": label, "texts": label,
                                     "topics": ["staff"]}),
            ("PutArticle", OFFICE, {
                "code": "a", "texts": [{"lang": "ru", "title": "T",
                                        "body": "B"}], "public": True}),
            ("DecideArticle", OFFICE, {"code": "a", "version": 1, "state": 2}),
            ("SearchArticles", OFFICE, {"text": "очереди -окно \"queue"}),
            ("SearchFaq", GATEWAY, {"text": "邮局 queues", "lang": "zh"}),
            ("PutView", OFFICE, view),
            ("PutSeat", ADMIN, {"code": "p", "unit": "north", "capacity": 9,
                                "skills": ["staff"], "deputy": "q"}),
            ("RenderTemplate", OFFICE, {"code": "t", "appeal_id": ID}),
            ("SaveDraft", OFFICE, {"appeal_id": ID, "kind": "AnswerAppeal",
                                   "text": "Dear"}),
            ("SetPresence", OFFICE, {"appeal_id": ID, "writing": True}),
            ("AssignNext", OFFICE, {}),
            ("MakeRatingLink", OFFICE, {"appeal_id": ID}),
            ("RateByCode", GATEWAY, {"code": "x" * 22, "rating": 5}),
            ("PutWebhook", ADMIN, {"webhook": {
                "name": "w", "url": "https://w.test/", "secret": "ostype"}}),
            ("PutMailbox", ADMIN, {"mailbox": mailbox},
             {"mailbox": dict(mailbox, topic="none")}),
            ("ListMailAside", ADMIN, {"mailbox": "m"}),
            ("ListOutgoing", OFFICE, {"appeal_id": ID}),
            ("FindOutgoing", ADMIN, {}),
            ("RetryOutgoing", ADMIN, {"appeal_id": ID, "revision": 2,
                                      "channel": "email"}),
            ("ListAppeals", OFFICE, {"text": "очередь \"one window\" 邮"}),
            ("GetAppeal", OFFICE, {"appeal": {"appeal_id": ID}}, {
                "appeal": {"external_id": "a1"}}),
            ("GetAttachment", OFFICE, {
                "appeal": {"appeal_id": ID}, "attachment": "a"}),
            ("ListSubjectAppeals", OFFICE, {"appeal_id": ID}),
            ("ExportSubject", ADMIN, {"phone": "+7 900 123-45-67"}),
            ("ListLookups", OFFICE, {"appeal_id": ID}),
            ("RunLookup", OFFICE, {"appeal_id": ID, "lookup": "track",
                                   "inputs": [{"name": "n", "value": "R"}]}),
            ("GetPublicChoices", GATEWAY, {}),
            ("FindPublicUnits", GATEWAY, {"text": "сев"}),
            ("ListPublicCentres", GATEWAY, {}),
            ("GetPublicFigures", GATEWAY, {}),
            ("LodgeAppeal", GATEWAY, lodged, dict(lodged, topic="none")),
            ("FollowAppeal", GATEWAY, customer),
            ("TellAppeal", GATEWAY, dict(customer, act="ACT_ADD", text="t"),
             dict(customer, act="ACT_ATTACH", file_name="a.txt",
                  media_type="text/plain", content=b"abc"),
             dict(customer, act="ACT_RATE", rating=5)),
            ("ListSlots", GATEWAY, {"unit": "north", "service": "parcels"}),
            ("BookSlot", GATEWAY, visit),
            ("CancelBooking", GATEWAY, customer),
            ("PutSlotRule", ADMIN, {
                "unit": "north", "service": "parcels", "slot_minutes": 15,
                "valid_from_day": DAY, "capacity": 2}),
            ("ListSlotRules", OFFICE, {"unit": "north"}),
            ("ListBookings", OFFICE, {"unit": "north", "day": DAY})],
        "directory": [
            (method, GATEWAY, None) for method in (
                "SignIn", "RenewSession", "SignOut", "AcceptInvite",
                "ExchangeApiToken")]}
