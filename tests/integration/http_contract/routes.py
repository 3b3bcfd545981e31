"""routes.py -- a good request for every route of the gateway, who may make it and
who may not; and the world that it is made in.
"""

import itertools
import time
import uuid

import people
from made import (PERSON, booked, lodged, put, slot_rule, visited,
                  waiting_mail)
import social

numbers = itertools.count(1)


def rfc3339(s_ago):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - s_ago))


def today():
    return time.strftime("%Y-%m-%d", time.gmtime())


def letter(**fields):
    return {"external_id": f"http-{next(numbers)}", "kind": "complaint",
            "channel": "web", "topic": "delivery", "unit": "north-01",
            "person": {"name": "Test Customer", "phone": "+79001234567"},
            "text": "The letter is late", "occurred_at_us": rfc3339(3600),
            **fields}


class Route:
    """who: who may; refused: who may not, for want of a role. path: the values
    of the path; body: a good one, made anew for each call."""

    def __init__(self, who="anna", refused=None, status=200, path=None,
                 body=None, query=None, sweep=True):
        self.who, self.refused, self.status = who, refused, status
        self.path = path or (lambda t: {})
        self.body, self.query = body, query or {}
        self.sweep = sweep


def fresh_appeal(t):
    return {"appeal_id": t.appeal(t.people["anna"])}


def looked_up(t):
    """A case with a look-up; that its host is not allowed is kept as well."""
    put(t, {"policy": {
        "code": "track", "names": [{"lang": "en", "text": "Track"}],
        "valid_from_day": "2000-01-01", "lookup": {
            "url": "https://track.test/{number}",
            "inputs": [{"name": "number",
                        "names": [{"lang": "en", "text": "Number"}]}],
            "shown": [{"pointer": "/state",
                       "names": [{"lang": "en", "text": "State"}]}]}}})
    people.settle(t.cluster)
    return fresh_appeal(t)


def answered_appeal(t):
    appeal_id = t.appeal(t.people["anna"])
    t.people["anna"].post(f"/appeals/{appeal_id}/answers", {"text": "Found"})
    return {"appeal_id": appeal_id}


def made_calendar(t):
    put(t, {"calendar": {"code": "plain", "week": [
        {"weekday": 1, "hours": [{"from_minute": 540, "to_minute": 1080}]}]}})
    return {"code": "plain"}


def two_units(t):
    """One is to go into the other."""
    codes = [f"north-m{next(numbers)}" for _ in range(2)]
    for code in codes:
        put(t, {"unit": {"code": code, "parent": "north"}})
    return {"unit": codes[0], "into": codes[1], "day": "2030-01-01"}


def worked_on(method, **body):
    """A fresh appeal to which that was done first."""
    def path(t):
        values = fresh_appeal(t)
        t.people["anna"].post(f"/appeals/{values['appeal_id']}/{method}", body)
        return values
    return path


def with_item(method, **body):
    """Likewise, and the code of what it made."""
    def path(t):
        code = next(k for k in ("promise", "remedy_id", "task", "attachment")
                    if k in body)
        return {**worked_on(method, **body)(t), code: body[code]}
    return path


def soon():
    return rfc3339(-86400)


TEXT_FILE = "Сообщение".encode().hex()


def life_routes():
    """What is done to a case after its registration, by the noun of its
    path."""
    def route(body, path=fresh_appeal, **more):
        return Route(refused="rita", path=path, body=body, **more)

    yield "routing", route(lambda t: {"unit": "north-02", "text": "yours"})
    yield "investigation", route(lambda t: {"text": "records"})
    yield "notices", route(lambda t: {"text": "It was mended"},
                           worked_on("resolution", text="Found"))
    yield "reopening", route(lambda t: {"text": "again"},
                             worked_on("resolution", text="Found"))
    yield "withdrawal", route(lambda t: {"text": "found it"})
    yield "escalations", route(lambda t: {"level": "ESCALATION_REGULATOR",
                                          "text": "a letter came"})
    yield "merger", route(lambda t: {
        "into": t.appeal(t.people["anna"]), "text": "the same"})
    yield "notes", route(lambda t: {"text": "called back"})
    yield "rating", route(lambda t: {"rating": 4, "text": "fine"},
                          worked_on("resolution", text="Found"))
    yield "pauses", route(lambda t: {"clock": "answer",
                                     "text": "papers are missing"})
    yield "resumptions", route(lambda t: {"clock": "answer"},
                               worked_on("pauses", clock="answer", text="x"))
    yield "extensions", route(lambda t: {
        "clock": "answer", "by": 1, "text": "an expert is asked",
        "customer_notified": True})
    promise = {"promise": "call", "text": "We call", "owner": "anna",
               "due_us": soon()}
    yield "promises", route(lambda t: dict(promise))
    yield "promises/{promise}/outcome", route(
        lambda t: {"state": "PROMISE_KEPT", "text": "called"},
        with_item("promises", **promise))
    remedy = {"remedy_id": "one", "remedy": "refund", "amount_minor": 60000,
              "currency": "RUB", "text": "postage"}
    yield "remedies", route(lambda t: dict(remedy))
    yield "remedies/{remedy_id}/decision", route(
        lambda t: {"state": "REMEDY_APPROVED", "text": "yes"},
        with_item("remedies", **remedy), who="administrator")
    task = {"task": "look", "unit": "north-02", "text": "Look there",
            "due_us": soon()}
    yield "tasks", route(lambda t: dict(task))
    yield "tasks/{task}/outcome", route(
        lambda t: {"state": "TASK_DONE", "text": "seen"},
        with_item("tasks", **task))
    yield "matter", route(lambda t: {"matter": t.appeal(t.people["anna"])})
    yield "repeat", route(lambda t: {
        "repeat_of": t.appeal(t.people["anna"]), "text": "again"})
    yield "red-line", route(lambda t: {"red_line": "data_leak",
                                       "text": "a list was sold"})
    yield "red-line/decision", route(
        lambda t: {"outcome": "RED_LINE_CONFIRMED", "text": "proven"},
        worked_on("red-line", red_line="data_leak"))
    yield "attachments", route(lambda t: {
        "attachment": "letter", "file_name": "letter.txt",
        "media_type": "text/plain", "content": TEXT_FILE})


def made_token(t):
    answer = t.people["administrator"].post("/api-tokens", {
        "name": "webform", "note": "to be ended"})
    return {"token_id": answer.of("token_id") or "none"}


def closed_appeal(t):
    path = answered_appeal(t)
    t.people["anna"].post(f"/appeals/{path['appeal_id']}/closing", {})
    return path


def another_customer(t):
    """What makes the customer of a fresh appeal one with somebody else."""
    answer = t.people["anna"].post("/appeals", letter(person={
        "phone": f"+7902{next(numbers):07}"}))
    return {"other_appeal_id": answer.of("appeal_id"), "text": "The same"}


def made_link(t):
    case = fresh_appeal(t)["appeal_id"]
    answer = t.people["anna"].post(f"/appeals/{case}/customer/links",
                                   another_customer(t))
    return {"link_id": answer.of("link_id")}


def erasable(t):
    phone = f"+7903{next(numbers):07}"
    t.people["anna"].post("/appeals", letter(person={"phone": phone}))
    return {"phone": phone}


def template(t):
    return {"code": f"t{next(numbers)}", "unit": "north",
            "names": [{"lang": "en", "text": "First answer"}],
            "texts": [{"lang": "en", "text": "{{appeal.external_id}}"}],
            "topics": ["delivery"], "kinds": ["complaint"]}


def article(t):
    return {"code": f"a{next(numbers)}", "unit": "north", "public": True,
            "texts": [{"lang": "en", "title": "Parcels",
                       "body": "When they arrive"}],
            "topics": ["delivery"], "kinds": ["complaint"]}


def draft(t, kind, body):
    """A version that the administrator may approve."""
    t.people["anna"].post("/" + kind, body)
    return {"code": body["code"]}


def approved(t, kind, body):
    path = draft(t, kind, body)
    t.people["administrator"].post(f"/{kind}/{path['code']}/decision", {
        "version": 1, "state": "DESK_APPROVED"})
    return path


def view(t):
    return {"code": f"v{next(numbers)}", "unit": "north", "name": "Late",
            "filter": [{"field": "order", "value": "DUE_FIRST"}],
            "columns": ["topic"]}


def made_view(t):
    body = view(t)
    t.people["anna"].post("/views", body)
    return {"code": body["code"]}


def seat(t):
    return {"code": "anna", "unit": "north", "skills": ["delivery"],
            "capacity": 9000}


def made_seat(t):
    t.people["administrator"].post("/seats", seat(t))
    return {"code": "anna"}


def rating_code(t):
    path = closed_appeal(t)
    return t.people["anna"].post(
        f"/appeals/{path['appeal_id']}/rating-link", {}).of("code")


DECISION = {"version": 1, "state": "DESK_APPROVED"}


ROUTES = {
    ("GET", "/session"): Route(),
    ("POST", "/session"): Route(
        who=None, body=lambda t: {"name": "anna", "password":
                                  people.password_of("anna")}),
    ("DELETE", "/session"): Route(who="new", status=204),
    ("POST", "/session/password"): Route(
        who="new", status=204, body=lambda t: {"password": people.password_of("petra"),
                                   "new_password":
                                   people.password_of("petra")}),
    ("POST", "/invites/accept"): Route(
        who=None, body=lambda t: {"code": people.invite(t.cluster, "igor"),
                                  "password": people.password_of("igor")}),
    ("POST", "/principals/{name}/invite"): Route(
        who="administrator", refused="anna", status=201,
        path=lambda t: {"name": "igor"}),
    ("GET", "/publications"): Route(refused="rita"),
    ("GET", "/principals"): Route(who="administrator", refused="anna",
                                  query={"limit": "2"}),
    ("GET", "/api-tokens"): Route(who="administrator", refused="anna",
                                  query={"limit": "2"}),
    ("POST", "/api-tokens"): Route(
        who="administrator", refused="anna", status=201,
        body=lambda t: {"name": "webform", "note": "a note",
                        "valid_days": 1}),
    ("DELETE", "/api-tokens/{token_id}"): Route(
        who="administrator", refused="anna", path=made_token, status=204),
    ("GET", "/appeals"): Route(refused="igor", query={
        "unit": "north", "state": "APPEAL_REGISTERED", "kind": "complaint",
        "topic": "delivery", "from_us": "2020-01-01T00:00:00Z",
        "to_us": "2100-01-01T00:00:00Z", "limit": "5"}),
    ("GET", "/appeals.csv"): Route(refused="igor", query={
        "unit": "north", "kind": "complaint"}),
    ("POST", "/appeals/search"): Route(refused="igor", body=lambda t: {
        "text": "letter", "unit": "north", "limit": 5}),
    ("POST", "/appeals/search.csv"): Route(refused="igor", body=lambda t: {
        "text": "letter", "unit": "north"}),
    ("POST", "/appeals"): Route(refused="rita", status=201,
                                body=lambda t: letter()),
    ("GET", "/appeals/{appeal_id}"): Route(refused="igor", path=fresh_appeal),
    ("POST", "/appeals/{appeal_id}/classification"): Route(
        refused="rita", path=fresh_appeal,
        body=lambda t: {"kind": "statement", "topic": "staff"}),
    ("POST", "/appeals/{appeal_id}/answers"): Route(
        refused="rita", path=fresh_appeal,
        body=lambda t: {"text": "We are looking into it"}),
    ("POST", "/appeals/{appeal_id}/resolution"): Route(
        refused="rita", path=fresh_appeal, body=lambda t: {"text": "Found"}),
    ("POST", "/appeals/{appeal_id}/closing"): Route(
        refused="rita", path=answered_appeal, body=lambda t: {}),
    **{("POST", "/appeals/{appeal_id}/" + noun): route
       for noun, route in life_routes()},
    ("GET", "/appeals/{appeal_id}/attachments/{attachment}"): Route(
        refused="igor", path=with_item(
            "attachments", attachment="letter", file_name="letter.txt",
            media_type="text/plain", content=TEXT_FILE)),
    ("GET", "/appeals/{appeal_id}/outgoing"): Route(
        refused="igor", path=fresh_appeal),
    ("POST", "/appeals/{appeal_id}/outgoing/retry"): Route(
        who="administrator", refused="anna", status=204, path=waiting_mail,
        body=lambda t: {"revision": "1", "channel": "email"}),
    ("GET", "/outgoing"): Route(
        who="administrator", refused="anna",
        query={"state": "OUTGOING_FAILED", "channel": "email", "limit": "5"}),
    ("GET", "/appeals/{appeal_id}/lookups"): Route(
        refused="rita", path=looked_up),
    ("POST", "/appeals/{appeal_id}/lookups"): Route(
        refused="rita", path=looked_up, body=lambda t: {
            "lookup": "track",
            "inputs": [{"name": "number", "value": "RA123456785RU"}]}),
    ("GET", "/webhooks"): Route(who="administrator", refused="anna"),
    ("POST", "/webhooks"): Route(
        who="administrator", refused="anna", body=lambda t: {"webhook": {
            "name": "crm", "url": "https://localhost/crm", "secret": "outside",
            "rightful": True, "off": True}}),
    ("GET", "/mailboxes"): Route(who="administrator", refused="anna"),
    ("POST", "/mailboxes"): Route(
        who="administrator", refused="anna", body=lambda t: {"mailbox": {
            "name": "post", "url": "imaps://localhost/INBOX", "user": "post",
            "secret": "outside", "kind": "complaint", "channel": "web",
            "topic": "delivery", "unit": "north", "off": True}}),
    ("GET", "/mailboxes/aside"): Route(
        who="administrator", refused="anna",
        query={"mailbox": "post", "limit": "5"}),
    ("GET", "/appeals/{appeal_id}/customer"): Route(
        refused="rita", path=fresh_appeal, query={"limit": "5"}),
    ("POST", "/appeals/{appeal_id}/customer/links"): Route(
        refused="rita", path=fresh_appeal, body=another_customer),
    ("POST", "/customer-links/{link_id}/split"): Route(
        refused="rita", path=made_link, body=lambda t: {"text": "No"}),
    ("POST", "/customers/export"): Route(
        who="administrator", refused="anna",
        body=lambda t: {"phone": "+79007654321"}),
    ("POST", "/customers/erasure"): Route(
        who="administrator", refused="anna", body=erasable),
    ("GET", "/erasures"): Route(who="administrator", refused="anna",
                                query={"limit": "5"}),
    ("GET", "/erasures.csv"): Route(
        who="administrator", refused="anna", query={"limit": "5"}),
    ("GET", "/retentions"): Route(who="administrator", refused="anna"),
    ("POST", "/retentions"): Route(
        who="administrator", refused="anna",
        body=lambda t: {"kind": "complaint", "days": 36500}),
    ("GET", "/templates"): Route(refused="igor", query={
        "state": "DESK_APPROVED", "topic": "delivery", "limit": "5"}),
    ("POST", "/templates"): Route(refused="rita", status=201, body=template),
    ("GET", "/templates/{code}"): Route(
        refused="igor", path=lambda t: draft(t, "templates", template(t))),
    ("POST", "/templates/{code}/decision"): Route(
        who="administrator", refused="rita", body=lambda t: DECISION,
        path=lambda t: draft(t, "templates", template(t))),
    ("POST", "/templates/{code}/rendering"): Route(
        refused="rita", path=lambda t: approved(t, "templates", template(t)),
        body=lambda t: {**fresh_appeal(t), "lang": "en",
                        "purpose": "DESK_ANSWER"}),
    ("GET", "/articles"): Route(refused="igor", query={
        "state": "DESK_APPROVED", "parent": "-", "limit": "5"}),
    ("POST", "/articles"): Route(refused="rita", status=201, body=article),
    ("GET", "/articles/search"): Route(refused="igor", query={
        "text": "parcel", "lang": "en", "limit": "5"}),
    ("GET", "/articles/{code}"): Route(
        refused="igor", path=lambda t: draft(t, "articles", article(t))),
    ("POST", "/articles/{code}/decision"): Route(
        who="administrator", refused="rita", body=lambda t: DECISION,
        path=lambda t: draft(t, "articles", article(t))),
    ("GET", "/views"): Route(refused="igor"),
    ("POST", "/views"): Route(refused="igor", status=201, body=view),
    ("DELETE", "/views/{code}"): Route(refused="igor", path=made_view,
                                       status=204),
    ("GET", "/drafts"): Route(refused="rita"),
    ("POST", "/appeals/{appeal_id}/drafts/{kind}"): Route(
        refused="rita", body=lambda t: {"text": "Dear", "template": "first"},
        path=lambda t: {**fresh_appeal(t), "kind": "AnswerAppeal"}),
    ("POST", "/appeals/{appeal_id}/presence"): Route(
        refused="rita", path=fresh_appeal, body=lambda t: {"writing": True}),
    ("GET", "/seats"): Route(refused="rita", query={"unit": "north-01"}),
    ("POST", "/seats"): Route(who="administrator", refused="anna", status=201,
                              body=seat),
    ("DELETE", "/seats/{code}"): Route(who="administrator", refused="anna",
                                       path=made_seat, status=204),
    ("POST", "/assignments"): Route(
        who="administrator", refused="rita",
        body=lambda t: made_seat(t) and fresh_appeal(t)),
    ("POST", "/appeals/{appeal_id}/rating-link"): Route(
        refused="rita", path=closed_appeal, status=201, body=lambda t: {}),
    ("GET", "/public/faq"): Route(who=None, query={"lang": "en"}),
    ("GET", "/public/faq/search"): Route(who=None, query={
        "text": "parcel", "lang": "en", "limit": "5"}),
    ("GET", "/public/faq/{code}"): Route(
        who=None, path=lambda t: approved(t, "articles", article(t)),
        query={"lang": "en"}),
    ("GET", "/public/choices"): Route(who=None),
    ("GET", "/public/units"): Route(who=None, query={"text": "north"}),
    ("POST", "/public/appeals"): Route(
        who=None, status=201, sweep=False, body=lambda t: {
            "kind": "complaint", "topic": "delivery", "unit": "north-01",
            "text": "It is late", "person": PERSON, "consent": True}),
    ("POST", "/public/appeals/follow"): Route(who=None, sweep=False,
                                              body=lodged),
    ("POST", "/public/appeals/acts"): Route(
        who=None, status=204, sweep=False, body=lambda t: {
            **lodged(t), "act": "ACT_ADD", "text": "And wet"}),
    ("GET", "/public/centres"): Route(who=None),
    ("GET", "/public/slots"): Route(
        who=None, sweep=False, query={"unit": "north-09",
                                      "service": "visit"},
        path=lambda t: visited(t) and {}),
    ("POST", "/public/bookings"): Route(who=None, status=201, sweep=False,
                                        body=visited),
    ("POST", "/public/bookings/cancellation"): Route(
        who=None, status=204, sweep=False, body=booked),
    ("GET", "/public/figures"): Route(who=None),
    ("POST", "/slot-rules"): Route(
        who="administrator", refused="anna", status=204, sweep=False,
        body=lambda t: visited(t) and slot_rule()),
    ("GET", "/slot-rules"): Route(refused="rita", query={"unit": "north-01"}),
    ("GET", "/bookings"): Route(refused="rita", sweep=False, query={
        "unit": "north-09", "day": "2026-01-01"}),
    ("POST", "/public/ratings"): Route(
        who=None, status=204, body=lambda t: {
            "code": rating_code(t), "rating": 4, "text": "Fine"}),
    ("GET", "/cells"): Route(refused="igor", query={
        "unit": "north", "indicators": "appeals,complaints",
        "days": f"2024-01-01..{today()}", "split_by": "BY_DAY,BY_KIND",
        "kind": "complaint", "limit": "100"}),
    ("GET", "/series"): Route(refused="igor", query={
        "unit": "north", "indicator": "appeals",
        "days": f"{rfc3339(10 * 86400)[:10]}..{today()}", "step": "BY_DAY"}),
    ("GET", "/reports/appeals"): Route(refused="igor", query={
        "unit": "north", "days": f"2024-01-01..{today()}"}),
    ("GET", "/reports/appeals.csv"): Route(refused="igor", query={
        "unit": "north", "days": f"2024-01-01..{today()}"}),
    ("POST", "/compare"): Route(who="administrator", refused="igor",
                                body=lambda t: {"max_differences": 5}),
    ("GET", "/units"): Route(query={"parent": "north", "limit": "3"}),
    ("GET", "/units/search"): Route(query={"text": "north", "limit": "5"}),
    ("GET", "/units/{code}"): Route(path=lambda t: {"code": "north-01"}),
    ("GET", "/terms"): Route(who="pavel", query={"taxonomy": "topic"}),
    ("GET", "/departments"): Route(refused="pavel"),
    ("GET", "/policies"): Route(refused="pavel", query={
        "rule": "clock", "limit": "2"}),
    ("POST", "/policies/preview"): Route(
        # codes it judges; what names may be the directory does
        sweep=False,
        who="administrator", refused="anna", body=lambda t: {
            "days": 30, "unit": "north", "policy": {
                "code": "first_response", "names": [],
                "clock": {"clock": "first_response",
                          "start": "AT_REGISTRATION",
                          "stop": "AT_FIRST_ANSWER",
                          "measure": "ELAPSED_TIME", "amount": 60}}}),
    ("GET", "/calendars"): Route(refused="pavel"),
    ("GET", "/calendars/{code}"): Route(
        refused="pavel", path=made_calendar, query={"year": "2026"}),
    ("GET", "/employees"): Route(refused="pavel", query={
        "unit": "north", "text": "a", "limit": "2"}),
    ("GET", "/centres"): Route(refused="pavel", query={
        "state": "CENTRE_OPEN", "from_day": "2007-01-01", "limit": "2"}),
    ("GET", "/directory"): Route(refused="igor"),
    ("GET", "/directory/versions"): Route(refused="pavel", query={
        "key": "unit/north-01"}),
    ("GET", "/directory/records"): Route(
        who="administrator", refused="anna",
        query={"sort": "unit", "limit": "5"}),
    ("POST", "/directory/merges"): Route(
        who="administrator", refused="anna", body=two_units),
    ("POST", "/directory/records"): Route(
        who="administrator", refused="anna",
        body=lambda t: {"record": {"unit": {
            "code": f"north-x{next(numbers)}", "parent": "north",
            "level": "office", "names": [{"lang": "en", "text": "New"}]}}}),
    ("POST", "/directory/checks"): Route(
        who="administrator", refused="anna",
        body=lambda t: {"records": [{"unit": {
            "code": "north-y", "parent": "north", "level": "office"}}]}),
    ("POST", "/events"): Route(
        who="machine", refused="rita", sweep=False,
        body=lambda t: cloud_event(letter())),
    ("GET", "/events"): Route(refused="igor", sweep=False,
                              query={"stream": "complaints"}),
    ("GET", "/audit"): Route(who="igor", refused="anna", query={
        "principal": "anna", "limit": "3",
        "from_us": "2020-01-01T00:00:00Z"}),
    ("GET", "/system"): Route(),
    ("GET", "/openapi.json"): Route(who=None),
}


def cloud_event(data, **fields):
    return {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "webform",
            "type": "RegisterAppeal", "time": data.pop("occurred_at_us"),
            "partitionkey": data["external_id"], "data": data, **fields}


ROUTES.update(social.routes(Route))
