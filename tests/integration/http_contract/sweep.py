"""sweep.py -- what is tried on every route: the good request, without rights, and
each field of it wrong in each way.
"""

import re

import api
import hostile
import people
import tap


def check_good(t, method, path, route):
    name = f"{method} {path}"
    client = t.client(route.who)
    if path == "/events" and method == "GET":
        stream = client.events()
        tap.equal(stream.status, 200, f"{name}: 200 for who may")
        stream.close()
        return
    answer = t.ask(client, method, path, route)
    tap.ok(answer.status == route.status,
           f"{name}: {route.status} for who may", answer)
    t.documented(method, path, answer, f"{name}: as documented")
    tap.ok(answer.headers.get("x-content-type-options") == "nosniff" and
           (path == "/openapi.json" or
            answer.headers.get("cache-control") in
            ("no-store", "private, no-cache")),
           f"{name}: not to be sniffed, not to be shared", answer.headers)


def check_rights(t, method, path, route):
    name = f"{method} {path}"
    if route.who is None:
        return
    answer = t.ask(people.nobody(t.cluster), method, path, route,
                   values=dict.fromkeys(re.findall(r"{(\w+)}", path), "x"))
    tap.ok(answer.status == 401 and answer.is_problem,
           f"{name}: 401 without a session", answer)
    t.documented(method, path, answer, f"{name}: the 401 as documented")
    if route.refused:
        answer = t.ask(t.client(route.refused), method, path, route)
        tap.ok(answer.status == 403 and answer.is_problem and
               answer.of("code") == "FORBIDDEN",
               f"{name}: 403 without the role", answer)
    client = t.client(route.who)
    if method != "GET" and client.cookie:
        for what, headers in (("no", {}), ("a wrong", {"X-CSRF-Token":
                                                       "0" * 64})):
            answer = t.ask(client, method, path, route, csrf=False,
                           headers=headers)
            tap.ok(answer.status == 403 and answer.is_problem,
                   f"{name}: 403 with {what} CSRF token", answer)


def refused(answer, path, near=False):
    """near: another field of the same part may be named, since it is missing."""
    wanted, got = hostile.pointer(path), answer.of("pointer") or ""
    if near:
        wanted, got = wanted.split("/")[1], got.split("/")[1:2]
        return answer.is_problem and got == [wanted]
    return answer.is_problem and got == wanted


def sweep_body(t, method, path, route):
    """Each field of the body with each wrong type, too long, with NUL."""
    schema = t.document.body_schema(t.document.operations[method, path])
    if not schema or not route.body:
        return
    name = f"{method} {path}"
    client = t.client(route.who)
    values = route.path(t)
    good = route.body(t)
    wrong = []

    def bad(what, field_path, value, statuses=(400,), near=False):
        answer = t.ask(client, method, path, route, values=values,
                       body=hostile.put(good, field_path, value))
        told = path == "/directory/checks" and near and \
            answer.status == 200 and answer.of("problems")
        if not told and not (refused(answer, field_path, near) and
                             answer.status in statuses):
            wrong.append((what, hostile.pointer(field_path), answer))

    n = 0
    for field_path, field in hostile.fields(t.document, schema):
        if field_path[-1] == 0 and hostile.is_object(field):
            continue
        n += 1
        for what, value in hostile.wrong_values(field):
            bad(what, field_path, value)
        if field.get("type") == "string":
            bad("NUL", field_path, hostile.NUL, (400, 422))
            if path == "/session":
                continue    # what is wrong with a name is told to nobody
            bad("70,000 characters", field_path, "x" * 70000,
                (400, 403, 404, 413, 422),
                near=path.startswith("/directory/"))
    bad("an unknown field", ("no_such_field",), 1)
    tap.equal(wrong[:4], [], f"{name}: {n} fields, each one wrong: 400 with "
              f"its pointer (not so: {len(wrong)})")
    wrong = []
    for what, body in hostile.BROKEN.items():
        answer = t.ask(client, method, path, route, values=values, body=body)
        # Nothing means a message without a field.
        if what == "nothing" and answer.status < 500:
            continue
        if answer.status != 400 or not answer.is_problem:
            wrong.append((what, answer))
    tap.equal(wrong, [], f"{name}: broken bodies: 400")


def sweep_query(t, method, path, route):
    operation = t.document.operations[method, path]
    parameters = t.document.parameters(operation, "query")
    wrong = []
    client = t.client(route.who)
    values = route.path(t)

    def bad(what, name, value):
        answer = t.ask(client, method, path, route, values=values,
                       query={**route.query, name: value})
        if answer.status not in (400, 422) or not answer.is_problem or \
                (answer.of("field") or "").split("[")[0] != name:
            wrong.append((what, name, answer))

    for parameter in parameters:
        name = parameter["name"]
        schema = t.document.resolve(parameter.get("schema", {}))
        bad("NUL", name, hostile.NUL)
        bad("invalid UTF-8", name, b"a\xff\xfe")
        bad("7,000 characters", name, "x" * 7000)
        if schema.get("type") != "string" or \
                {"enum", "format", "pattern"} & set(schema):
            bad("another text", name, "no such")
            bad("a number", name, "-99999999999999999999")
    if method == "GET" and route.who:
        bad("an unknown parameter", "no_such_parameter", "1")
    tap.equal(wrong[:4], [], f"{method} {path}: {len(parameters)} parameters, "
              f"each one wrong: named (not so: {len(wrong)})")


def sweep_path(t, method, path, route):
    """Hostile values in place of an id: not found or invalid, never more."""
    good = route.path(t)
    wrong = []
    for name in good:
        # of an item that the case does not hold: the state of the case
        refusals = (400, 404, 405, 414, 422) + \
            ((409,) if name != "appeal_id" else ())
        for what, text in [*hostile.TEXTS.items(), ("long", "x" * 3000),
                           ("up", ".."), ("nul", hostile.NUL)]:
            quoted = api.urllib.parse.quote(text, safe="")
            answer = t.ask(t.client(route.who), method, path, route,
                           values={**good, name: quoted})
            if answer.status not in refusals or \
                    not answer.is_problem or \
                    b"<script>" in answer.body or b"DROP" in answer.body:
                wrong.append((what, answer))
    tap.equal(wrong[:4], [], f"{method} {path}: a hostile {' or '.join(good)} is "
              f"refused (not so: {len(wrong)})")
