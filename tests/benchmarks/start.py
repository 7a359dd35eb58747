"""How long 200 nodes take from the command to the open gate, against circus with 200 equivalent scripts.

``python -m tests.benchmarks.start [ROUNDS]`` (default 5). Both in turn. circus (``pip install circus``) has its
fastest documented settings: one watcher, numprocesses=200, warmup_delay=0. Its scripts make the same sockets and
report ready through a FIFO without waiting for a handshake; our gate waits for all of them and for all subscriptions.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.meshes import running

NODES = 200
PROGRAMS = Path(__file__).with_name("start_programs.py")

TOPOLOGY = f"""
name: start
nodes:
  feed:
    python: start_programs:feed
    working_dir: {PROGRAMS.parent}
    sockets: {{ticks: PUB, orders: PULL}}
  bot:
    python: start_programs:bot
    working_dir: {PROGRAMS.parent}
    replicas: {NODES}
    sockets:
      ticks: {{type: SUB, subscribe: "AAPL "}}
      orders: PUSH
edges:
  ticks: {{bind: feed.ticks, connect: bot.ticks}}
  orders: {{bind: feed.orders, connect: bot.orders}}
"""

CIRCUS = """
[circus]
check_delay = 5
endpoint = ipc://{folder}/e
pubsub_endpoint = ipc://{folder}/p
stats_endpoint = ipc://{folder}/t
statsd = False

[watcher:bot]
cmd = {python}
args = {program} ipc://{folder}/ticks ipc://{folder}/orders {folder}/ready
numprocesses = {nodes}
warmup_delay = 0
copy_env = True
"""


def ours() -> float:
    """Give the seconds from the command to the open gate."""
    with tempfile.TemporaryDirectory(prefix="b") as name, running(Path(name), TOPOLOGY, "start") as mesh:
        return float(mesh.event("gate")["time"]) - mesh.started


def circus() -> float:
    """Give the seconds from the command until all have reported ready."""
    with tempfile.TemporaryDirectory(prefix="b") as name:
        folder = Path(name)
        configuration = folder / "circus.ini"
        configuration.write_text(CIRCUS.format(folder=folder, python=sys.executable, program=PROGRAMS, nodes=NODES))
        os.mkfifo(folder / "ready")
        ready = os.open(folder / "ready", os.O_RDWR)
        begin = time.monotonic()
        daemon = subprocess.Popen(
            [str(Path(sys.executable).with_name("circusd")), str(configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            told = b""
            while told.count(b"\n") < NODES:
                told += os.read(ready, 65536)
            return time.monotonic() - begin
        finally:
            os.close(ready)
            daemon.send_signal(signal.SIGTERM)
            daemon.wait()


def main(rounds: int = 5) -> None:
    """Print each round and the medians."""
    ratios = []
    for number in range(rounds):
        our_seconds, their_seconds = ours(), circus()
        ratios.append(our_seconds / their_seconds)
        print(
            f"round {number + 1}: {NODES} nodes ours {our_seconds:.2f} s, circus {their_seconds:.2f} s, "
            f"ratio {ratios[-1]:.3f}",
            flush=True,
        )
    print(f"median ratio of start {median(ratios):.3f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
