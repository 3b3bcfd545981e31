"""attacks.py -- what raw sockets can do to an HTTP server: slow, half-open and
endless requests, garbage, guessing. Each attack goes on until its end.
"""

import random
import socket
import time

# Where the attackers come from: limits by address are theirs, not the good ones'.
ATTACKERS = [f"127.0.0.{n}" for n in range(66, 69)]


def connect(port, source=ATTACKERS[0]):
    s = socket.socket()
    s.settimeout(3)
    s.bind((source, 0))
    s.connect(("127.0.0.1", port))
    return s


def connections(port, n, first=b""):
    """As many of n as the gateway takes."""
    out = []
    for i in range(n):
        try:
            s = connect(port, ATTACKERS[i % len(ATTACKERS)])
            if first:
                s.sendall(first)
            s.setblocking(False)
            out.append(s)
        except OSError:
            break
    return out


def drip(sockets, data, end):
    """A piece on each connection, again and again, slowly."""
    alive = list(sockets)
    while time.monotonic() < end:
        for s in list(alive):
            try:
                s.send(data)
            except BlockingIOError:
                pass
            except OSError:
                alive.remove(s)
        time.sleep(0.5)
    return len(alive)


def slow_headers(port, end):
    drip(connections(port, 400, b"GET /api/v1/units HTTP/1.1\r\nHost: a\r\n"),
         b"X-A: b\r\n", end)


def slow_bodies(port, end):
    drip(connections(port, 200, b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\n"
                     b"Content-Type: application/json\r\n"
                     b"Content-Length: 60000\r\n\r\n"), b"  ", end)


def silent(port, end):
    held = connections(port, 2000)
    time.sleep(max(0, end - time.monotonic()))
    del held


def never_read(port, end):
    """Asks for much and takes nothing of it."""
    drip(connections(port, 50), b"GET /api/v1/openapi.json HTTP/1.1\r\n"
         b"Host: a\r\n\r\n" * 5, end)


def garbage(port, end):
    rnd = random.Random(1)
    while time.monotonic() < end:
        for s in connections(port, 20, rnd.randbytes(rnd.randrange(1, 4000))):
            s.close()
        time.sleep(0.05)


def wrong_passwords(port, end):
    """Argon2id is dear: it must not be the lever to stop everybody."""
    body = b'{"name":"nobody","password":"wrong password here"}'
    request = (b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\n"
               b"Content-Type: application/json\r\nContent-Length: %d\r\n"
               b"Idempotency-Key: k\r\nConnection: close\r\n\r\n" % len(body))
    while time.monotonic() < end:
        for s in connections(port, 8, request + body):
            s.settimeout(2)
            try:
                s.recv(4096)
            except OSError:
                pass
            s.close()
        time.sleep(0.2)


ATTACKS = {"400 slow headers": slow_headers, "200 slow bodies": slow_bodies,
           "2,000 silent connections": silent,
           "50 that never read": never_read, "garbage": garbage,
           "wrong passwords": wrong_passwords}
