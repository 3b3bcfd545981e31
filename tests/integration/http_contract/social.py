"""social.py -- good requests for the routes of the social service; see routes.py,
which takes them in.
"""

import functools
import itertools
import time

numbers = itertools.count(1)


def rfc3339(s_ago):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - s_ago))


def mention(**fields):
    return {"source": "vk", "external_id": f"http-{next(numbers)}",
            "text": "Очередь на почте", "author": "somebody",
            "unit": "north-01", "published_at_us": rfc3339(3600),
            "edited_at_us": rfc3339(1800), **fields}


def made(t, by="anna", **fields):
    """The mention as it was sent, with its id."""
    body = mention(**fields)
    answer = t.people[by].post("/mentions", body)
    assert answer.status == 201, answer
    return {**body, "mention_id": answer.of("mention_id")}


def deletion(t):
    sent = made(t)
    return {"source": sent["source"], "external_id": sent["external_id"],
            "deleted_at_us": rfc3339(60)}


def hours():
    now = int(time.time() // 3600)
    return {"from_hour": str(now - 24), "to_hour": str(now + 1)}


def rule(t):
    """A new one, and a mention that it has found."""
    code = f"rule-{next(numbers)}"
    answer = t.people["anna"].post("/watches", {"watch": {
        "code": code, "query": f"{code} OR unit:north"}})
    assert answer.status == 200, answer
    return code


@functools.cache
def hit(t):
    """Once the replica has taken the rule in."""
    code, end = rule(t), time.monotonic() + 10
    while time.monotonic() < end:
        mention_id = made(t)["mention_id"]
        seen = t.people["anna"].get(f"/mentions/{mention_id}")
        if code in seen.of("facts").get("watches", ()):
            return code, mention_id
        time.sleep(.1)
    raise RuntimeError("no mention matches the rule")


# Paths whose methods come with other parts of the service.
WAITING = {
    ("POST", "/mentions/{mention_id}/correction"),
    ("GET", "/mentions/{mention_id}/explanation"),
    ("POST", "/mentions/{mention_id}/reaction"),
    ("GET", "/clusters"),
    ("GET", "/reactions"),
    ("GET", "/reactions/{reaction_id}"),
    ("POST", "/reactions/{reaction_id}/assignment"),
    ("POST", "/reactions/{reaction_id}/answer"),
    ("POST", "/reactions/{reaction_id}/forwarding"),
    ("POST", "/reactions/{reaction_id}/report"),
    ("POST", "/reactions/{reaction_id}/dismissal"),
    ("POST", "/reactions/{reaction_id}/reopening"),
    ("GET", "/press"),
    ("POST", "/press"),
    ("POST", "/press/{press_id}/agreement"),
    ("POST", "/press/{press_id}/publications"),
    ("POST", "/press/{press_id}/closing"),
    ("GET", "/feeds"),
    ("POST", "/feeds"),
    ("POST", "/feeds/trial"),
    ("GET", "/spikes"),
    ("POST", "/spikes/{spike_id}/judgement"),
    ("GET", "/sources"),
    ("GET", "/digest"),
    ("GET", "/models"),
    ("POST", "/models"),
    ("POST", "/models/{version}/use"),
    ("GET", "/labels"),
}


def routes(route):
    return {
        ("GET", "/mentions"): route(refused="igor", query={
            "unit": "north", "source": "vk", "limit": "5"}),
        ("POST", "/mentions/search"): route(refused="igor", body=lambda t: {
            "unit": "north", "source": "vk", "lang": "ru", "limit": 5}),
        ("POST", "/mentions"): route(refused="rita", status=201,
                                     body=lambda t: mention()),
        # each of the mentions is judged alone: wrong ones are in the answer
        ("POST", "/mentions/batch"): route(
            refused="rita", sweep=False,
            body=lambda t: {"mentions": [mention(), mention()]}),
        ("POST", "/mentions/deletion"): route(refused="rita", body=deletion),
        ("GET", "/mentions/{mention_id}"): route(
            refused="igor",
            path=lambda t: {"mention_id": made(t)["mention_id"]}),
        ("GET", "/mention-counts"): route(refused="igor", query={
            **hours(), "unit": "north", "split_by": "SPLIT_HOUR"}),
        ("GET", "/mention-publications"): route(refused="rita"),
        ("POST", "/authors/erasure"): route(
            who="administrator", refused="anna",
            body=lambda t: {"source": "vk", "author": "somebody",
                            "reason": "asked to"}),
        ("GET", "/watches"): route(refused="igor", query={"limit": "5"}),
        ("POST", "/watches"): route(refused="rita", body=lambda t: {
            "watch": {"code": f"rule-{next(numbers)}", "query": "очеред*",
                      "sensitivity": 3, "unit": "north",
                      "names": [{"lang": "en",
                                 "text": f"Rule {next(numbers)}"}]}}),
        ("POST", "/watches/preview"): route(refused="rita", body=lambda t: {
            "query": "очеред*", "limit": 5}),
        ("GET", "/watches/{code}/versions"): route(
            refused="igor", path=lambda t: {"code": rule(t)}),
        ("POST", "/watches/{code}/judgements"): route(
            refused="rita", path=lambda t: {"code": hit(t)[0]},
            body=lambda t: {"mention_id": hit(t)[1], "right": True}),
    }
