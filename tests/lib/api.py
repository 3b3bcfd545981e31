"""api.py -- the HTTP API as a program sees it: cookie, CSRF token, idempotency
key and server-sent events over http.client, and the answers held against the
OpenAPI document that the gateway itself serves. (Not called http.py: that would
hide Python's own module from every test.)
"""

import gzip
import http.client
import json
import queue
import re
import socket
import threading
import time
import urllib.parse
import uuid

import jsonschema

API = "/api/v1"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def is_problem(self):
        got = self.json
        return self.headers.get("content-type", "").startswith(
            "application/problem+json") and isinstance(got, dict) and \
            got.get("status") == self.status and bool(got.get("title")) and \
            isinstance(got.get("code"), str)

    def of(self, name):
        """A member of the body; None if there is no such thing."""
        got = self.json
        return got.get(name) if isinstance(got, dict) else None


class TlsConnection(http.client.HTTPConnection):
    """To a host by another name than its address, which has to prove it."""

    def __init__(self, host, port, timeout_s, context, name):
        super().__init__(host, port, timeout=timeout_s)
        self.context, self.name = context, name

    def connect(self):
        super().connect()
        self.sock = self.context.wrap_socket(self.sock,
                                             server_hostname=self.name)


class Api:
    """One person, or one machine, with one connection that is kept open."""

    def __init__(self, port, prefix="", host="127.0.0.1", timeout_s=20,
                 tls=None):
        """tls: an SSL context, and the name that the certificate is for."""
        self.host, self.port, self.prefix = host, port, prefix
        self.timeout_s, self.tls = timeout_s, tls
        self.cookie = self.csrf = self.bearer = None
        self.name = self.password = None
        self.conn, self.used = None, 0.0

    def connection(self, timeout_s):
        if not self.tls:
            return http.client.HTTPConnection(self.host, self.port,
                                              timeout=timeout_s)
        return TlsConnection(self.host, self.port, timeout_s, *self.tls)

    def close(self):
        if self.conn:
            self.conn.close()
        self.conn = None

    def headers(self, method, key=None, csrf=True):
        out = {"Accept": "application/json"}
        if self.cookie:
            out["Cookie"] = self.cookie
        if self.bearer:
            out["Authorization"] = "Bearer " + self.bearer
        if method in UNSAFE:
            if self.csrf and csrf:
                out["X-CSRF-Token"] = self.csrf
            if key is not False:
                out["Idempotency-Key"] = key or str(uuid.uuid4())
        return out

    def call(self, method, path, body=None, query=None, key=None, csrf=True,
             headers=None):
        """body: bytes as they are, anything else as JSON; key: False = none.
        Raises OSError or HTTPException when the connection ends first."""
        target = self.prefix + API + path
        if query:
            target += "?" + urllib.parse.urlencode(query)
        sent = self.headers(method, key, csrf)
        if body is not None:
            sent["Content-Type"] = "application/json"
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
        sent.update(headers or {})
        return self.raw(method, target, body, sent)

    def raw(self, method, target, body, headers):
        # Who has been silent for long may find the connection ended.
        if time.monotonic() - self.used > 5:
            self.close()
        self.used = time.monotonic()
        fresh = self.conn is None
        if fresh:
            self.conn = self.connection(self.timeout_s)
        try:
            self.conn.request(method, target, body, headers)
            got = self.conn.getresponse()
            answer = Answer(got.status, {k.lower(): v for k, v in
                                         got.getheaders()}, got.read())
        except (OSError, http.client.HTTPException):
            self.close()
            # A kept connection may have been closed meanwhile. What writes is
            # not repeated behind the test's back.
            if fresh or method != "GET":
                raise
            return self.raw(method, target, body, headers)
        if got.will_close:
            self.close()
        for line in got.headers.get_all("Set-Cookie") or ():
            pair = line.split(";")[0].strip()
            if pair.startswith("suyuan_session="):
                self.cookie = pair if pair.split("=", 1)[1] else None
        return answer

    def get(self, path, **query):
        return self.call("GET", path, query=query)

    def post(self, path, body, **options):
        return self.call("POST", path, body, **options)

    # --- sign-in ---

    def _signed_in(self, answer, name, password):
        if answer.status in (200, 201) and answer.of("csrf_token"):
            self.csrf = answer.of("csrf_token")
            self.name, self.password = name, password
        return answer

    def sign_in(self, name, password):
        return self._signed_in(self.post("/session", {
            "name": name, "password": password}), name, password)

    def accept(self, code, name, password):
        return self._signed_in(self.post("/invites/accept", {
            "code": code, "password": password}), name, password)

    def again(self):
        """The same person on a connection and with a cookie of its own."""
        other = Api(self.port, self.prefix, self.host, self.timeout_s,
                    self.tls)
        other.cookie, other.csrf, other.bearer = \
            self.cookie, self.csrf, self.bearer
        other.name, other.password = self.name, self.password
        return other

    def events(self, stream="complaints", last_id=None):
        return Events(self, stream, last_id)


class Events:
    """Server-sent events, read by a thread until closed or cut off."""

    def __init__(self, api, stream, last_id):
        self.got = queue.Queue()
        self.last_id = last_id
        self.ended = False
        self.conn = api.connection(60)
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-cache"}
        if api.cookie:
            headers["Cookie"] = api.cookie
        if api.bearer:
            headers["Authorization"] = "Bearer " + api.bearer
        if last_id is not None:
            headers["Last-Event-ID"] = last_id
        self.conn.request("GET", f"{api.prefix}{API}/events?stream={stream}",
                          headers=headers)
        self.answer = self.conn.getresponse()
        self.status = self.answer.status
        if self.status == 200:
            threading.Thread(target=self._read, daemon=True).start()
        else:
            self.body = self.answer.read()

    def _read(self):
        fields = {}
        try:
            while True:
                line = self.answer.readline()
                if not line:
                    break
                line = line.decode().rstrip("\r\n")
                if line.startswith(":"):
                    continue
                if line:
                    name, _, value = line.partition(":")
                    value = value[1:] if value.startswith(" ") else value
                    if name == "data" and "data" in fields:
                        value = fields["data"] + "\n" + value
                    fields[name] = value
                    continue
                if "id" in fields:
                    self.last_id = fields["id"]
                if "data" in fields:
                    self.got.put((fields.get("id"), fields.get("event"),
                                  json.loads(fields["data"])))
                fields = {}
        except (OSError, http.client.HTTPException, ValueError,
                AttributeError):
            pass    # cut off, or closed by the test
        self.ended = True

    def take(self, count, timeout_s=15):
        """Up to count events, fewer when the time is over."""
        out, end = [], time.monotonic() + timeout_s
        while len(out) < count:
            left = end - time.monotonic()
            if left <= 0:
                break
            try:
                out.append(self.got.get(timeout=min(left, 0.2)))
            except queue.Empty:
                if self.ended and self.got.empty():
                    break
        return out

    def close(self):
        try:
            if self.conn.sock:
                self.conn.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.conn.close()


class Document:
    """The OpenAPI document, and answers held against it."""

    def __init__(self, doc):
        self.doc = doc
        self.resolver = jsonschema.RefResolver.from_schema(doc)
        self.operations = {}
        for path, item in doc["paths"].items():
            if path.startswith(API):
                path = path[len(API):]
            for method, operation in item.items():
                if method in ("get", "post", "put", "patch", "delete"):
                    self.operations[method.upper(), path] = operation

    def resolve(self, schema):
        """What a $ref means; anything else as it is."""
        while "$ref" in schema:
            schema = self.resolver.resolve(schema["$ref"])[1]
        return schema

    def is_public(self, operation):
        return operation.get("security", self.doc.get("security")) in \
            ([], None, [{}])

    def body_schema(self, operation):
        content = self.resolve(operation.get("requestBody", {})).get(
            "content", {})
        for kind, media in content.items():
            if "json" in kind:
                return media.get("schema")
        return None

    def parameters(self, operation, where):
        return [p for p in map(self.resolve, operation.get("parameters", ()))
                if p["in"] == where]

    def faults(self, method, path, answer):
        """Sentences on what in the answer is not as the document says."""
        responses = self.operations[method, path]["responses"]
        response = responses.get(str(answer.status),
                                 responses.get(f"{answer.status // 100}XX",
                                               responses.get("default")))
        if response is None:
            return [f"status {answer.status} is not documented"]
        content = self.resolve(response).get("content", {})
        if not answer.body:
            return [f"no body, documented: {list(content)}"] if content else []
        kind = answer.headers.get("content-type", "").split(";")[0]
        if kind not in content:
            return [f"content type {kind}, documented: {list(content)}"]
        schema = content[kind].get("schema")
        if schema is None or "json" not in kind:
            return []
        validator = jsonschema.Draft202012Validator(schema, self.resolver)
        return [f"/{'/'.join(map(str, e.path))}: {e.message[:160]}"
                for e in validator.iter_errors(answer.json)] + \
            ([] if path == "/openapi.json" else list(bad_times(answer.json)))


TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z\Z")
DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


def bad_times(value, path=""):
    """Every field ending in _us is RFC 3339, in _day a date: what formats
    alone do not check."""
    if isinstance(value, list):
        for i, inner in enumerate(value):
            yield from bad_times(inner, f"{path}/{i}")
    elif isinstance(value, dict):
        for name, inner in value.items():
            here = f"{path}/{name}"
            form = TIME if name.endswith("_us") else \
                DAY if name.endswith("_day") else None
            if form and not (isinstance(inner, str) and form.match(inner)):
                yield f"{here}: not of the form of {name.rsplit('_', 1)[1]}"
            yield from bad_times(inner, here)


def gunzip(data):
    return gzip.decompress(data)
