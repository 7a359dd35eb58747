"""A supervisor that is killed again and again while messages, lines and jobs go on: nobody notices."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from orchestrator.contract import exits
from tests.support.meshes import Make, Mesh, edge, node

pytestmark = pytest.mark.process


def test_nothing_is_lost_over_3_deaths(mesh: Make, tmp_path: Path) -> None:
    _survive(mesh, tmp_path, deaths=3, rate=20_000)


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_nothing_is_lost_over_20_deaths(mesh: Make, tmp_path: Path) -> None:
    _survive(mesh, tmp_path, deaths=20, rate=100_000)


def _survive(make: Make, folder: Path, *, deaths: int, rate: int) -> None:
    plain = {"restart": "never", "critical": False}
    made = make(
        {
            "torrent": node("programs:torrent", {"numbers": {"type": "PUSH", "sndhwm": 0}}, args={"rate": rate}),
            "counter": node("programs:counter", {"numbers": "PULL"}),
            "job": node("programs:job", {}, kind="job", replicas=deaths, args={"folder": str(folder)}, **plain),
        },
        {"numbers": edge("counter.numbers", "torrent.numbers")},
    )
    made.start_detached()
    made.until(made.whole)
    pids = made.pids()
    for number in range(deaths):
        _replace(made, folder / f"job-{number}")
        made.until(lambda number=number: made.ps()[f"job-{number}"]["state"] in ("done", "failed"))
        ended = made.ps()[f"job-{number}"]["exit"]
        assert ended["status"] == number, ended
    after = made.pids()
    assert [name for name in ("torrent", "counter") if pids[name] != after[name]] == []
    made.down()
    assert made.ended(60)["killed"] == []
    assert made.events("started", generation=2) == []
    for name, word in (("torrent", "sent"), ("counter", "came")):
        *lines, last = made.said(name)
        assert lines == [f"line {number}" for number in range(len(lines))]
        assert last.split()[0] == word
    sent, came = (int(made.last(name).split()[1]) for name in ("torrent", "counter"))
    assert sent == came > 0
    print(f"{deaths} deaths, {sent} messages, {made.last('torrent').split()[2]} a second")


def _replace(mesh: Mesh, file: Path) -> None:
    """Have a job end while no supervisor looks, and kill the one that did not."""
    supervisor = mesh.info()["pid"]
    os.kill(supervisor, signal.SIGSTOP)
    file.touch()
    mesh.until(lambda: any(each.process == file.name for each in exits.read(mesh.folders.exits)))
    os.kill(supervisor, signal.SIGKILL)
    mesh.until(lambda: mesh.info()["pid"] != supervisor)
