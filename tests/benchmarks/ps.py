"""What one ``ps`` of 400 running processes costs their supervisor, and for how long it answers nobody else meanwhile.

``python -m tests.benchmarks.ps [PROCESSES [ASKS]]`` (default 400 and 200). The processes are commands that sleep. A
client calls ``ps`` again and again; the supervisor's processor time comes
from /proc/PID/schedstat, less what it spends while nobody asks. Beside it another one asks for ``info`` without a
break, alone and beside that client: how much longer it waits is how long the supervisor was busy. It has one thread and
calls nothing that blocks, so on an idle machine the two agree; on a busy one the processor time tells.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from orchestrator.client import Mesh
from tests.benchmarks.meshes import running

MOST = 5.0
"""Milliseconds that one ps may take of a supervisor."""

TOPOLOGY = """
nodes:
  many:
    command: [sleep, "100000"]
    replicas: {processes}
"""


def spent(pid: int) -> float:
    """Return the milliseconds of processor time of the main thread of a process."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def each_costs(mesh: Mesh, pid: int, asks: int) -> list[float]:
    """Return the milliseconds that the supervisor spends for each of so many calls of ``ps``."""
    costs = []
    for _ in range(asks):
        before = spent(pid)
        mesh.ps()
        time.sleep(0.01)  # it puts its books in order after the answer, too
        costs.append(spent(pid) - before)
    return costs


def waits(mesh: Mesh, until: float, child: int = 0) -> list[float]:
    """Return how many milliseconds each ``info`` takes, until that time or the end of a child."""
    found = []
    while time.monotonic() < until and not (child and os.waitpid(child, os.WNOHANG)[0]):
        before = time.monotonic()
        mesh.info()
        found.append((time.monotonic() - before) * 1000)
    return found


def asking(mesh: Mesh, asks: int) -> int:
    """Return the pid of a child that calls ``ps`` so often."""
    child = os.fork()
    if not child:
        try:
            for _ in range(asks):
                mesh.ps()
        finally:
            os._exit(0)
    return child


@contextmanager
def surroundings(environment: Mapping[str, str]) -> Iterator[None]:
    """Look for meshes where this one was started."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def main(processes: int = 400, asks: int = 200) -> None:
    """Print processor time and pauses."""
    with tempfile.TemporaryDirectory(prefix="b") as name:
        folder = Path(name)
        text = TOPOLOGY.format(processes=processes)
        with running(folder, text, "many") as started, surroundings(started.environment):
            mesh = Mesh("many")
            alive = sum(each["pid"] is not None for each in mesh.ps()["processes"])
            assert alive == processes, f"{alive} run"
            pid = mesh.info()["pid"]
            before = spent(pid)
            time.sleep(2.0)
            idle = (spent(pid) - before) / 200
            costs = [cost - idle for cost in each_costs(mesh, pid, asks)]
            alone = waits(mesh, time.monotonic() + 3.0)
            beside = waits(mesh, float("inf"), asking(mesh, asks))
    print(f"ps of {processes} processes, {asks} times (each at most {MOST} ms of the supervisor)")
    for what, values in {"processor time": costs, "an info alone": alone, "one beside ps": beside}.items():
        most = f"99 % {quantiles(values, n=100)[98]:.2f}, most {max(values):.2f}"
        print(f"  {what:14}  median {median(values):.2f} ms, {most}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
