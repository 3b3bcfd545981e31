"""outside.py -- a system outside that look-ups ask: a small HTTP server, which
does whatever such systems do, and keeps what it was asked.
"""

import http.server
import json
import ssl
import threading
import time

import world
from suyuan.v1 import directory_pb2 as directory

PARCEL = {"state": "in transit", "count": 3, "weight": 1.5, "late": True,
          "nothing": None, "a/b": "slash", "events": [
              {"place": "Казань"}, {"place": "广州"}]}
SHOWN = ("/state", "/events/1/place", "/count", "/weight", "/late",
         "/nothing", "/a~1b", "/events/7/place", "/events/0")


class System(http.server.ThreadingHTTPServer):
    """asked: (method, path, headers, body) in their order. held: what asks
    for /hang waits until it is released."""

    daemon_threads = True

    def __init__(self, host="127.0.0.1", tls=None):
        super().__init__((host, 0), Answer)
        self.asked, self.lock = [], threading.Lock()
        self.released = threading.Event()
        self.away = ""      # where /away leads to
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.host = f"{'localhost' if tls else host}:{self.server_port}"
        self.url = f"http{'s' if tls else ''}://{self.host}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """Whoever hangs up is no news."""

    def times(self, path):
        with self.lock:
            return sum(p.startswith(path) for _, p, _, _ in self.asked)


class Answer(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def take(self, body=b""):
        with self.server.lock:
            self.server.asked.append((self.command, self.path,
                                      dict(self.headers), body))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.take(body)
        if self.path.startswith("/moved"):
            self.answer(307, Location="/parcels/x")
        else:
            self.answer(200, json.dumps({"state": json.loads(body)}).encode())

    def do_GET(self):
        self.take()
        what = self.path.split("/")[1].split("?")[0]
        if what == "parcels":
            self.answer(200, json.dumps(PARCEL).encode())
        elif what.isdigit():
            self.answer(int(what), b"{}")
        elif what == "slow":
            time.sleep(3)
            self.answer(200, b"{}")
        elif what == "hang":
            self.server.released.wait(30)
            self.answer(200, json.dumps(PARCEL).encode())
        elif what == "large":
            self.answer(200, json.dumps({"state": "x" * 70000}).encode())
        elif what == "endless":
            self.endless()
        elif what == "text":
            self.answer(200, b"<html>in transit</html>")
        elif what == "loop":
            self.answer(302, Location=self.path)
        elif what == "once":
            self.answer(302, Location="/parcels/once")
        elif what == "away":
            self.answer(302, Location=self.server.away)
        elif what == "hangup":
            self.close_connection = True

    def endless(self):
        """Without a length, and without an end."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"state":"')
        for _ in range(2000):
            self.wfile.write(b"x" * 1024)

    def log_message(self, *args):
        """Quiet."""


def lookup(code, url, inputs=(), headers=(), body=(), shown=("/state",),
           names=None, match=None, **fields):
    """A LookupRule; inputs, headers and body as pairs."""
    return directory.DirectoryRecord(policy=directory.Policy(
        code=code, names=names or world.label(code), valid_from_day=10957,
        lookup=directory.LookupRule(
            url=url, match=directory.PolicyMatch(**(match or {})),
            inputs=[directory.LookupInput(name=n, pattern=p,
                                          names=world.label(n))
                    for n, p in inputs],
            headers=[directory.LookupHeader(name=n, secret=s)
                     for n, s in headers],
            body=[directory.LookupPart(name=n, value=v) for n, v in body],
            shown=[directory.LookupField(pointer=p, names=world.label(p))
                   for p in shown], **fields)))
