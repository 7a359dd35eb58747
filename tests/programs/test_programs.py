"""Programs in other languages under ``command:``, between a source and a sink of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.building import MODULES, compiled, node
from tests.topologies.running import Machine

pytestmark = pytest.mark.process

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def c_relay(tmp_path_factory: pytest.TempPathFactory) -> str:
    return compiled(HERE / "relay.c", tmp_path_factory.mktemp("c"))


@pytest.fixture(scope="session")
def javascript_relay() -> str:
    return f"{node()} {HERE / 'relay.js'}"


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
