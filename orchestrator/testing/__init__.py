"""What the pytest fixture ``mesh`` gives, for the annotations of tests: ``def test(mesh: Meshes) -> None``."""

from orchestrator.pytest_plugin.running import Meshes, RunningMesh

__all__ = ["Meshes", "RunningMesh"]
