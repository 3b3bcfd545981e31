"""puts.py -- Put events for the bench service, each of which adds 1 to its key, and
a thread that publishes them until it is told to end.
"""

import json
import os
import subprocess
import threading
import time

import lanes
import wire
import world
from wire import GENERATED  # noqa: F401 (makes the modules)
import bench_pb2 as bench

KEYS = 300


def puts(n, first=0, keys=KEYS, **fields):
    """n publications; first: how many there were before, so that all keys
    have their turn."""
    out = []
    for i in range(first, first + n):
        key = f"k{i % keys}"
        put = bench.PutRequest(key=key, value=1, **fields)
        out.append(lanes.Publication("Put", key, put.SerializeToString(),
                                     int(time.time() * 1e6),
                                     wire.lane_of(key)))
    return out


def publish(cluster, publications, service="bench", timeout_s=300, **options):
    publisher = lanes.Publisher(cluster.client(service, "callcentre"),
                                world.new_name(), **options)
    for p in publications:
        publisher.add(p)
    publisher.run(timeout_s)
    return publisher


def load(cluster, events, rate=0, keys=KEYS, first_key=0,
         timeout_s=None):
    """What the load program tells: events_per_s, p99_us and others."""
    command = [os.path.join(cluster.bin, "suyuan-bench"), "load",
               "--endpoint", cluster.services["bench"].endpoint,
               "--key", cluster.path("callcentre.key"),
               "--registry", cluster.registry,
               "--events", str(events), "--bytes", "150",
               "--keys", str(keys), "--from", str(first_key),
               "--rate", str(rate)]
    # It stays until its input ends.
    done = subprocess.run(command, check=True, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=timeout_s)
    told = json.loads(done.stdout)
    told["events_per_s"] = events * 1e6 / (told["end_us"] - told["start_us"])
    return told


def differing(cluster):
    """Keys whose row at the consumer is not what the service has, by the
    databases alone: for logs that are too long to be read by a test."""
    return cluster.sql(
        "SELECT key, r.value, r.revision, e.value, e.events, e.last_revision "
        "FROM bench.bench_row r FULL JOIN effect.bench_effect e USING (key) "
        "WHERE (r.value, r.revision, r.revision) IS DISTINCT FROM "
        "(e.value, e.events, e.last_revision) LIMIT 5")


class Load(threading.Thread):
    """Publishes until end(), which returns what was sent. rate: events a
    second, 0: as fast as it goes. longest_s: the longest time from one
    acknowledged part to the next."""

    PART = 200

    def __init__(self, cluster, rate=0, keys=KEYS, batch=20, part=PART,
                 silence_s=wire.ANSWER_S, service="bench", **fields):
        super().__init__(daemon=True)
        self.publisher = lanes.Publisher(
            cluster.client(service, "callcentre"), world.new_name(),
            batch=batch, silence_s=silence_s)
        self.rate, self.keys, self.part = rate, keys, part
        self.fields = fields
        self.sent, self.over = [], threading.Event()
        self.done_at = time.monotonic()     # the last part's end
        self.longest_s = 0.0
        self.took_s = []                    # of each part
        self.problem = None

    def run(self):
        try:
            while not self.over.is_set():
                self.publish_part()
        except Exception as e:  # told by end()
            self.problem = e

    def make(self, n, first):
        return puts(n, first, self.keys, **self.fields)

    def publish_part(self):
        some = self.make(self.part, len(self.sent))
        self.sent += some
        began = time.monotonic()
        for p in some:
            self.publisher.add(p)
        self.publisher.run()
        now = time.monotonic()
        self.took_s.append(now - began)
        self.longest_s = max(self.longest_s, now - self.done_at)
        self.done_at = now
        if self.rate:
            self.over.wait(max(0, began + self.part / self.rate - now))

    def wait_more(self, timeout_s):
        """Seconds until a part that begins from now on is acknowledged, None:
        not in time."""
        began = time.monotonic()
        parts = len(self.took_s)
        while len(self.took_s) < parts + 2 and self.is_alive():
            if time.monotonic() - began > timeout_s:
                return None
            time.sleep(0.01)
        return None if self.problem else time.monotonic() - began

    def end(self):
        self.over.set()
        self.join()
        if self.problem:
            raise self.problem
        return self.sent
