"""ports.py -- ports of loopback that are a test's own until its process ends.

A port that is merely free may be taken by the test beside this one before the
service binds it, or while the service is down: so each is held by a name that
only one process of the machine can have.
"""

import random
import socket

LOWEST = 10000
_held = []


def _dialled_from():
    """The first port that the kernel gives to whoever dials: from there on one
    could be taken at any time."""
    with open("/proc/sys/net/ipv4/ip_local_port_range",
              encoding="ascii") as f:
        return max(int(f.read().split()[0]), LOWEST + 10000)


def _hold(port):
    """The socket of an abstract name, which goes with the process; None where
    the port is held or in use."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0suyuan-test-port-{port}")
        with socket.socket() as s:
            s.bind(("127.0.0.1", port))
    except OSError:
        name.close()
        return None
    return name


def take_row(width):
    """The first of so many neighbouring ports."""
    for _ in range(10000):
        first = random.randrange(LOWEST, _dialled_from() - width)
        row = []
        for port in range(first, first + width):
            name = _hold(port)
            if name is None:
                break
            row.append(name)
        if len(row) == width:
            _held.extend(row)
            return first
        for name in row:
            name.close()
    raise RuntimeError(f"no {width} free ports in a row")


def take():
    return take_row(1)
