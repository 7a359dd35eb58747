"""What supervisor and keeper of 200 idle nodes cost together, beside circusd with 200 equivalent scripts.

``python -m tests.benchmarks.idle [SECONDS [ROUNDS]]`` (default 20 and 5): both meshes stand there at once; each round
counts the processor time, user and system, that either spends in so many seconds, then their unique set sizes. circusd
runs with its defaults. Nodes themselves are not counted.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

from tests.benchmarks.meshes import running
from tests.benchmarks.others import circus
from tests.benchmarks.ready import Ready
from tests.benchmarks.restart import PROGRAMS, TOPOLOGY

NODES = 200
CIRCUS_CHECKS = 5.0


def overseers(node: int) -> list[psutil.Process]:
    """Give keeper and supervisor of a mesh, from the pid of one of its nodes."""
    keeper = psutil.Process(psutil.Process(node).ppid())
    return [keeper, *(each for each in keeper.children() if "orchestrator.supervisor" in each.cmdline())]


def spent(processes: list[psutil.Process]) -> float:
    """Give the seconds of processor time of all of them."""
    return sum(sum(each.cpu_times()[:2]) for each in processes)


def size(processes: list[psutil.Process]) -> float:
    """Give the MiB that are theirs alone."""
    return sum(each.memory_full_info().uss for each in processes) / 2**20


def main(seconds: int = 20, rounds: int = 5) -> None:
    """Print cpu and memory of both, and their ratios."""
    with tempfile.TemporaryDirectory(prefix="b") as name:
        folder = Path(name)
        ready = Ready(folder / "ready")
        text = TOPOLOGY.format(folder=folder, programs=PROGRAMS.parent, nodes=NODES)
        with running(folder, text, "idle") as mesh, circus(folder / "c", NODES, CIRCUS_CHECKS) as (daemon, theirs):
            ready.wait(NODES)
            theirs.wait(NODES)
            ours = overseers(ready.pids[0])
            them = [psutil.Process(daemon)]
            cpu: list[tuple[float, float]] = []
            for _ in range(rounds):
                before = spent(ours), spent(them)
                time.sleep(seconds)
                cpu.append((spent(ours) - before[0], spent(them) - before[1]))
            memory = size(ours), size(them)
            mesh.status()
            after = size(ours)
        ready.close()
    mine, his = (median(each) / seconds * 1000 for each in zip(*cpu, strict=True))
    print(f"idle {NODES} nodes, {rounds} rounds of {seconds} s (at most 1.0 of circusd's)")
    print(f"  cpu     ours {mine:.2f} ms/s, circusd {his:.2f} ms/s, ratio {mine / his:.3f}")
    print(f"  memory  ours {memory[0]:.1f} MiB, circusd {memory[1]:.1f} MiB, ratio {memory[0] / memory[1]:.3f}")
    print(f"  and after somebody has called ps, which has it load psutil: {after:.1f} MiB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
