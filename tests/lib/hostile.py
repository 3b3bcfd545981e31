"""hostile.py -- what somebody may put into a field: texts that are harmless only
if nobody interprets them, and bodies that break a schema at one place each.
"""

import copy

# Must be kept and given back as they are.
TEXTS = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "formula": "=cmd|'/C calc'!A0",
    "formula2": "@SUM(1+9)*cmd|' /C calc'!A0",
    "rtl": "abc\u202ecod.exe\u202c def",
    "sql": "'); DROP TABLE complaints.appeal; --",
    "format": "%s%n%x ${jndi:ldap://x/a} {{7*7}} $(id) `id`",
    "json": "\",\"role\":\"admin\"}\\",
    "wide": "\U0001f4e6 почта 邮政 e\u0301\u200b\ufeff",
    "line": "one\r\nSet-Cookie: a=b\r\n{\"level\":\"error\"}",
}
# Must be refused wherever they stand.
NUL = "a\u0000b"
# JSON documents that are none.
BROKEN = {
    "nothing": b"",
    "half an object": b'{"a":',
    "two documents": b"{} {}",
    "invalid UTF-8": b'{"text":"ab\xff\xfe"}',
    "a surrogate alone": b'{"text":"\\ud800"}',
    "overlong UTF-8": b'{"text":"\xc0\xaf"}',
    "a name twice": b'{"unit":"a","unit":"b"}',
    "an array": b"[]",
    "a number": b"7",
    "null": b"null",
    "10,000 brackets": b"[" * 10000 + b"]" * 10000,
    "10,000 objects": b'{"a":' * 10000 + b"1" + b"}" * 10000,
    "not JSON at all": b"a=b&c=d",
}


def is_array(schema):
    return schema.get("type") == "array" or "items" in schema


def is_object(schema):
    return "properties" in schema or schema.get("type") == "object"


def example(document, schema, depth=0):
    """The least value of a schema: to reach a field inside of it."""
    schema = document.resolve(schema)
    if is_array(schema):
        return []
    if is_object(schema):
        return {}
    if "enum" in schema:
        return schema["enum"][0]
    return {"integer": 0, "number": 0, "boolean": False}.get(
        schema.get("type"), "")


def fields(document, schema, path=()):
    """(path, schema) of each field that a body may have, inner ones too. An
    index stands for the first of an array."""
    schema = document.resolve(schema)
    if len(path) > 8:
        return
    if is_array(schema):
        here = path + (0,)
        yield here, document.resolve(schema["items"])
        yield from fields(document, schema["items"], here)
    for part in schema.get("oneOf", ()):
        yield from fields(document, part, path)
    for name, inner in schema.get("properties", {}).items():
        inner = document.resolve(inner)
        yield path + (name,), inner
        yield from fields(document, inner, path + (name,))


def put(body, path, value):
    """A copy of the body with one value set; what leads there is made. Of a
    directory record there is only one sort at a time."""
    body = copy.deepcopy(body)
    at = body
    for i, step in enumerate(path):
        if i > 0 and path[0] in ("record", "records") and \
                i == (1 if path[0] == "record" else 2):
            for other in set(at) - {step}:
                del at[other]
        last = i == len(path) - 1
        if isinstance(step, int):
            while len(at) <= step:
                at.append({} if not last else None)
        elif not last and (step not in at or not isinstance(
                at[step], (dict, list))):
            at[step] = [] if isinstance(path[i + 1], int) else {}
        if last:
            at[step] = value
        else:
            at = at[step]
    return body


def pointer(path):
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1")
                   for step in path)


def wrong_values(schema):
    """(what, value) of other types than the field's."""
    if is_object(schema) or is_array(schema):
        yield "a text", "x"
        yield "a number", 7
        yield ("a list", [1]) if is_object(schema) else ("an object", {"a": 1})
        return
    yield "an object", {"a": 1}
    yield "a list", ["a"]
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "boolean" not in kinds:
        yield "a bool", True
    if kinds == ["string"] and not {"enum", "format", "pattern"} & set(schema):
        yield "a number", 7
    else:
        yield "another text", "no such \u202e"
