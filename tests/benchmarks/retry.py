"""What a retried request costs beside a plain REQ and REP: round trips a second in two processes.

``python -m tests.benchmarks.retry [ROUNDS]`` (default 11): each round runs all modes in turn over ipc and tcp, each in
processes of its own; a figure is the median of the rounds' ratios with its 95 % interval.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.retry_programs import MODES
from tests.benchmarks.stats import interval, say

PROGRAM = Path(__file__).with_name("retry_programs.py")
COUNT = 10_000


def rate(mode: str, address: str) -> float:
    """Give the round trips a second of one pair of processes."""
    commands = [[sys.executable, str(PROGRAM), role, mode, address, str(COUNT)] for role in ("answer", "ask")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    return max(float(each.communicate(timeout=120)[0]) for each in running)


def main(rounds: int = 11) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="b") as folder:
        for transport in ("ipc", "tcp"):
            found = [{mode: rate(mode, _address(transport, folder)) for mode in MODES} for _ in range(rounds)]
            plain = interval([each["plain"] for each in found])[0]
            print(f"{transport}: plain {plain:.0f} round trips a second, {rounds} rounds")
            for mode in ("retry", "deduplicate"):
                say(f"  {mode}", "at least 0.8 of plain", [each[mode] / each["plain"] for each in found])


def _address(transport: str, folder: str) -> str:
    if transport == "ipc":
        return f"ipc://{folder}/{random.random()}"
    return f"tcp://127.0.0.1:{random.randrange(20_000, 30_000)}"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
