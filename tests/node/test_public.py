"""What a user's program imports, and what a type checker takes its sockets for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import orchestrator.node
from orchestrator.errors import OrchestratorError
from orchestrator.node import BatchSocket, BatchSubSocket, DurablePushSocket, Node, WiringError

PROGRAM = Path(__file__).with_name("user_sockets.py")


def test_every_public_name_is_there() -> None:
    for name in orchestrator.node.__all__:
        assert getattr(orchestrator.node, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        getattr(orchestrator.node, "Nothing")  # noqa: B009


def test_every_public_exception_ends_in_error() -> None:
    public = [getattr(orchestrator.node, name) for name in orchestrator.node.__all__]
    ours = [each.__name__ for each in public if isinstance(each, type) and issubclass(each, OrchestratorError)]
    assert len(ours) >= 7
    assert [name for name in ours if not name.endswith("Error")] == []


def test_a_program_that_imports_a_node_loads_no_delivery() -> None:
    code = "import sys, orchestrator.node; print([m for m in sys.modules if m.startswith('orchestrator.delivery.')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"delivery\.(\w+)", loaded)) <= {"drained", "dropped", "received"}


def test_a_type_checker_believes_every_kind_of_socket(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(PROGRAM)],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = PROGRAM.read_text().splitlines()
    wanted = {at: line.partition("  # ")[2] for at, line in enumerate(lines, 1) if "reveal_type(" in line}
    told = dict(re.findall(r":(\d+): note: Revealed type is \"(.*)\"", done.stdout))
    found = {int(at): re.sub(r"\b[a-z_]+\.(?:[a-z_]+\.)*", "", of) for at, of in told.items()}
    assert "error:" not in done.stdout, done.stdout
    assert found == wanted


BATCH = {"messages": 10, "bytes": 1000, "delay": 0.001}


def test_a_socket_of_another_class_is_refused() -> None:
    sockets = {
        "out": {"type": "PUSH", "bind": "inproc://a", "batch": BATCH},
        "plain": {"type": "PUSH", "bind": "inproc://b"},
    }
    with Node.standalone(sockets) as node:
        assert isinstance(node.socket("out", BatchSocket), BatchSocket)
        assert node.socket("out", BatchSocket) is node.socket("out")
        with pytest.raises(WiringError, match="'out' is a BatchSocket, not a DurablePushSocket"):
            node.socket("out", DurablePushSocket)
        with pytest.raises(WiringError, match="'plain' is a Socket, not a BatchSubSocket"):
            node.socket("plain", BatchSubSocket)


@pytest.mark.parametrize("edge", [{"batch": {}}, {"retry": {}}])
def test_what_an_edge_lacks_is_named(edge: dict[str, dict[str, object]]) -> None:
    sockets = {"out": {"type": "REQ" if "retry" in edge else "PUSH", "bind": "inproc://a", **edge}}
    with pytest.raises(WiringError, match="socket 'out': what its edge adds lacks '"), Node.standalone(sockets):
        pass
