"""wire.py -- the bus in Python, written from services/common/bus/README.md and
not from the C code: frames, keys, one connection, questions. Publishing stands in
lanes.py, reading a log in shards.py. Tests speak through these three, which also
proves that a client in another language can be written.
"""

import os
import struct
import subprocess
import sys
import time
import uuid

import crcmod.predefined
import xxhash
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
HEADER = struct.Struct(">4sBBHQII")
MAX_BYTES = 2 << 20
LANES = 16
AGAIN = (common.BUSY, common.RETRY)
# An answer that has not come in this time was lost.
ANSWER_S = 3.0

crc32c = crcmod.predefined.mkPredefinedCrcFun("crc-32c")


def key_hash(key):
    return xxhash.xxh64_intdigest(key.encode(), seed=0)


def lane_of(key):
    """Where a publisher puts what belongs together."""
    return key_hash(key) % LANES


def shard_of(key, shards):
    """Where a service puts the events of a key."""
    return (key_hash(key) >> 33) % shards


def header(op, correlation, body):
    """24 bytes, network order: magic, version, op, flags, correlation, length,
    crc32c over the 20 bytes before it and the body."""
    first = struct.pack(">4sBBHQI", b"SUYU", 1, op, 0, correlation, len(body))
    return first + struct.pack(">I", crc32c(first + body))


def parse(head, body):
    """(op, correlation) of a good frame."""
    if len(head) != HEADER.size:
        raise ValueError("no header of ours")
    magic, version, op, _, correlation, size, crc = HEADER.unpack(head)
    if (magic, version, size) != (b"SUYU", 1, len(body)):
        raise ValueError("another magic, version or length")
    if crc != crc32c(head[:20] + body):
        raise ValueError("checksum differs")
    return op, correlation


def read_key(path):
    """(public, secret) in Z85, of a key file."""
    with open(path, encoding="ascii") as f:
        lines = dict(line.split() for line in f)
    return lines["public"], lines["secret"]


def read_registry(path, principal):
    """The first public key of a principal: for a service, the server's key."""
    with open(path, encoding="ascii") as f:
        for line in f:
            words = line.split()
            if words and not words[0].startswith("#") and \
                    words[1] == principal:
                return words[0]
    raise KeyError(principal)


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
        self.socket = self.monitor = None
        self.open()

    def open(self):
        """A new connection; what was on its way on the old one is lost."""
        self.close()
        s = self.context.socket(zmq.DEALER)
        s.linger = 0
        # Refused at the handshake there is nobody to send to, for ever.
        s.sndtimeo = 1000
        s.setsockopt(zmq.MAXMSGSIZE, MAX_BYTES)
        s.setsockopt(zmq.HEARTBEAT_IVL, 1000)
        s.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3000)
        s.setsockopt(zmq.RECONNECT_IVL, 50)
        s.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
        if self.key:
            s.curve_publickey = self.key[0].encode()
            s.curve_secretkey = self.key[1].encode()
            s.curve_serverkey = self.server_key.encode()
        self.monitor = s.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        s.connect(self.endpoint)
        self.socket = s

    def lost(self):
        """The connection went: what was on its way has gone with it, although
        libzmq dials again by itself."""
        if not self.monitor.poll(0):
            return False
        self.monitor.recv_multipart()
        return True

    def close(self):
        if self.socket:
            self.socket.disable_monitor()
            self.socket.close(0)
        self.socket = self.monitor = None

    def send(self, op, message):
        self.correlation += 1
        body = message if isinstance(message, bytes) \
            else message.SerializeToString()
        self.send_raw(header(op, self.correlation, body), body)
        return self.correlation

    def send_raw(self, *parts):
        try:
            self.socket.send_multipart(list(parts))
        except zmq.Again:
            pass    # lost, as anything may be: silence will tell

    def receive(self, timeout_s):
        """(op, correlation, message), or None."""
        if not self.socket.poll(max(0, int(timeout_s * 1000))):
            return None
        head, body = self.socket.recv_multipart()
        op, correlation = parse(head, body)
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

    def query(self, method, request, reply=None, key=None, timeout_s=15,
              actor_token=b""):
        """Asks until it is answered: after BUSY, RETRY and silence again,
        under the same key; after silence on a new connection, as who came
        before his key was known is not let in by the old one."""
        message = bus.Query(
            method=method, request=request.SerializeToString(),
            idempotency_key=str(uuid.uuid4()) if key is None else key,
            actor_token=actor_token)
        end = time.monotonic() + timeout_s
        while True:
            left_s = end - time.monotonic()
            try:
                _, answer = self.ask(QUERY, message,
                                     min(ANSWER_S, max(left_s, 0.001)))
            except Silence:
                if left_s <= ANSWER_S:
                    raise
                self.open()
                continue
            if answer.error.code in AGAIN and left_s > 0:
                time.sleep(max(answer.error.retry_after_ms, 20) / 1000)
                continue
            if answer.error.code != common.OK:
                raise Refused(answer.error)
            return reply.FromString(answer.response) if reply \
                else answer.response

    def hello(self, publisher, lanes=range(LANES), instance=None, held=(),
              timeout_s=5):
        op, answer = self.ask(HELLO, bus.Hello(
            publisher=publisher, instance_id=instance or os.urandom(16),
            lanes=list(lanes), held_lanes=list(held)), timeout_s)
        if op == NACK:
            raise Refused(answer.error)
        assert op == WELCOME, op
        return answer

    def fetch(self, stream, shard, from_offset=1, max_events=0, wait_ms=0,
              after=b"", timeout_s=5):
        """(op, message): BATCH, OUT_OF_RANGE or DIVERGED; raises Refused."""
        op, answer = self.ask(FETCH, bus.Fetch(
            stream=stream, shard=shard, from_offset=from_offset,
            after_event_id=after, max_events=max_events,
            wait_ms=wait_ms), timeout_s)
        if op in (NACK, REPLY):
            raise Refused(answer.error)
        return op, answer
