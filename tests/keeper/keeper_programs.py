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
