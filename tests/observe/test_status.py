"""What ``ps`` shows, made of what a supervisor says and of what the kernel shows of this very process."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from orchestrator.contract.codec import BadMessage
from orchestrator.control.verbs import Ps
from orchestrator.observe.status import document
from orchestrator.plan.addresses import resolve
from orchestrator.plan.links import ExternalLink, Links, Peer
from orchestrator.supervisor.policy.state import fresh
from orchestrator.supervisor.requests.status import status
from tests.support.plans import market

KEYS = ["name", "node", "state", "start", "terminal", "since", "doing", "waits", "unstarted", "pid", "generation"]
KEYS += ["restarts", "uptime", "exit", "count", "cpu", "memory", "links"]

DECLARED = Links(
    {
        "feed": [Peer("ticks", "ticks", "bot", "ticks", "feed.ticks", binds=True)],
        "bot": [Peer("ticks", "ticks", "feed", "ticks", "feed.ticks", binds=False)],
    },
    [],
    {"feed.ticks": "feed"},
)


def told(address: str = "ipc:///nowhere", **feed: Any) -> dict[str, Any]:
    """What a supervisor says of a mesh of which only feed runs, and whose feed and bot are this process."""
    mesh = fresh(market(1), 0.0)
    endpoints = resolve(mesh.plan.endpoints, lambda name: "/nowhere", {})
    answer: dict[str, Any] = Ps.read(status(mesh, endpoints, "", 5.0))
    answer["addresses"] = {"feed.ticks": address}
    answer["processes"] = answer["processes"][:1]
    answer["processes"][0] |= {"pid": os.getpid(), "runs": True, "started": time.monotonic() - 100} | feed
    return answer


def test_a_supervisor_says_nothing_that_the_kernel_shows() -> None:
    assert not {"count", "cpu", "memory", "links", "outside", "doing"} & told()["processes"][0].keys()


def test_the_document_is_that_of_version_1() -> None:
    found, _ = document(told(), DECLARED, {}, time.monotonic())
    assert list(found) == ["version", "mesh", "files", "state", "uptime", "problem", "processes"]
    assert list(found["processes"][0]) == KEYS
    assert found["processes"][0]["links"] == {"ticks": {"up": 0, "declared": 1}}
    assert found["processes"][0]["memory"] > 1_000_000


def test_one_without_a_process_uses_nothing() -> None:
    found, looks = document(told(pid=None), DECLARED, {}, time.monotonic())
    assert [found["processes"][0][key] for key in ("count", "cpu", "memory")] == [None, None, None]
    assert looks == {}


def test_percents_of_cpu_count_from_the_last_look() -> None:
    now = time.monotonic()
    first, looks = document(told(started=now - 1000.0), DECLARED, {}, now)
    [(pid, (spent, at))] = looks.items()
    assert (pid, at) == (os.getpid(), now)
    assert first["processes"][0]["cpu"] == round(100 * spent / 1000, 1)
    again, _ = document(told(), DECLARED, {pid: (spent - 0.5, now - 1.0)}, now)
    assert again["processes"][0]["cpu"] >= 50.0


def test_one_that_does_not_answer_is_said_what_it_does() -> None:
    found, _ = document(told(mute=True), DECLARED, {}, time.monotonic())
    assert found["processes"][0]["doing"] != ""


def test_links_outside_count_where_a_process_has_some(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        far = ExternalLink("feed", "gateway", "exchange.orders", binds=False)
        answer = told()
        answer["addresses"]["exchange.orders"] = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        found, _ = document(answer, DECLARED._replace(external=[far]), {}, time.monotonic())
    assert list(found["processes"][0]) == [*KEYS, "outside"]
    assert found["processes"][0]["outside"] == {"gateway": {"up": 1, "declared": 1}}


def test_the_keys_of_processes_are_said_once() -> None:
    answer = status(fresh(market(1), 0.0), {}, "", 5.0)
    columns, [row, *_] = answer["columns"], answer["processes"]
    assert Ps.read(answer)["processes"][0] == dict(zip(columns, row, strict=True))
    with pytest.raises(BadMessage, match=r"^ps: processes\.generation: 'x' is not a whole number$"):
        Ps.read({**answer, "processes": [[*row[:9], "x", *row[10:]]]})
    with pytest.raises(BadMessage, match=r"^ps: processes\.runs: is missing$"):
        Ps.read({**answer, "processes": [row[:-1]]})
