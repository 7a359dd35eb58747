"""How long a killed node takes to be ready again, against circus and supervisord with 64 equivalent scripts.

``python -m tests.benchmarks.restart [KILLS [ROUNDS [BLOCK]]]`` (default 500, 20 and 5). Each round kills BLOCK
processes of each side at random, one after the other, then those of the next side; a ratio is that of a round's
medians. With a BLOCK of 1 each side begins with cold caches, after a second in which the others have run. Meanwhile the
daemons of the others are stopped, since circus, which looks so often, takes the time of all. Every side has the least
delay that it documents: ours ``restart: {delay: 0s}``, circus ``check_delay`` 10 ms (it looks for dead processes so
often), supervisord ``startsecs=0``. Our node is ready when its program runs behind the gate: connected, shaken hands,
and subscribed. After the rounds KILLS are ours alone.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from tests.benchmarks.meshes import running
from tests.benchmarks.others import PROGRAMS, circus, supervisor
from tests.benchmarks.ready import Ready
from tests.benchmarks.stats import say

NODES = 64
TOPOLOGY = """
nodes:
  feed:
    python: start_programs:feed
    working_dir: {programs}
    sockets: {{ticks: PUB, orders: PULL}}
  bot:
    python: start_programs:telling_bot
    working_dir: {programs}
    args: {{ready: {folder}/ready}}
    replicas: {nodes}
    restart: {{policy: always, delay: 0s, max_delay: 0s, max_attempts: unlimited}}
    sockets:
      ticks: {{type: SUB, subscribe: "AAPL "}}
      orders: PUSH
edges:
  ticks: {{bind: feed.ticks, connect: bot.ticks}}
  orders: {{bind: feed.orders, connect: bot.orders}}
"""


def kill_one(ready: Ready) -> float:
    """Kill one of the processes that are ready; give the seconds until its successor is."""
    # The successor took its place at the end of the list.
    pid = ready.pids.pop(random.randrange(len(ready.pids)))
    before = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    return ready.wait(NODES) - before


@contextmanager
def stopped(daemons: set[int]) -> Iterator[None]:
    """Stop processes for a while."""
    for each in daemons:
        os.kill(each, signal.SIGSTOP)
    yield
    for each in daemons:
        os.kill(each, signal.SIGCONT)


def main(kills: int = 500, rounds: int = 20, block: int = 5) -> None:
    """Print the medians, their ratios and our 99th percentile."""
    found: dict[str, list[float]] = {"ours": [], "circus": [], "supervisord": []}
    with tempfile.TemporaryDirectory(prefix="b") as name:
        folder = Path(name)
        text = TOPOLOGY.format(folder=folder, programs=PROGRAMS.parent, nodes=NODES)
        mine = Ready(folder / "ready")
        with (
            running(folder, text, "restart"),
            circus(folder / "c", NODES, check=0.01) as (circusd, theirs),
            supervisor(folder / "v", NODES) as (supervisord, them),
        ):
            sides = {"ours": (mine, 0), "circus": (theirs, circusd), "supervisord": (them, supervisord)}
            for ready, _ in sides.values():
                ready.wait(NODES)
            beside: list[dict[str, float]] = []
            for _ in range(rounds):
                beside.append({})
                for side, (ready, daemon) in sides.items():
                    with stopped({circusd, supervisord} - {daemon}):
                        seconds = [kill_one(ready) for _ in range(block)]
                    found[side] += seconds
                    beside[-1][side] = median(seconds)
        with running(folder, text, "again"):
            mine.pids.clear()
            mine.wait(NODES)
            alone = [kill_one(mine) for _ in range(kills)]
        mine.close()
    for side, seconds in found.items():
        print(f"{side:<12} median {median(seconds) * 1000:7.1f} ms of {len(seconds)} kills")
    for side in ("circus", "supervisord"):
        say(f"ours / {side}", "at most 0.2", [each["ours"] / each[side] for each in beside])
    p99 = quantiles(alone, n=100)[98]
    middle = median(alone)
    print(
        f"ours alone: median {middle * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms of {kills}: {p99 / middle:.2f} (at most 3)"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
