"""What edges that keep messages cost: messages a second from the first send to the last one taken, in two processes.

``python -m tests.benchmarks.durable [ROUNDS]`` (default 5): each round runs all modes in turn, each in processes and
folders of its own; a figure is the median of the rounds' ratios with its 95 % interval. 64 bytes, over ipc; a sync each
second on all sides that sync.

Redis Streams (append only file, everysec, a Unix socket, pipelines of 500, XREADGROUP and XACK of up to 2,000) and NATS
JetStream (file storage, publish_async with 4,000 pending, fetches of 500, the last one acknowledged) run where their
servers are there, and a table of sqlite3 (WAL, synchronous normal, 256 rows at a time). Redis and JetStream have one
entry for each message: entries that hold many would be quicker there too.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.stats import interval, say

PROGRAM = Path(__file__).with_name("durable_programs.py")
COUNTS = {
    "plain": 2_000_000,
    "durable": 2_000_000,
    "durable-many": 4_096_000,
    "redis": 100_000,
    "jetstream": 30_000,
    "sqlite": 512_000,
    "publish": 2_000_000,
    "publish-parts": 500_000,
    "replay": 1_000_000,
    "replay-many": 2_048_000,
}


def rate(mode: str) -> float:
    """Give the messages a second of one run."""
    with tempfile.TemporaryDirectory(prefix="b") as place, server(mode, place):
        count = COUNTS[mode]
        commands = [[sys.executable, str(PROGRAM), role, mode, place, str(count)] for role in ("receive", "send")]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
        ended, began = (float(each.communicate(timeout=60)[0]) for each in running)
        return count / (ended - began)


@contextlib.contextmanager
def server(mode: str, place: str) -> Iterator[None]:
    """Run the server that a mode needs, if any."""
    if mode == "redis":
        command = ["redis-server", "--port", "0", "--unixsocket", f"{place}/redis", "--dir", place]
        command += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
        ready = Path(place, "redis").exists
    elif mode == "jetstream":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        Path(place, "nats").write_text(f"nats://127.0.0.1:{port}")
        command = ["nats-server", "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", f"{place}/js"]

        def ready() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
    else:
        yield
        return
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not ready():
                time.sleep(0.01)
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def main(rounds: int = 5) -> None:
    """Print the table."""
    missing = {mode for mode, program in (("redis", "redis-server"), ("jetstream", "nats-server")) if not _has(program)}
    modes = [mode for mode in COUNTS if mode not in missing]
    found: list[dict[str, float]] = []
    for _ in range(rounds):
        found.append({mode: rate(mode) for mode in modes})
        print({mode: f"{value / 1000:.0f}k" for mode, value in found[-1].items()}, flush=True)
    for mode in modes:
        print(f"{mode}: {interval([each[mode] for each in found])[0] / 1000:.0f} k/s")
    for mode, against, asked in (
        ("durable", "plain", "at least 0.8"),
        ("durable-many", "plain", "at least 1.2"),
        ("durable", "redis", "at least 5"),
        ("durable", "jetstream", "at least 10"),
        ("durable", "sqlite", "the floor"),
        ("replay", "publish", "at least 0.7"),
        ("replay", "publish-parts", "of two parts, as it has"),
        ("replay-many", "publish", ""),
    ):
        if against in modes:
            say(f"{mode} / {against}", asked, [each[mode] / each[against] for each in found])


def _has(program: str) -> bool:
    return shutil.which(program) is not None


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
