"""What programs import to run meshes."""

from __future__ import annotations

import subprocess
import sys

import orchestrator.client
import orchestrator.testing
from orchestrator.errors import OrchestratorError


def test_every_public_name_is_there() -> None:
    for module in (orchestrator.client, orchestrator.testing):
        for name in module.__all__:
            assert getattr(module, name).__name__ == name


def test_the_errors_of_a_mesh_are_one_family() -> None:
    named = [getattr(orchestrator.client, name) for name in orchestrator.client.__all__ if name.endswith("Error")]
    of_a_mesh = [each for each in named if issubclass(each, orchestrator.client.MeshError)]
    assert {each.__name__ for each in of_a_mesh} == {"MeshError", "MeshGoneError", "MeshEndedError", "MeshTimeoutError"}
    assert [each for each in named if each not in of_a_mesh] == [orchestrator.client.UsageError]
    assert issubclass(orchestrator.client.MeshError, OrchestratorError)
    assert issubclass(orchestrator.client.MeshTimeoutError, TimeoutError)


def test_what_is_not_named_is_not_loaded() -> None:
    code = "import sys, orchestrator.client; print([m for m in sys.modules if m.startswith('orchestrator.client.')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
