"""net.py -- a network that can be broken: the test runs again in a network
namespace of its own, where nothing but itself is on loopback, and cuts ports off by
iptables. Only for root; the namespace and its rules end with the test.

Proxy is for what iptables cannot do: each byte comes later.
"""

import os
import socket
import subprocess
import sys
import threading
import time

PRIVATE = "TEST_NET_PRIVATE"


def private():
    """Runs the program again inside of its own namespace; False: cannot."""
    if os.environ.get(PRIVATE):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return True
    if os.geteuid() != 0 or subprocess.run(
            ["unshare", "-n", "iptables", "-L", "-n"], check=False,
            capture_output=True).returncode != 0:
        return False
    os.environ[PRIVATE] = "1"
    os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])
    return False


def _rule(*words):
    subprocess.run(["iptables", "-w", "-A", "INPUT", "-p", "tcp",
                    *map(str, words)], check=True)


def heal():
    subprocess.run(["iptables", "-w", "-F", "INPUT"], check=True)


def partition(*ports):
    one_way(*ports)
    for port in ports:
        _rule("--sport", port, "-j", "DROP")


def one_way(*ports):
    """Nothing reaches the ports; what they send arrives."""
    for port in ports:
        _rule("--dport", port, "-j", "DROP")


def other_way(*ports):
    """What the ports send is lost."""
    for port in ports:
        _rule("--sport", port, "-j", "DROP")


def reset(*ports):
    """Each packet to the ports is answered with a reset."""
    for port in ports:
        _rule("--dport", port, "-j", "REJECT", "--reject-with", "tcp-reset")


def loss(*ports, share=0.1):
    for port in ports:
        for side in ("--dport", "--sport"):
            _rule(side, port, "-m", "statistic", "--mode", "random",
                  "--probability", share, "-j", "DROP")


class Proxy:
    """Forwards connections; delay_s may be changed at any time."""

    def __init__(self, port):
        self.target, self.delay_s = ("127.0.0.1", port), 0.0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = "tcp://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            near, _ = self.listener.accept()
            try:
                far = socket.create_connection(self.target)
            except OSError:
                near.close()
                continue
            for a, b in ((near, far), (far, near)):
                b.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._forward(a, b)

    def _forward(self, source, sink):
        parts, more = [], threading.Condition()

        def read():
            while True:
                try:
                    data = source.recv(65536)
                except OSError:
                    data = b""
                with more:
                    parts.append((time.monotonic(), data))
                    more.notify()
                if not data:
                    return

        def write():
            while True:
                with more:
                    more.wait_for(lambda: parts)
                    at, data = parts.pop(0)
                time.sleep(max(0, at + self.delay_s - time.monotonic()))
                try:
                    if data:
                        sink.sendall(data)
                        continue
                    sink.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                source.close()
                return

        for work in (read, write):
            threading.Thread(target=work, daemon=True).start()
