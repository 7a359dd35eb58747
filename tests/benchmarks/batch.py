"""What a batched edge gives: messages per second, and what a quiet one costs, beside plain pyzmq and plain C.

``python -m tests.benchmarks.batch [ROUNDS]`` (default 7): PUSH and PULL in two processes, 64 bytes, and 1 KiB with the
limits of ``batch: {}``, ipc and tcp; needs gcc and libzmq's headers. Each round runs all modes in turn, each in
processes of its own, from the first send to the last receive; a figure is the median of the rounds' ratios with its
95 % interval.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.stats import interval

HERE = Path(__file__).parent
SIZE, FRAME = 64, 1024
COUNT = 512 * FRAME
LARGER = 1024
PAUSES = {10: 200, 1: 2_000}
"""How many messages so many milliseconds apart are timed."""

PYTHON = (sys.executable, str(HERE / "batch_programs.py"))


def throughput(
    command: tuple[str, ...], mode: tuple[str, ...], address: str, frame: int, size: int = SIZE, count: int = COUNT
) -> float:
    """Give the messages per second of one pair of processes."""
    arguments = (*mode, address, str(count), str(size), str(frame))
    begin, end = _both(((*command, "send", *arguments), (*command, "receive", *arguments)))
    return count / (end - begin) * 1e9


def latency(mode: str, address: str, pause: int) -> float:
    """Give the median latency in microseconds of messages so many milliseconds apart."""
    arguments = (mode, address, str(PAUSES[pause]), str(SIZE), str(pause))
    return _both(((*PYTHON, "ping", *arguments), (*PYTHON, "pong", *arguments)))[1]


def _both(commands: tuple[tuple[str, ...], tuple[str, ...]]) -> list[float]:
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    return [float(each.communicate(timeout=120)[0]) for each in running]


def compiled(folder: Path) -> tuple[str, ...]:
    """Compile the program in C."""
    program = folder / "batch_program"
    subprocess.run(["gcc", "-O2", "-o", str(program), str(HERE / "batch_program.c"), "-lzmq"], check=True)
    return (str(program),)


def main(rounds: int = 7) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory(prefix="b") as name:
        folder = Path(name)
        c = compiled(folder)
        for transport in ("ipc", "tcp"):
            _table(transport, rounds, folder, c)


def _table(transport: str, rounds: int, folder: Path, c: tuple[str, ...]) -> None:
    def address() -> str:
        return f"ipc://{folder}/{random.random()}" if transport == "ipc" else f"tcp://127.0.0.1:{_port()}"

    modes: dict[str, Callable[[], float]] = {
        "C, one by one": lambda: throughput(c, (), address(), 0),
        f"C, {FRAME} a frame": lambda: throughput(c, (), address(), FRAME),
        "pyzmq, one by one": lambda: throughput(PYTHON, ("plain",), address(), 256),
        "send, recv, 256 a frame": lambda: throughput(PYTHON, ("single",), address(), 256),
        "send_many, recv_many, 256": lambda: throughput(PYTHON, ("many",), address(), 256),
        f"send_many, recv_many, {FRAME}": lambda: throughput(PYTHON, ("many",), address(), FRAME),
    }
    found = [{name: mode() for name, mode in modes.items()} for _ in range(rounds)]
    print(f"{transport}: {COUNT} messages of {SIZE} bytes, {rounds} rounds")
    for name in modes:
        rate = interval([each[name] for each in found])[0] / 1e6
        ratios = [_ratio([each[name] / each[other] for each in found]) for other in list(modes)[:3:2]]
        print(f"  {name:<28} {rate:5.2f} M/s   x C {ratios[0]}   x pyzmq {ratios[1]}", flush=True)
    larger = [
        [throughput(PYTHON, (mode,), address(), 256, LARGER, COUNT // 4) for mode in ("defaults", "plain")]
        for _ in range(rounds)
    ]
    print(f"  {LARGER} bytes, limits of batch: {{}}: x pyzmq {_ratio([a / b for a, b in larger])}", flush=True)
    for pause in PAUSES:
        paced = [(latency("single", address(), pause), latency("plain", address(), pause)) for _ in range(rounds)]
        median, plain = (interval(each)[0] for each in zip(*paced, strict=True))
        ratio = _ratio([a / b for a, b in paced])
        print(f"  {pause} ms apart: p50 {median:.0f} us, plain {plain:.0f} us, ratio {ratio}", flush=True)


def _ratio(values: list[float]) -> str:
    middle, low, high = interval(values)
    return f"{middle:5.2f} [{low:.2f}, {high:.2f}]"


def _port() -> int:
    return random.randrange(20_000, 30_000)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
