"""made.py -- what has to be there before some of the good requests: what customers
did, centres, mails.
"""

import uuid

import people


PERSON = {"name": "Test Customer", "phone": "+79001234567"}


def lodged(t):
    """Number and code of an appeal that a customer has lodged."""
    answer = people.nobody(t.cluster).post("/public/appeals", {
        "kind": "complaint", "topic": "delivery", "unit": "north-01",
        "text": "The letter is late", "person": PERSON, "consent": True})
    assert answer.status == 201, answer
    return answer.json


def visited(t):
    """A centre that takes visits for a service, from the first to the last
    minute of each day; its first free slot."""
    put(t, {"term": {"taxonomy": "centre_service", "code": "visit",
                     "names": [{"lang": "en", "text": "Visit"}]}})
    put(t, {"calendar": {"code": "always", "valid_from_day": "2000-01-01",
                         "week": [{"weekday": d, "hours": [
                             {"from_minute": 0, "to_minute": 1440}]}
                             for d in range(1, 8)]}})
    put(t, {"centre": {"unit": "north-09", "open": True, "services": ["visit"],
                       "valid_from_day": "2000-01-01",
                       "opened_day": "2000-01-01", "calendar": "always"}})
    people.settle(t.cluster)
    answer = t.people["administrator"].post("/slot-rules", slot_rule())
    assert answer.status == 204, answer
    slot = people.nobody(t.cluster).get(
        "/public/slots", unit="north-09", service="visit").of("slots")[-1]
    return {"unit": "north-09", "service": "visit", "day": slot["day"],
            "minute": slot["minute"], "person": PERSON, "consent": True}


def slot_rule():
    return {"unit": "north-09", "service": "visit", "slot_minutes": 30,
            "capacity": 500, "valid_from_day": "2020-01-01"}


def booked(t):
    answer = people.nobody(t.cluster).post("/public/bookings", visited(t))
    assert answer.status == 201, answer
    return answer.json


def waiting_mail(t):
    """A case with a mail that is not sent: there is no server to take it."""
    put(t, {"policy": {"code": "told", "valid_from_day": "2000-01-01",
                       "notice": {"event": "AppealRegistered",
                                  "match": {"topic": "price"},
                                  "template": "received"}}})
    people.settle(t.cluster)
    answer = t.people["anna"].post("/appeals", {
        "external_id": str(uuid.uuid4()), "kind": "complaint",
        "channel": "web", "topic": "price", "unit": "north-01",
        "person": {**PERSON, "email": "ann@customers.test"},
        "text": "The letter is late"})
    assert answer.status == 201, answer
    return {"appeal_id": answer.of("appeal_id")}


def put(t, record):
    answer = t.people["administrator"].post("/directory/records",
                                            {"record": record})
    assert answer.status == 200, answer
