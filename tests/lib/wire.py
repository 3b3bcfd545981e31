"""wire.py -- the bus's protocol in Python, written from its description and not
from the C code: what a client in another language needs. Tests speak through
it to see what the C clients hide.
"""

import ctypes
import os
import struct
import subprocess
import sys
import time
import uuid

import zmq

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
GENERATED = os.path.join(TOP, "build", "py")


def generate():
    """Python modules of the .proto files, made anew when one is newer."""
    protos = [os.path.join(d, f) for root in ("proto", "tests/bench")
              for d, _, names in os.walk(os.path.join(TOP, root))
              for f in names if f.endswith(".proto")]
    stamp = os.path.join(GENERATED, "stamp")
    if os.path.exists(stamp) and \
            all(os.path.getmtime(p) < os.path.getmtime(stamp) for p in protos):
        return
    os.makedirs(GENERATED, exist_ok=True)
    subprocess.run(["protoc", f"-I{TOP}/proto", f"-I{TOP}/tests/bench",
                    "-I/usr/include", f"--python_out={GENERATED}", *protos],
                   check=True)
    with open(stamp, "w", encoding="utf-8"):
        pass


generate()
sys.path.insert(0, GENERATED)
from suyuan.v1 import bus_pb2 as bus  # noqa: E402
from suyuan.v1 import common_pb2 as common  # noqa: E402

(HELLO, WELCOME, PUBLISH, ACK, NACK, FETCH, BATCH, OUT_OF_RANGE, DIVERGED, HINT,
 QUERY, REPLY, GOAWAY) = range(1, 14)
BODY = {WELCOME: bus.Welcome, ACK: bus.Ack, NACK: bus.Nack, BATCH: bus.Batch,
        OUT_OF_RANGE: bus.OutOfRange, DIVERGED: bus.Diverged, HINT: bus.Hint,
        REPLY: bus.Reply, GOAWAY: bus.Goaway}
LANES = 16

_isal = ctypes.CDLL("libisal.so.2")
_isal.crc32_iscsi.restype = ctypes.c_uint32
_isal.crc32_iscsi.argtypes = (ctypes.c_char_p, ctypes.c_int, ctypes.c_uint32)


def crc32c(data):
    return ~_isal.crc32_iscsi(data, len(data), 0xFFFFFFFF) & 0xFFFFFFFF


def header(op, correlation, body):
    """24 bytes, network order: magic, version, op, flags, correlation, length,
    crc32c over the 20 bytes before it and the body."""
    first = struct.pack(">4sBBHQI", b"SUYU", 1, op, 0, correlation, len(body))
    return first + struct.pack(">I", crc32c(first + body))


def uuid7():
    ms = int(time.time() * 1000)
    return (ms.to_bytes(6, "big") +
            bytes([0x70 | os.urandom(1)[0] & 15]) + os.urandom(1) +
            bytes([0x80 | os.urandom(1)[0] & 63]) + os.urandom(7))


class Silence(Exception):
    """No answer came in time: the outcome is not known."""


class Refused(Exception):
    """A typed error of the other side."""

    def __init__(self, error):
        super().__init__(f"{common.ErrorCode.Name(error.code)} "
                         f"{error.field}: {error.text}")
        self.error = error
        self.code = common.ErrorCode.Name(error.code)


class Client:
    """One DEALER to one replica."""

    context = zmq.Context.instance()

    def __init__(self, endpoint, server_key, key):
        """key: (public, secret) in Z85, or None to come without CURVE."""
        self.endpoint, self.server_key, self.key = endpoint, server_key, key
        self.correlation = 0
        self.socket = None
        self.open()

    def open(self):
        self.close()
        s = self.context.socket(zmq.DEALER)
        s.setsockopt(zmq.LINGER, 0)
        s.setsockopt(zmq.RECONNECT_IVL, 50)
        s.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
        if self.key:
            s.curve_publickey = self.key[0].encode()
            s.curve_secretkey = self.key[1].encode()
            s.curve_serverkey = self.server_key.encode()
        s.connect(self.endpoint)
        self.socket = s

    def close(self):
        if self.socket:
            self.socket.close(0)
        self.socket = None

    def send(self, op, message):
        self.correlation += 1
        body = message if isinstance(message, bytes) \
            else message.SerializeToString()
        self.socket.send_multipart([header(op, self.correlation, body), body])
        return self.correlation

    def send_raw(self, *parts):
        self.socket.send_multipart(list(parts))

    def receive(self, timeout_s):
        """(op, correlation, message), or None."""
        if not self.socket.poll(max(0, int(timeout_s * 1000))):
            return None
        head, body = self.socket.recv_multipart()
        magic, version, op, _, correlation, size, crc = \
            struct.unpack(">4sBBHQII", head)
        assert (magic, version, size) == (b"SUYU", 1, len(body))
        assert crc == crc32c(head[:20] + body)
        return op, correlation, BODY[op].FromString(body)

    def ask(self, op, message, timeout_s=5):
        correlation = self.send(op, message)
        end = time.monotonic() + timeout_s
        while True:
            got = self.receive(end - time.monotonic())
            if not got:
                raise Silence(f"no answer to op {op} in {timeout_s} s")
            # A refusal of the connection as a whole names no request.
            if got[1] == correlation or \
                    (got[0] in (NACK, REPLY) and got[1] == 0):
                return got[0], got[2]

    def query(self, method, request, reply=None, key=None, timeout_s=5):
        if key is None:
            key = str(uuid.uuid4())
        _, answer = self.ask(QUERY, bus.Query(
            method=method, request=request.SerializeToString(),
            idempotency_key=key), timeout_s)
        if answer.error.code != common.OK:
            raise Refused(answer.error)
        if reply is None:
            return answer.response
        return reply.FromString(answer.response)

    def hello(self, publisher, lanes=range(LANES), instance=None,
              timeout_s=5):
        op, answer = self.ask(HELLO, bus.Hello(
            publisher=publisher, instance_id=instance or os.urandom(16),
            lanes=list(lanes)), timeout_s)
        if op == NACK:
            raise Refused(answer.error)
        assert op == WELCOME, op
        return answer

    def fetch(self, stream, shard, from_offset=1, max_events=1000, wait_ms=0,
              after=b"", timeout_s=5):
        """(op, message): BATCH, OUT_OF_RANGE or DIVERGED; raises Refused."""
        op, answer = self.ask(FETCH, bus.Fetch(
            stream=stream, shard=shard, from_offset=from_offset,
            after_event_id=after, max_events=max_events,
            max_bytes=1 << 20, wait_ms=wait_ms), timeout_s)
        if op in (NACK, REPLY):
            raise Refused(answer.error)
        return op, answer


class Publication:
    """What the checker wants to know of one event that was sent."""

    __slots__ = ("event_id", "type", "key", "lane", "seq", "acked", "reject",
                 "event")

    def __init__(self, kind, key, payload, occurred_at_us, lane,
                 event_id=None):
        self.event_id = event_id or uuid7()
        self.type, self.key, self.lane = kind, key, lane
        self.seq = 0
        self.acked = False
        self.reject = None
        self.event = bus.Event(
            event_id=self.event_id, type=kind, key=key,
            occurred_at_us=occurred_at_us,
            recorded_at_us=int(time.time() * 1e6), payload=payload)


class Publisher:
    """Keeps PUBLISH frames in flight on every lane and survives whatever the
    server does, by the rules of BUS.md only: resume from WELCOME, repeat what
    was not acknowledged, note every reject."""

    def __init__(self, client, name, batch=250, silence_s=2.0):
        self.client, self.name = client, name
        self.batch, self.silence_s = batch, silence_s
        self.instance = os.urandom(16)
        self.lanes = [[] for _ in range(LANES)]
        self.acked = [0] * LANES    # last committed sequence
        self.sent = [0] * LANES     # last sequence on its way
        self.seen = [0] * LANES     # rejects noted up to here
        self.epoch = [0] * LANES
        self.hold = [0.0] * LANES   # not before this time
        self.welcome = None
        self.hellos = 0

    def add(self, publication):
        lane = self.lanes[publication.lane]
        lane.append(publication)
        publication.seq = len(lane)

    def connect(self, timeout_s=60):
        end = time.monotonic() + timeout_s
        while True:
            self.client.open()
            try:
                self.welcome = self.client.hello(
                    self.name, instance=self.instance,
                    timeout_s=self.silence_s)
                break
            except Silence:
                if time.monotonic() > end:
                    raise
            except Refused as refused:
                if refused.code != "BUSY" or time.monotonic() > end:
                    raise
                time.sleep(0.1)
        self.hellos += 1
        for state in self.welcome.lanes:
            self.epoch[state.lane] = state.epoch
            self._committed(state.lane, state.last_seq, state.rejects)
            self.sent[state.lane] = self.acked[state.lane]

    def _committed(self, lane, last_seq, rejects):
        queue = self.lanes[lane]
        for reject in rejects:
            queue[reject.seq - 1].reject = reject
            self.seen[lane] = max(self.seen[lane], reject.seq)
        for seq in range(self.acked[lane] + 1, last_seq + 1):
            queue[seq - 1].acked = True
        self.acked[lane] = max(self.acked[lane], last_seq)
        self.sent[lane] = max(self.sent[lane], self.acked[lane])

    @property
    def in_flight(self):
        return sum(self.sent) - sum(self.acked)

    def _fill(self):
        now = time.monotonic()
        size = min(self.batch, self.welcome.max_publish_events)
        for lane, queue in enumerate(self.lanes):
            while self.sent[lane] < len(queue) and now >= self.hold[lane]:
                first = self.sent[lane]
                part = queue[first:first + size]
                if self.in_flight + len(part) > self.welcome.credit_events:
                    return
                self.client.send(PUBLISH, bus.Publish(
                    publisher=self.name, lane=lane, epoch=self.epoch[lane],
                    first_seq=first + 1, rejects_seen_seq=self.seen[lane],
                    events=[p.event for p in part]))
                self.sent[lane] += len(part)

    def _nack(self, nack):
        """An empty publisher: the whole connection is meant."""
        code = nack.error.code
        if code not in (common.BUSY, common.INVALID) or \
                (code == common.INVALID and not nack.expected_seq):
            raise Refused(nack.error)
        again = time.monotonic() + max(nack.error.retry_after_ms, 20) / 1000
        for lane in [nack.lane] if nack.publisher else range(LANES):
            self.sent[lane] = self.acked[lane]
            self.hold[lane] = again

    @property
    def done(self):
        return all(a == len(q) for a, q in zip(self.acked, self.lanes))

    @property
    def acknowledged(self):
        return sum(self.acked)

    def run(self, until=None, timeout_s=300):
        """Publishes all; until() true ends early. Raises Silence at the
        time-out, Refused when fenced or forbidden."""
        if not self.welcome:
            self.connect()
        end = time.monotonic() + timeout_s
        heard = time.monotonic()
        while not self.done and not (until and until()):
            now = time.monotonic()
            if now > end:
                raise Silence(f"{self.acknowledged} acknowledged in "
                              f"{timeout_s} s")
            self._fill()
            got = self.client.receive(0.02)
            if got is None:
                if self.in_flight and now - heard > self.silence_s:
                    self.connect()
                    heard = time.monotonic()
                continue
            heard = time.monotonic()
            op, _, message = got
            if op == ACK:
                self._committed(message.lane, message.last_seq,
                                message.rejects)
            elif op == NACK:
                self._nack(message)
            elif op == GOAWAY:
                time.sleep(0.2)
                self.connect()
