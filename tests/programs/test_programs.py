"""Programs in other languages under ``command:``, between a source and a sink of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.topologies.running import Machine

pytestmark = pytest.mark.process

HERE = Path(__file__).parent
MODULES = Path(os.environ.get("ORCHESTRATOR_TEST_NODE_MODULES", HERE / "node_modules"))


@pytest.fixture(scope="session")
def c_relay(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is missing")
    if subprocess.run(
        [compiler, "-E", "-xc", "-"], input="#include <zmq.h>", text=True, capture_output=True
    ).returncode:
        pytest.skip("libzmq's header zmq.h is missing (Debian: libzmq3-dev)")
    program = tmp_path_factory.mktemp("c") / "relay"
    subprocess.run([compiler, "-Wall", "-Werror", "-o", program, HERE / "relay.c", "-lzmq"], check=True)
    return str(program)


@pytest.fixture(scope="session")
def javascript_relay() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is missing")
    if not (MODULES / "zeromq").is_dir():
        pytest.skip(f"{MODULES}: the npm package zeromq is missing (ORCHESTRATOR_TEST_NODE_MODULES is its folder)")
    return f"{node} {HERE / 'relay.js'}"


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
@pytest.mark.parametrize("language", ["c", "javascript"])
def test_relay(
    language: str,
    transport: str,
    machine: Machine,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command: str = request.getfixturevalue(f"{language}_relay")
    monkeypatch.setenv("NODE_PATH", str(MODULES))
    settings = (f"relay={command}", f"transport={transport}")
    said = machine.up(str(HERE / "relay.topology.yaml"), *(word for each in settings for word in ("--set", each)))
    assert said.status == 0, said.progress
    assert said.by("relay") == ["relay of relay relays"]
    assert said.by("sink") == ["all doubled"]
    assert machine.meshes() == []
