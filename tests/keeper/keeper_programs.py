"""What the nodes of these tests run."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from typing import Any


def feed(node: Any) -> None:
    socket = node.socket("ticks")
    number = 0
    while not node.stopping:
        socket.send(b"A %d" % number)
        number += 1
        node.stopping.wait(0.005)


def bot(node: Any) -> None:
    for message in node.messages("ticks"):
        print(message.decode())


def one(node: Any) -> None:
    """Tell of itself, and wait for the end."""
    tell()
    node.stopping.wait()


def tell(node: Any = None) -> None:
    told = {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "session": os.getsid(0),
        "stdin": sys.stdin.read(),
        "argv": sys.argv,
        "cwd": os.getcwd(),
        "gc": gc.isenabled(),
        "forked": "orchestrator.keeper.listen" in sys.modules,
        "hash": hash("a text"),
        "environ": dict(os.environ),
    }
    print(json.dumps(told))


def bounds(node: Any = None) -> None:
    """Tell within which bounds it runs."""
    import resource

    names = ("nofile", "memlock", "core")
    told: dict[str, Any] = {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[0] for name in names}
    told["cores"] = sorted(os.sched_getaffinity(0))
    told["nice"] = os.getpriority(os.PRIO_PROCESS, 0)
    told["realtime"] = os.sched_getparam(0).sched_priority
    print(json.dumps(told), flush=True)
    if node is not None:
        node.stopping.wait()


def busy(node: Any) -> None:
    """Be in one call into C for hours, the first time it runs."""
    import hashlib

    print("busy", flush=True)
    if not os.path.exists(os.environ["ONCE"]):
        open(os.environ["ONCE"], "w").close()
        hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
    print("idle", flush=True)
    node.stopping.wait()


def polling(node: Any) -> None:
    """Wait in poll, with a timeout that a signal would make start anew."""
    import zmq

    socket = zmq.Context().socket(zmq.PULL)
    socket.rcvtimeo = 2500
    try:
        socket.recv()
    except zmq.Again:
        print("timed out", flush=True)
    node.stopping.wait()


def counting(node: Any) -> None:
    """Compute in Python, and never wait."""
    print("counts", flush=True)
    while not node.stopping:
        pass


def hungry(node: Any) -> None:
    """Take 100 MiB of memory, which are touched, the first time it runs."""
    eaten = os.path.exists(os.environ["EATEN"])
    open(os.environ["EATEN"], "w").close()
    food = bytearray(b"x") * (0 if eaten else 100 * 2**20)
    print("fed" if eaten else f"eats {len(food)}", flush=True)
    node.stopping.wait()


def signals(node: Any) -> None:
    import signal

    told: dict[str, Any] = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
        handler: Any = signal.getsignal(number)
        told[number.name] = getattr(handler, "name", None) or handler.__name__
    told["blocked"] = sorted(signal.pthread_sigmask(signal.SIG_BLOCK, []))
    told["wakeup"] = signal.set_wakeup_fd(-1)
    print(json.dumps(told))


def blocked(node: Any) -> None:
    """Hear no request: the main thread never comes back from C."""
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGURG, signal.SIGTERM})
    print("blocked")
    time.sleep(600)


def breeds(node: Any) -> None:
    """Leave a process behind that has left our group."""
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    print(child.pid)
    node.stopping.wait()
