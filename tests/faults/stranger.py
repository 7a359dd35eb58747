"""A command without our library: at first it binds a socket of a wrong type, then, started anew, the right one."""

from __future__ import annotations

import sys
from pathlib import Path

import zmq
from zmq.utils.monitor import recv_monitor_message

address, flag = sys.argv[1], Path(sys.argv[2])
context = zmq.Context()
if not flag.exists():
    wrong = context.socket(zmq.PUB)
    monitor = wrong.get_monitor_socket()
    wrong.bind(address)
    while recv_monitor_message(monitor)["event"] != zmq.EVENT_ACCEPTED:
        pass
    while monitor.poll(500):  # who has not given up comes again, after 10 ms
        recv_monitor_message(monitor)
    flag.touch()
    sys.exit(1)
right = context.socket(zmq.PULL)
right.bind(address)
for _ in iter(right.recv, b"never"):
    pass
