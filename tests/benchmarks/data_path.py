"""What the orchestrator costs on the data path: nothing, so an orchestrated edge against the same one wired by hand.

``python -m tests.benchmarks.data_path [STARTS]``: three meshes stand side by side, one of ours and two of hand-wired
scripts; they send in turn, and the ratio of each round's rates is taken. The two hand-wired ones against one another
show the noise. Senders keep to one core, receivers to another. A process is for all its life some per cent faster or
slower than another start of the same program, so all are started anew after some rounds, until the 95 % interval of the
median over the starts is within 0.02, or after STARTS of them (default 100).
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import zmq

from tests.benchmarks.data_path_programs import MESSAGES
from tests.benchmarks.meshes import running
from tests.benchmarks.stats import interval, sure

PROGRAMS = Path(__file__).with_name("data_path_programs.py")
TYPES = {"PUSH": "PULL", "PUB": "SUB"}
WITHIN = 0.02
ROUNDS = 12
"""Before everything is started anew."""

TOPOLOGY = """
name: ours
nodes:
  sender:
    python: data_path_programs:sender
    working_dir: {folder}
    args: {{commands: "{commands}"}}
    sockets:
      out: {{type: {kind}, sndhwm: 0, rcvhwm: 0}}
  receiver:
    python: data_path_programs:receiver
    working_dir: {folder}
    replicas: {peers}
    args: {{results: "{results}", count: {count}}}
    sockets:
      in: {{type: {other}, sndhwm: 0, rcvhwm: 0{subscribe}}}
edges:
  data: {{bind: sender.out, connect: receiver.in, transport: {transport}}}
"""


class Side:
    """One of the meshes: asked for a round, it gives the seconds from the first send to the last receive."""

    def __init__(self, context: zmq.Context, folder: Path, name: str, peers: int) -> None:
        self.commands, self.results = f"ipc://{folder}/{name}.c", f"ipc://{folder}/{name}.r"
        self._asks, self._ends, self._peers = context.socket(zmq.REQ), context.socket(zmq.PULL), peers
        self._ends.bind(self.results)
        self._asks.connect(self.commands)

    def round(self) -> float:
        self._asks.send(b"go")
        begin = int(self._asks.recv())
        return (max(int(self._ends.recv()) for _ in range(self._peers)) - begin) / 1e9


def measure(kind: str, transport: str, peers: int, most: int) -> str:
    """Give one line of the table."""
    against: list[float] = []
    noise: list[float] = []
    while len(against) < most and not (sure(against, WITHIN) and sure(noise, WITHIN)):
        ours, hand = _start(kind, transport, peers)
        against.append(ours)
        noise.append(hand)
    return (
        f"{kind}/{TYPES[kind]} {transport} 1:{peers}  ours/hand {_text(against)}  hand/hand {_text(noise)}"
        f"  {len(against)} starts, {ROUNDS} rounds of {MESSAGES} x 64 B each"
    )


def _start(kind: str, transport: str, peers: int) -> tuple[float, float]:
    """Start all three meshes, let them send in turn, and give the medians of ours/hand and hand/hand."""
    with tempfile.TemporaryDirectory(prefix="b") as name, ExitStack() as stack:
        folder = Path(name)
        context = stack.enter_context(zmq.Context())
        context.linger = 0
        ours, hand, again = (Side(context, folder, each, peers) for each in ("o", "a", "b"))
        count = MESSAGES if kind == "PUB" else MESSAGES // peers
        topology = TOPOLOGY.format(
            folder=PROGRAMS.parent,
            commands=ours.commands,
            results=ours.results,
            kind=kind,
            other=TYPES[kind],
            peers=peers,
            count=count,
            subscribe=', subscribe: ""' if kind == "PUB" else "",
            transport=transport,
        )
        stack.enter_context(running(folder, topology, "ours"))
        for number, side in enumerate((hand, again)):
            stack.callback(_end, _by_hand(kind, transport, peers, count, side, folder / f"h{number}"))
        time.sleep(0.5)  # the scripts by hand have nobody who could say that they are wired
        return _interleave({"ours": ours.round, "hand": hand.round, "again": again.round})


def _interleave(sides: dict[str, Callable[[], float]]) -> tuple[float, float]:
    for each in sides.values():
        each()
    against: list[float] = []
    noise: list[float] = []
    for _ in range(ROUNDS):
        taken = {name: sides[name]() for name in random.sample(list(sides), len(sides))}
        against.append(taken["hand"] / taken["ours"])
        noise.append(taken["hand"] / taken["again"])
    return median(against), median(noise)


def _text(ratios: list[float]) -> str:
    middle, low, high = interval(ratios)
    return f"{middle:.3f} [{low:.3f}, {high:.3f}]"


def _by_hand(
    kind: str, transport: str, peers: int, count: int, side: Side, path: Path
) -> list[subprocess.Popen[bytes]]:
    address = f"ipc://{path}" if transport == "ipc" else f"tcp://127.0.0.1:{random.randrange(20000, 30000)}"
    command = [sys.executable, str(PROGRAMS)]
    # Each in a session of its own, as in two terminals and as our nodes: the scheduler weighs sessions (sched(7)).
    sender = [*command, "send", kind, "bind", address, side.commands, str(count)]
    receiver = [*command, "receive", TYPES[kind], "connect", address, side.results, str(count)]
    started = [
        subprocess.Popen(each, stdout=subprocess.PIPE, start_new_session=True) for each in [sender, *[receiver] * peers]
    ]
    for each in started:
        assert each.stdout is not None
        each.stdout.readline()
    return started


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for each in processes:
        each.kill()
        each.wait()
        if each.stdout is not None:
            each.stdout.close()


def main(most: int = 100) -> None:
    """Print the table."""
    for kind in TYPES:
        for transport in ("ipc", "tcp"):
            for peers in (1, 4):
                print(measure(kind, transport, peers, most), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
