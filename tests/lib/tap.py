"""tap.py -- a test says what it found: one line a check, "ok WHAT" or
"not ok WHAT: SEEN". scripts/test counts the lines.
"""

import os
import sys
import traceback

_failed = 0


def ok(condition, what, seen=""):
    global _failed
    if condition:
        print(f"ok {what}", flush=True)
    else:
        _failed += 1
        print(f"not ok {what}: {seen}", flush=True)
    return bool(condition)


def equal(got, wanted, what):
    return ok(got == wanted, what, f"got {got!r}, wanted {wanted!r}")


def note(text):
    print(f"# {text}", flush=True)


def failed():
    return _failed


def skip(what, why):
    print(f"ok {what} # SKIP {why}", flush=True)


def data(name):
    """Real data that is no part of the project and may be missing: in
    ../shared/data, or where TEST_DATA says."""
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    return os.path.join(os.path.normpath(os.environ.get(
        "TEST_DATA", os.path.join(top, "..", "shared", "data"))), name)


def run(test, **cluster_options):
    """Runs test(cluster) with a cluster of its own and ends the program; what
    it leaves behind is told when something failed."""
    from cluster import Cluster
    cluster = None
    try:
        cluster = Cluster(**cluster_options)
        test(cluster)
        cluster.stop_all()
        stopped = [f"{n}: {s}" for n, s in cluster.statuses.items() if s != 0]
        ok(not stopped, "every service drained and ended with 0", stopped)
    except Exception:  # whatever it was: told, counted, cleaned up after
        traceback.print_exc(file=sys.stdout)
        ok(False, "runs to its end", "exception above")
    finally:
        if cluster:
            if _failed:
                cluster.show_logs()
            cluster.destroy(keep=_failed > 0)
    sys.exit(1 if _failed else 0)
