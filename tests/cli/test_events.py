from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import Mesh, command, orchestrator
from .running import run

BEGIN = {"event": "begin", "mesh": "market", "processes": 3, "links": 2, "files": [], "run": ""}


@pytest.fixture
def mesh(home: Path) -> Mesh:
    return Mesh("market", "feed", "bot-0", "bot-1")


def tell(mesh: Mesh, *events: dict[str, Any], at: float = 1.0) -> None:
    with mesh.of.events.open("a") as file:
        file.writelines(json.dumps({"time": at, **event}) + "\n" for event in events)


def ready(process: str) -> dict[str, Any]:
    return {"event": "ready", "process": process}


def told(*arguments: str) -> list[str]:
    done = orchestrator("events", "-m", "market", *arguments)
    assert done.returncode == 0, done.stderr
    return [line.split(None, 1)[1] for line in done.stdout.splitlines()]


def test_the_last_run_is_told(mesh: Mesh) -> None:
    tell(mesh, BEGIN, ready("feed"), BEGIN, ready("bot-0"), ready("feed"))
    assert told() == ["-      begins: 3 processes, 2 links", "bot-0  ready", "feed   ready"]
    assert len(told("-a")) == 5
    assert told("--tail", "1") == ["feed   ready"]
    assert told("bot") == ["bot-0  ready"]


def test_since(mesh: Mesh) -> None:
    tell(mesh, BEGIN, at=time.time() - 7200)
    tell(mesh, ready("feed"), at=time.time() - 5)
    assert told("--since", "1h") == ["feed   ready"]


def test_logs_are_of_the_last_run_unless_all_are_wanted(mesh: Mesh) -> None:
    tell(mesh, BEGIN, at=100)
    tell(mesh, BEGIN, at=200)
    (mesh.of.logs / "feed.log").write_text("101 o the total of yesterday\n201 o first\n202 o second\n")

    def lines(*arguments: str) -> list[str]:
        return orchestrator("logs", "-m", "market", "--no-log-prefix", *arguments).stdout.splitlines()

    assert lines() == lines("--tail", "3") == ["first", "second"]
    assert lines("-a") == ["the total of yesterday", "first", "second"]
    assert lines("-a", "--tail", "1") == lines("--tail", "1") == ["second"]


@pytest.mark.parametrize("verb", ["logs", "events", "stop", "restart", "env", "run"])
def test_a_mesh_where_a_process_is_wanted(mesh: Mesh, verb: str) -> None:
    with mesh.running():
        done = run(verb, "market", "-m", "market")
    assert (done.status, done.out) == (2, "")
    assert done.err.endswith("no process market; market is a mesh: -m market\n")


def test_json_is_what_is_stored(mesh: Mesh) -> None:
    tell(mesh, BEGIN, ready("feed"))
    done = orchestrator("events", "-m", "market", "--format", "json")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"time": 1.0} | BEGIN,
        {"time": 1.0} | ready("feed"),
    ]


def test_it_follows_until_the_mesh_is_gone(mesh: Mesh) -> None:
    tell(mesh, BEGIN)
    with mesh.running():
        following = subprocess.Popen(command("events", "-f", "-m", "market"), stdout=subprocess.PIPE, text=True)
        assert following.stdout is not None
        assert "begins" in following.stdout.readline()
        tell(mesh, ready("feed"))
        assert "feed   ready" in following.stdout.readline()
    assert following.wait(20) == 0
