"""lanes.py -- a publisher by the rules of services/common/bus/README.md: 16 lanes
of numbered events, credit, resuming from WELCOME, rejects, and the end when
another run has taken over.
"""

import os
import time

import wire
from wire import bus, common

# The NACKs of frames behind a gap come in one burst; one is enough.
GAP_WAIT_S = 0.02
AGAIN_S = 0.2
FRAME_BYTES = 1 << 20


class WentBack(Exception):
    """The service has lost events that it acknowledged: its database is an
    older one. Going on would hide that."""


class Publication:
    """An event, and what has become of it."""

    __slots__ = ("event_id", "type", "key", "lane", "seq", "acked", "reject",
                 "event")

    def __init__(self, kind, key, payload, occurred_at_us, lane,
                 event_id=None):
        self.event_id = event_id or wire.uuid7()
        self.type, self.key, self.lane = kind, key, lane
        self.seq = 0
        self.acked = False
        self.reject = None
        self.event = bus.Event(
            event_id=self.event_id, type=kind, key=key,
            occurred_at_us=occurred_at_us,
            recorded_at_us=int(time.time() * 1e6), payload=payload)


class Lane:
    def __init__(self):
        self.queue = []     # every publication, that of sequence 1 first
        self.epoch = 0      # 0: no WELCOME yet
        self.acked = 0      # the last sequence that is committed
        self.sent = 0       # the last that is on its way
        self.seen = 0       # rejects are noted up to here
        self.rejects = {}   # by sequence
        self.hold = 0.0     # nothing is sent before

    def add(self, publication):
        self.queue.append(publication)
        publication.seq = len(self.queue)
        if publication.seq <= self.acked:   # by an earlier run
            self._settle(publication)

    def _settle(self, publication):
        publication.acked = True
        publication.reject = self.rejects.get(publication.seq)

    def committed(self, last_seq, rejects):
        """What an answer says, of whatever epoch: it stays so."""
        for reject in rejects:
            self.rejects[reject.seq] = reject
            self.seen = max(self.seen, reject.seq)
        for publication in self.queue[self.acked:last_seq]:
            self._settle(publication)
        self.acked = max(self.acked, last_seq)
        self.sent = max(self.sent, self.acked)

    def rewind(self, expected_seq=0):
        self.sent = max(self.acked, expected_seq - 1)

    def next_events(self, most):
        """What one PUBLISH may carry, by number and by size."""
        part, size = [], 0
        for publication in self.queue[self.sent:self.sent + most]:
            size += publication.event.ByteSize()
            if part and size > FRAME_BYTES:
                break
            part.append(publication.event)
        return part


class Publisher:
    """add() what is to be published, in an order that is the same in every run
    of the program; run() returns when all of it is committed."""

    def __init__(self, client, name, batch=250, silence_s=wire.ANSWER_S):
        self.client, self.name = client, name
        self.batch, self.silence_s = batch, silence_s
        self.instance = os.urandom(16)      # this run of the program
        self.lanes = [Lane() for _ in range(wire.LANES)]
        self.welcome = None
        self.hellos = 0
        self.resumed = 0    # committed before this run
        self.progress = 0.0

    def add(self, publication):
        self.lanes[publication.lane].add(publication)

    @property
    def in_flight(self):
        return sum(lane.sent - lane.acked for lane in self.lanes)

    @property
    def acknowledged(self):
        return sum(min(lane.acked, len(lane.queue)) for lane in self.lanes)

    @property
    def done(self):
        return all(lane.acked >= len(lane.queue) for lane in self.lanes)

    # --- HELLO ---

    def connect(self, timeout_s=60):
        """HELLO on a new connection, until there is a WELCOME. held_lanes: if
        another run has taken them meanwhile, this raises FENCED."""
        end = time.monotonic() + timeout_s
        while True:
            self.client.open()
            try:
                welcome = self.client.hello(
                    self.name, instance=self.instance,
                    held=[n for n, lane in enumerate(self.lanes)
                          if lane.epoch], timeout_s=self.silence_s)
                break
            except wire.Silence:
                if time.monotonic() > end:
                    raise
            except wire.Refused as refused:
                if refused.error.code not in wire.AGAIN or \
                        time.monotonic() > end:
                    raise
                time.sleep(AGAIN_S)
        self.hellos += 1
        for state in welcome.lanes:
            self._opened(self.lanes[state.lane], state)
        self.welcome = welcome
        self.progress = time.monotonic()

    def _opened(self, lane, state):
        # With many rejects WELCOME may stop short of what is committed.
        if not state.rejects and state.last_seq < lane.acked:
            raise WentBack(f"lane {state.lane}")
        if not lane.epoch:
            self.resumed += state.last_seq
        lane.epoch = state.epoch
        lane.committed(state.last_seq, state.rejects)
        lane.rewind()
        lane.hold = 0.0

    # --- PUBLISH ---

    def _fill(self):
        """One frame a lane in turn, until nothing more may go out."""
        now = time.monotonic()
        for number, lane in enumerate(self.lanes):
            while lane.sent < len(lane.queue) and now >= lane.hold:
                room = self.welcome.credit_events - self.in_flight
                events = lane.next_events(min(
                    self.batch, self.welcome.max_publish_events, room))
                if not events:
                    return
                if not self.in_flight:
                    self.progress = now
                self.client.send(wire.PUBLISH, bus.Publish(
                    publisher=self.name, lane=number, epoch=lane.epoch,
                    first_seq=lane.sent + 1, rejects_seen_seq=lane.seen,
                    events=events))
                lane.sent += len(events)

    def _nack(self, nack):
        code = nack.error.code
        if nack.epoch == 0:     # the service looked at no lane
            if code not in wire.AGAIN:
                raise wire.Refused(nack.error)
            time.sleep(AGAIN_S)
            self.connect()
            return
        lane = self.lanes[nack.lane]
        now = time.monotonic()
        if nack.publisher != self.name or nack.epoch != lane.epoch:
            return              # of an epoch that was left
        if code in wire.AGAIN:
            lane.rewind()
            lane.hold = now + (nack.error.retry_after_ms / 1000 or AGAIN_S)
        elif code == common.INVALID and nack.expected_seq:
            if now >= lane.hold:
                lane.rewind(nack.expected_seq)
                lane.hold = now + GAP_WAIT_S
        else:
            raise wire.Refused(nack.error)

    def _take(self, op, message):
        if op == wire.ACK and message.publisher == self.name:
            self.lanes[message.lane].committed(message.last_seq,
                                               message.rejects)
            self.progress = time.monotonic()
        elif op == wire.NACK:
            self._nack(message)
        elif op == wire.GOAWAY:
            time.sleep(AGAIN_S)
            self.connect()

    def run(self, timeout_s=300):
        """Raises Silence at the time-out, Refused when it may not go on:
        FENCED is the end of this instance."""
        if not self.welcome:
            self.connect(timeout_s)
        end = time.monotonic() + timeout_s
        while not self.done:
            now = time.monotonic()
            if now > end:
                raise wire.Silence(f"{self.acknowledged} acknowledged in "
                                   f"{timeout_s} s")
            self._fill()
            got = self.client.receive(0.02)
            if got:
                self._take(got[0], got[2])
            elif self.client.lost() or (
                    self.in_flight and
                    now - self.progress > self.silence_s):
                self.connect()
