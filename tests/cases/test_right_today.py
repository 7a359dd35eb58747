"""Meshes of other tools and of public reports that have always ended as they should here."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrator.client import connection
from orchestrator.control.verbs import Info
from tests.support.waiting import until

from .conftest import Case

pytestmark = pytest.mark.process

Cases = Callable[..., Case]

GENEROUS = 8.0
"""Seconds: far below the 10 s of a grace, and below what the processes themselves sleep."""


def rows(of: Case, *more: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in of.json("ps", *more)["processes"]}


def running(command: str) -> list[int]:
    """Give the processes that run a command with these words."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if command.encode() == each.read_bytes().rstrip(b"\0").replace(b"\0", b" "):
                found.append(int(each.parent.name))
        except OSError:
            continue
    return found


# ---- by default: a second or two each


@pytest.mark.long
def test_a_mesh_stops_at_once_while_processes_wait_for_others(case: Cases) -> None:
    of = case("pc-shutdown-while-waiting")
    assert of("up", "-d", "--wait-timeout", "100ms").status == 1
    assert rows(of)["p0"]["state"] == "waiting"
    began = time.monotonic()
    assert of("down").status == 0
    assert time.monotonic() - began < GENEROUS


def test_the_status_of_tests_is_passed_on_and_nothing_is_left_of_the_database(case: Cases) -> None:
    up = case("pc-mongodb")("up")
    assert up.status == 7
    order = [up.out.index(text) for text in ("rs-init | initiate", "tests   | test start", "tests   | test end")]
    assert order == sorted(order)
    assert running("sleep 1000.414") == []


@pytest.mark.long
def test_each_client_has_its_own_replies(case: Cases) -> None:
    up = case("dora-service")("up")
    assert up.status == 0
    assert sorted(re.findall(r"\| (client-\w+) replies right 5$", up.out, re.MULTILINE)) == ["client-one", "client-two"]


@pytest.mark.long
def test_a_restart_while_it_waits_starts_it_once_when_its_turn_comes(case: Cases) -> None:
    of = case("pc-restart-while-waiting")
    text = (of.folder / "topology.yaml").read_text()
    (of.folder / "topology.yaml").write_text(text.replace("sleep 30;", "until [ -e go ]; do sleep 0.05; done;"))
    assert of("up", "-d", "--wait-timeout", "100ms").status == 1
    with of.start("restart", "b") as restart:
        until(lambda: "as asked: restart b" in of("events").out)
        (of.folder / "go").touch()
        assert restart.wait(30) == 0
    found = rows(of)
    assert (found["a"]["state"], found["b"]["state"], found["b"]["generation"]) == ("ready", "ready", 1)
    assert of("down").status == 0


# ---- long


@pytest.mark.long
def test_requests_are_sent_again_and_each_has_its_reply(case: Cases) -> None:
    of = case("req-without-answer")
    retry = of("up", "retry.topology.yaml", "--timeout", "30s")
    assert (retry.status, re.findall(r"client \| got re (\d)", retry.out)) == (0, [*"012345"])
    (of.folder / "died").unlink()
    relaxed = of("up", "relaxed.topology.yaml", "--timeout", "30s")
    assert (relaxed.status, relaxed.out.count("no reply to")) == (0, 1)
    (of.folder / "died").unlink()
    assert "Z306" in of("validate", "topology.yaml").text
    assert of("up", "topology.yaml", "--timeout", "3s").status != 0  # stuck, and killed in the end


@pytest.mark.long
def test_restart_policies_bring_links_back(case: Cases) -> None:
    up = case("dora-restart")("up", "--for", "3s")
    assert re.search(r"status +! exited with status 1 .*asked to fail", up.text)
    assert up.text.count("| eight") >= 1
    assert re.search(r"drained +5/5", up.text), (
        up.text
    )  # also where one waits for its restart: its reader goes all the same


@pytest.mark.long
def test_nothing_is_left_of_what_leaves_its_session_and_ignores_signals(case: Cases) -> None:
    of = case("pc-leftovers")
    of("up", "--for", "1s")
    assert running("sleep 1000.49") == []
    up = of("up", "daemon.topology.yaml")
    assert (up.status, "client | client" in up.out) == (0, True)
    assert running("sleep 1000.258") == []


@pytest.mark.long
def test_the_main_example_of_process_compose(case: Cases) -> None:
    of = case("pc-main-file")
    text = (of.folder / "topology.yaml").read_text()
    base = next(port for port in range(4040, 5000, 10) if all(free(port + index) for index in range(3)))
    text = text.replace("404${index}", f"{base // 10}${{index}}")
    (of.folder / "topology.yaml").write_text(text)
    up = of("up", "--for", "4s")
    assert up.status == 1
    assert "process1 ! was not started: process2 failed" in up.text
    assert re.search(r"process4 ! exited with status 4 .*", up.text)
    assert re.search(r"process4 ! restart 1 in ", up.text)
    told = [json.loads(line) for line in of("events", "--format", "json").out.splitlines()]
    assert {f"server-{index}" for index in range(3)} <= {each["process"] for each in told if each["event"] == "ready"}


def free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.mark.long
def test_a_mesh_whose_all_are_killed_at_once_starts_anew(case: Cases) -> None:
    of = case("all-killed-at-once")
    assert of("up", "-d").status == 0
    pids = [each["pid"] for each in rows(of).values()]
    info = connection.ask(str(of.run / "orchestrator" / of.json("ps")["mesh"] / "supervisor"), Info())
    keeper, supervisor = info["keeper"], info["pid"]
    for pid in (keeper, supervisor, *pids):
        os.kill(pid, signal.SIGKILL)
    until(lambda: of("ps").status != 0 or "not running" in of("ps").text or "lost" in of("ps").text)
    assert of("up", "-d").status == 0
    assert {each["state"] for each in rows(of).values()} == {"ready"}
    assert of("down").status == 0


@pytest.mark.long
def test_a_forwarder_that_dies_keeps_no_topic_back(case: Cases) -> None:
    of = case("proxy-restarts")
    assert of("up", "-d").status == 0
    assert of("kill", "proxy").status == 0
    until(lambda: (rows(of)["proxy"]["state"], rows(of)["proxy"]["generation"]) == ("ready", 2))
    assert of("restart", "pub").status == 0
    until(lambda: all(link["up"] == link["declared"] for row in rows(of).values() for link in row["links"].values()))
    time.sleep(1.5)  # what the program itself calls late is a second old
    assert of("down").status == 0
    assert "late topics [] seen [b'A', b'B']" in of("logs", "sub").out


@pytest.mark.long
@pytest.mark.skipif(importlib.util.find_spec("gevent") is None, reason="gevent is not installed")
def test_programs_under_gevent_have_all_their_messages(case: Cases) -> None:
    of = case("gevent")
    assert "gevent got 50" in of("up", "a.topology.yaml", "--for", "4s").out
    assert "green got 50" in of("up", "b.topology.yaml", "--for", "4s").out
