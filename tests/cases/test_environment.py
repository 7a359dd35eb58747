"""What a process finds in its environment."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from .conftest import Case

pytestmark = pytest.mark.process

OTHER_SYSTEMS_KEYS = {
    f"{name}": "of another mesh"
    for name in (
        "ZMQ_IN_CONNECT",
        "ZMQ_OTHER_SIDE_BIND",
        *(f"ORCHESTRATOR_{each}" for each in ["PROCESS", "NODE", "INDEX", "COUNT", "MESH", "WIRING", "ARGS", "KEY"]),
    )
}
"""Variables of a process of another mesh."""

OWN = {
    "ZMQ_IN_BIND",
    *(f"ORCHESTRATOR_{each}" for each in ["PROCESS", "NODE", "INDEX", "COUNT", "MESH", "WIRING", "ARGS", "KEY"]),
}


@pytest.fixture(autouse=True)
def buffered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests themselves run as most do."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


def names(text: str) -> set[str]:
    """Give the names of the variables that ``env`` prints of a mesh."""
    return set(re.findall(r"^(?:.*\| )?((?:ZMQ|ORCHESTRATOR(?!_TEST))_\w+)=", text, re.MULTILINE))


def test_a_mesh_in_a_mesh_has_its_own_addresses(case: Callable[..., Case]) -> None:
    ended = case("mesh-in-a-mesh")("up", "outer.topology.yaml", "--timeout", "12s")
    assert ended.status == 0, ended.text
    assert names(ended.out) == OWN


def test_what_is_written_stays_and_env_and_run_agree(case: Callable[..., Case]) -> None:
    made = case("mesh-in-a-mesh", **OTHER_SYSTEMS_KEYS, ORCHESTRATOR_FILE="t.yaml", ZMQ_POLL_ENABLED="kept")
    (made.folder / "of.env").write_text("ZMQ_FROM_FILE_BIND=tcp://192.0.2.1:1\n")
    (made.folder / "t.yaml").write_text(
        "name: own\n"
        "nodes:\n"
        "  b:\n"
        '    command: [bash, -c, "env; echo started; sleep 60"]\n'
        "    ready: {log: started}\n"
        "    env: {ZMQ_WRITTEN_CONNECT: tcp://192.0.2.1:2}\n"
        "    env_file: of.env\n"
        "    sockets: {in: PULL}\n"
        "  c: {command: sleep 60, sockets: {out: PUSH}}\n"
        "edges: {e: {bind: b.in, connect: c.out}}\n"
    )
    begun = made("up", "-d")  # by ORCHESTRATOR_FILE
    assert begun.status == 0, begun.text
    written = {"ZMQ_WRITTEN_CONNECT", "ZMQ_FROM_FILE_BIND"}
    try:
        ran = made("run", "-m", "own", "--yes", "b", "--", "env")
        assert names(ran.out) == OWN | written | {"ZMQ_POLL_ENABLED"}, ran.text
        shown = made("env", "-m", "own", "b")
        assert names(shown.out) == OWN | {"ZMQ_WRITTEN_CONNECT"}
        assert "PYTHONUNBUFFERED=1" in shown.out
        logged = made("logs", "-m", "own", "b")
        assert names(logged.out) == OWN | written | {"ZMQ_POLL_ENABLED"}, logged.text
    finally:
        made("down", "-m", "own", "--now")


def test_a_command_loses_no_output_when_a_signal_ends_it(case: Callable[..., Case]) -> None:
    made = case("real")
    assert "hello before" in made("up", "pycmd.topology.yaml", "--for", "1s").out
    made.extra["PYTHONUNBUFFERED"] = ""
    # What is inherited stays, and is the control: Python takes an empty one for none.
    assert "hello before" not in made("up", "pycmd.topology.yaml", "--for", "1s").out


def test_a_python_node_under_an_interpreter_of_its_own_prints_line_by_line(case: Callable[..., Case]) -> None:
    made = case("real")
    (made.folder / "says.py").write_text(
        "import os, signal\ndef main(node):\n    print('before the end')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    (made.folder / "t.yaml").write_text(
        "nodes: {a: {python: says:main, kind: main, restart: never, env: {MALLOC_ARENA_MAX: '1'}}}\n"
    )
    assert "before the end" in made("up", "t.yaml").out


def test_a_zone_that_is_written_is_taken_in(case: Callable[..., Case]) -> None:
    """It is read when an interpreter starts, as coverage and allocators read theirs."""
    made = case("real", TZ="UTC")
    (made.folder / "zone.py").write_text("import time\ndef main(node): print(time.strftime('%H'), time.tzname[0])\n")
    (made.folder / "t.yaml").write_text("nodes: {a: {python: zone:main, kind: main, env: {TZ: XYZ-5}}}\n")
    ended = made("up", "t.yaml")
    assert " XYZ" in ended.out, ended.text
