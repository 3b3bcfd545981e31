"""footprint.py -- B12: what a service takes of memory idle and at load, how long it
takes to be there, and to be there again after kill -9.
"""

import http.client
import subprocess
import threading
import time

import people
from cluster import PEOPLE
from measure import Spread, say

RECOVERY_RATE, RECOVERY_S = 500, 3
ASKERS = 8


def memory_mb(pid, field):
    """VmRSS: resident now; VmHWM: the most that was."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        for line in f:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    raise RuntimeError(f"{field}: unknown")


def pids(cluster):
    return {n: s.process.pid for n, s in cluster.services.items()}


def ask(cluster, bearer, ids, seconds):
    """Several clients read cases through the gateway; answers of each."""
    counts = [0] * ASKERS

    def asker(nr):
        conn = http.client.HTTPConnection("127.0.0.1", people.port(cluster))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            conn.request("GET", "/api/v1/appeals/" +
                         ids[(nr + counts[nr] * ASKERS) % len(ids)],
                         headers={"Authorization": "Bearer " + bearer})
            answer = conn.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"gateway answers {answer.status}")
            counts[nr] += 1
        conn.close()
    threads = [threading.Thread(target=asker, args=(nr,))
               for nr in range(ASKERS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if not all(counts):
        raise RuntimeError("a client got no answer")


def start_s(cluster, name):
    """From the start of the process to its first 200 for /readyz."""
    status = cluster.stop(name)
    if status != 0:
        raise RuntimeError(f"{name} drained with {status}")
    began = time.monotonic()
    cluster.start(name)
    while True:
        try:
            if cluster.http(name, "/readyz")[0] == 200:
                return time.monotonic() - began
        except OSError:
            pass
        if time.monotonic() - began > 30:
            raise RuntimeError(f"{name} does not come back")
        time.sleep(0.002)


def recovery_s(appeals):
    """kill -9 under load, started again at once, as a supervisor does: the
    longest time without an acknowledgement. The load publishes all along."""
    cluster = appeals.cluster
    events = RECOVERY_RATE * RECOVERY_S
    load = appeals.load(events, RECOVERY_RATE)
    try:
        time.sleep(1)
        cluster.kill9("complaints")
        cluster.start("complaints")
        told = load.told()
        load.end()
    finally:
        load.kill()
    if told["rejected"] or told["events"] != events:
        raise RuntimeError(f"publisher told {told}")
    appeals.registered += events
    return told["longest_silence_us"] / 1e6


def images():
    """Image -> MB, of ours that an engine here holds; empty without one."""
    def docker(*args):
        return subprocess.run(["docker", "image", *args], text=True, check=True,
                              capture_output=True, timeout=10).stdout
    try:
        listed = docker("ls", "--format", "{{.Repository}}:{{.Tag}}").split()
        return {name: Spread([int(docker("inspect", "--format", "{{.Size}}",
                                         name)) / 1e6], "MB")
                for name in listed if name.startswith("suyuan/")}
    except (OSError, subprocess.SubprocessError):
        return {}


def measure(appeals, bearer, options):
    """Of services that were just started, and after the same load again."""
    cluster = appeals.cluster
    starts = {n: [start_s(cluster, n) for _ in range(options.starts)]
              for n in PEOPLE}
    say("B12: started " + ", ".join(
        f"{n} in {Spread(s, 's').text()} s" for n, s in starts.items()))
    time.sleep(2)
    idle = {n: memory_mb(p, "VmRSS") for n, p in pids(cluster).items()}
    appeals.publish(options.appeals)
    appeals.settle()
    ids = [str(r[0]) for r in cluster.sql(
        "SELECT appeal_id FROM complaints.appeal LIMIT 1000")]
    ask(cluster, bearer, ids, 2)
    load = {n: memory_mb(p, "VmHWM") for n, p in pids(cluster).items()}
    say("B12: MB idle and at most: " + ", ".join(
        f"{n} {idle[n]:.0f}, {load[n]:.0f}" for n in PEOPLE))
    recovered = [recovery_s(appeals) for _ in range(options.starts)]
    say(f"B12: after kill -9 {Spread(recovered, 's').text()} s")
    return {"idle": {n: Spread([v], "MB") for n, v in idle.items()},
            "load": {n: Spread([v], "MB") for n, v in load.items()},
            "starts": {n: Spread(s, "s") for n, s in starts.items()},
            "recovery": Spread(recovered, "s"), "images": images()}


def rows(result):
    """Of the services the one that takes most; the JSON has them all."""
    for key, what, most in (("idle", "resident idle, MB", 20),
                            ("load", "resident at load, at most, MB", 256),
                            ("starts", "process start to ready, s", 1)):
        of = result[key]
        name = max(of, key=lambda n: of[n].median)
        yield dict(id="B12", what=f"{what} (the most of {len(of)} services: "
                   f"{name})", ours=of[name], ours_at_most=most)
    yield dict(id="B12", what="complaints: kill -9 under load to the next "
               "acknowledgement, s", ours=result["recovery"], ours_at_most=1)
    for name, size in sorted(result["images"].items()):
        yield dict(id="B12", what=f"image {name}, MB", ours=size,
                   ours_at_most=150)
