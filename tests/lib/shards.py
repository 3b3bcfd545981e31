"""shards.py -- a reader of a log by the rules of services/common/bus/README.md:
one FETCH stands open at each shard, positions are the reader's own, and a log
that is not the one that was read ends it.
"""

import collections
import time

import wire
from wire import bus

# What was read last in a shard: the next FETCH asks for what follows it.
Position = collections.namedtuple("Position", "offset event_id",
                                  defaults=(0, b""))
Entry = collections.namedtuple("Entry", "shard offset accepted_at_us event")

# Reading out of a busy database may take seconds.
ANSWER_S = 10.0
AGAIN_S = 0.2


class Diverged(Exception):
    """This log is not the one that was read up to the position."""

    def __init__(self, shard, offset):
        super().__init__(f"shard {shard} offset {offset}")
        self.shard, self.offset = shard, offset


class OutOfRange(Exception):
    """What follows the position has been removed from the log."""

    def __init__(self, shard, low_offset, head_offset):
        super().__init__(f"shard {shard}: {low_offset} to {head_offset}")
        self.shard = shard
        self.low_offset, self.head_offset = low_offset, head_offset


class Tail:
    """All shards of a stream. positions: where an earlier run came to."""

    def __init__(self, client, stream, shards, positions=(), wait_ms=1000):
        self.client, self.stream, self.wait_ms = client, stream, wait_ms
        self.positions = {shard: Position() for shard in range(shards)}
        self.positions.update(positions)
        self.heads = {}     # of each shard that has answered
        self.hints = 0
        self._asked = {}    # correlation: (shard, deadline)
        self._hold = {}     # shard: not to be asked before

    @property
    def caught_up(self):
        """As far as the last answer of each shard tells."""
        return len(self.heads) == len(self.positions) and \
            all(self.positions[shard].offset >= head
                for shard, head in self.heads.items())

    def reopen(self):
        """The answers to all that was asked are lost with the connection; what
        comes next may be another database."""
        self.client.open()
        self._asked.clear()
        self.heads.clear()

    def _ask(self):
        now = time.monotonic()
        if self.client.lost() or any(
                deadline < now for _, deadline in self._asked.values()):
            self.reopen()
        busy = {shard for shard, _ in self._asked.values()}
        for shard, at in self.positions.items():
            if shard in busy or self._hold.get(shard, 0) > now:
                continue
            # The first is answered out of the database: with DIVERGED, too.
            wait_ms = self.wait_ms if shard in self.heads else 0
            correlation = self.client.send(wire.FETCH, bus.Fetch(
                stream=self.stream, shard=shard, from_offset=at.offset + 1,
                after_event_id=at.event_id, wait_ms=wait_ms))
            self._asked[correlation] = (shard, now + wait_ms / 1000 + ANSWER_S)

    def _batch(self, shard, batch):
        entries = []
        self.heads[shard] = batch.head_offset
        for entry in batch.entries:
            at = self.positions[shard]
            if entry.offset != at.offset + 1:
                raise Diverged(shard, entry.offset)
            event = bus.Event.FromString(entry.event)
            self.positions[shard] = Position(entry.offset, event.event_id)
            entries.append(Entry(shard, entry.offset, entry.accepted_at_us,
                                 event))
        return entries

    def _take(self, op, correlation, message):
        if op == wire.HINT:     # a doorbell: the open FETCH says the same
            self.hints += 1
            return []
        if op == wire.GOAWAY:
            time.sleep(AGAIN_S)
            self.reopen()
            return []
        shard, _ = self._asked.pop(correlation, (None, 0))
        if shard is None:       # an answer that was given up
            return []
        if op == wire.BATCH:
            return self._batch(shard, message)
        if op == wire.DIVERGED:
            raise Diverged(shard, message.offset)
        if op == wire.OUT_OF_RANGE:
            raise OutOfRange(shard, message.low_offset, message.head_offset)
        if message.error.code not in wire.AGAIN:
            raise wire.Refused(message.error)
        self._hold[shard] = time.monotonic() + (
            message.error.retry_after_ms / 1000 or AGAIN_S)
        return []

    def read(self, timeout_s):
        """What the next answer brings, in order; it may bring nothing."""
        self._ask()
        got = self.client.receive(min(timeout_s, AGAIN_S))
        return self._take(*got) if got else []


def read_all(client, stream, shards, positions=(), timeout_s=60):
    """(entries, positions): everything up to the heads of now."""
    tail = Tail(client, stream, shards, positions, wait_ms=0)
    entries, end = [], time.monotonic() + timeout_s
    while not tail.caught_up:
        if time.monotonic() > end:
            raise wire.Silence(f"{stream}: {len(entries)} read")
        entries += tail.read(AGAIN_S)
    return entries, tail.positions
