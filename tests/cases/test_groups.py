"""What a process uses with those that it has started, and who of them listens."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable

import pytest

from .conftest import Case

pytestmark = pytest.mark.process

POOL = """
import mmap, multiprocessing, time

def touch(number):
    for at in range(0, len(SHARED), 4096):
        SHARED[at]
    print("has it", flush=True)
    time.sleep(60)

def pool(node):
    global SHARED
    SHARED = mmap.mmap(-1, 300 << 20)
    for at in range(0, len(SHARED), 4096):
        SHARED[at] = 1
    for number in range(8):
        multiprocessing.get_context("fork").Process(target=touch, args=(number,), daemon=True).start()
    node.stopping.wait()
"""


def test_a_process_whose_child_holds_too_much_is_killed(case: Callable[..., Case]) -> None:
    ended = case("real")("up", "memory.topology.yaml", "--for", "4s")
    killed = re.search(
        r"hog.* what it has started, \d processes, use (\d+) MiB, more than limits.memory, 150", ended.text
    )
    assert killed, ended.text
    assert 150 < int(killed[1]) < 400
    assert len(set(re.findall(r"child (\d+)", ended.out))) > 1, ended.text  # it was started anew


@pytest.mark.long
def test_a_pool_that_shares_its_memory_is_not_killed_and_is_counted(case: Callable[..., Case]) -> None:
    made = case("real")
    (made.folder / "pools.py").write_text(POOL)
    (made.folder / "t.yaml").write_text("name: pools\nnodes: {a: {python: pools:pool, limits: {memory: 500MiB}}}\n")
    begun = made("up", "-d", "t.yaml")
    assert begun.status == 0, begun.text
    try:
        while made("logs", "-m", "pools").out.count("has it") < 8:
            pass
        [found] = made.json("ps", "-m", "pools")["processes"]
        shown = made("ps", "-m", "pools").out
        assert (found["count"], found["restarts"]) == (9, 0), shown
        assert 300 << 20 < found["memory"] < 400 << 20
        assert f"{found['pid']} +8" in shown
        events = made("events", "-m", "pools", "--format", "json").out
        assert not [line for line in events.splitlines() if json.loads(line)["event"] == "killed"]
    finally:
        made("down", "-m", "pools", "--now")


LATE = """
import os, socket, time
while not os.path.exists("go"):
    time.sleep(0.01)
os.unlink("s")
made = socket.socket(socket.AF_UNIX)
made.bind(os.path.abspath("s"))
made.listen()
time.sleep(60)
"""


@pytest.mark.long
def test_the_listener_of_somebody_else_does_not_make_it_ready(case: Callable[..., Case]) -> None:
    made = case("real")
    (made.folder / "late.py").write_text(LATE)
    (made.folder / "t.yaml").write_text(
        "name: late\n"
        "nodes:\n"
        "  a: {command: [bash, -c, python late.py & wait], sockets: {in: PULL}}\n"
        "  b: {command: sleep 60, sockets: {out: PUSH}, ready: {log: x}}\n"
        f'edges: {{e: {{bind: a.in, connect: b.out, endpoint: "ipc://{made.folder}/s"}}}}\n'
    )

    def state() -> str:
        return str(next(one["state"] for one in made.json("ps", "-m", "late")["processes"] if one["name"] == "a"))

    made("up", "-d", "t.yaml", "--wait-timeout", "1ms")
    with socket.socket(socket.AF_UNIX) as other:
        try:
            other.bind(f"{made.folder}/s")
            other.listen()
            # It is looked at fifty times a second.
            assert [state() for _ in range(5)] == ["starting"] * 5
            (made.folder / "go").touch()
            until = time.monotonic() + 20
            while state() != "ready":
                assert time.monotonic() < until
        finally:
            made("down", "-m", "late", "--now")
