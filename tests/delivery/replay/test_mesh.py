"""Subscribers that are killed and stopped at random: each one sees the whole sequence, in order."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.support.meshes import Make, Mesh, mesh

__all__ = ["mesh"]

pytestmark = pytest.mark.process

HERE = str(Path(__file__).parent)
RESTART = {"policy": "always", "delay": "0s", "max_delay": "0s", "max_attempts": "unlimited"}


def start(
    make: Make,
    record: Path,
    *,
    subscribers: int,
    rate: int,
    seconds: float,
    topics: int = 1,
    delivery: Any = None,
    turned: bool = False,
    transport: str = "ipc",
    pause: float = 0.0,
    plain: bool = False,
    feed: dict[str, Any] | None = None,
) -> Mesh:
    ends = ("feed.ticks", "bot.ticks")
    bind, connect = ends[::-1] if turned else ends
    made = make(
        {
            "feed": {
                "python": "replays:feed",
                "working_dir": HERE,
                "kind": "main",
                "args": {"rate": rate, "seconds": seconds, "topics": topics, "record": str(record), "plain": plain},
                "sockets": {"ticks": "PUB"},
                "stop": {"grace": "60s"},
                **(feed or {}),
            },
            "bot": {
                "python": "replays:follow_plainly" if plain else "replays:follow",
                "working_dir": HERE,
                "replicas": subscribers,
                "args": {"record": str(record)} | ({} if plain else {"pause": pause}),
                "restart": RESTART,
                "sockets": {"ticks": {"type": "SUB", "subscribe": "t", "rcvhwm": 20}},
                "stop": {"grace": "60s"},
            },
        },
        {
            "ticks": {
                "bind": bind,
                "connect": connect,
                "transport": transport,
                "delivery": delivery or {"kind": "replay", "from": "beginning"},
            }
        },
    )
    made.start()
    made.until(made.whole, 30)
    return made


def harm(mesh: Mesh, subscribers: int, seed: int, seconds: float, every: float = 0.2) -> int:
    """Kill a subscriber, or stop it for a while, again and again; give how often."""
    chance, deadline, count = random.Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        pid = mesh.pids().get(f"bot-{chance.randrange(subscribers)}")
        count += 1
        with contextlib.suppress(ProcessLookupError, TypeError):
            if chance.random() < 0.5:
                os.kill(pid or 0, signal.SIGKILL) if pid else None
            elif pid:
                os.kill(pid, signal.SIGSTOP)
                time.sleep(chance.random() * 0.5)
                os.kill(pid, signal.SIGCONT)
        time.sleep(every)
    return count


def published(record: Path) -> dict[tuple[str, str], int]:
    """Give how many messages each incarnation of the feed has published, by it and topic."""
    found = {}
    for line in (record / "feed.published").read_text().splitlines():
        began, *counts = line.split()
        for topic, count in enumerate(counts):
            found[began, f"t{topic}"] = int(count)
    return found


def check(record: Path, subscribers: int) -> int:
    """Check that each incarnation saw each topic from its first message on without a gap, and the last one all of it.

    Give how many messages were seen.
    """
    wanted, total = published(record), 0
    for number in range(subscribers):
        lives: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
        ended = ""
        for line in (record / f"bot-{number}.seen").read_text().split("\n")[:-1]:
            life, *rest = line.split()
            if rest == ["end"]:
                ended = life
                continue
            topic, feed, first, last = rest
            assert int(first) == lives[life][feed, topic], (number, line)
            lives[life][feed, topic] = int(last) + 1
            total += int(last) - int(first) + 1
        assert ended, f"bot-{number} has not come to an end"
        assert lives[ended] == wanted, number
    return total


@pytest.mark.parametrize("turned", [pytest.param(False, marks=pytest.mark.long), True])
def test_each_one_sees_all_in_order(mesh: Make, tmp_path: Path, turned: bool) -> None:
    made = start(mesh, tmp_path, subscribers=4, rate=20_000, seconds=3.0, topics=3, turned=turned)
    harm(made, 4, seed=1, seconds=2.0)
    made.ended(60)
    assert check(tmp_path, 4) > 4 * 50_000


@pytest.mark.long
def test_a_slow_one_sees_all_too(mesh: Make, tmp_path: Path) -> None:
    """Its high-water mark is passed: the publisher drops, and what lacks is had again."""
    made = start(mesh, tmp_path, subscribers=2, rate=20_000, seconds=2.0, pause=0.002)
    made.ended(60)
    check(tmp_path, 2)


def test_a_publisher_that_dies_goes_on_in_its_numbers(mesh: Make, tmp_path: Path) -> None:
    made = start(mesh, tmp_path, subscribers=2, rate=2000, seconds=2.0, feed={"restart": RESTART, "kind": "service"})
    made.until(lambda: made.events("ready", process="bot-1"))
    time.sleep(0.5)
    made.kill("feed")
    made.until(lambda: (tmp_path / "feed.published").stat().st_size, 20)
    made.down()
    made.ended(60)
    for number in range(2):
        feeds: dict[str, int] = {}
        for line in (tmp_path / f"bot-{number}.seen").read_text().splitlines():
            _, *rest = line.split()
            if rest != ["end"]:
                _, feed, first, last = rest
                assert int(first) == feeds.get(feed, 0)
                feeds[feed] = int(last) + 1
        assert len(feeds) >= 2


@pytest.mark.long
def test_a_plain_edge_has_gaps(mesh: Make, tmp_path: Path) -> None:
    made = start(mesh, tmp_path, subscribers=4, rate=20_000, seconds=3.0, delivery="plain", plain=True)
    harm(made, 4, seed=1, seconds=2.0)
    made.ended(60)
    with pytest.raises(AssertionError):
        check(tmp_path, 4)


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_24_subscribers_of_50_000_a_second(mesh: Make, tmp_path: Path) -> None:
    made = start(mesh, tmp_path, subscribers=24, rate=50_000, seconds=20.0)
    count = harm(made, 24, seed=1, seconds=18.0)
    began = time.monotonic()
    made.ended(200)
    total = check(tmp_path, 24)
    sent = sum(published(tmp_path).values())
    later = time.monotonic() - began
    print(f"{sent} published, {count} killed or stopped, {total} seen, all had all {later:.1f} s later")
