"""What can go wrong for whoever asks a mesh that runs; every message is one line."""

from __future__ import annotations

from orchestrator.errors import OrchestratorError


class MeshError(OrchestratorError):
    """A mesh did not do what was asked of it; a command that reports it ends with status 1."""


class MeshGoneError(MeshError):
    """The mesh is not kept any more, or never was: its supervisor and its keeper are gone."""

    @staticmethod
    def named(name: str) -> MeshGoneError:
        """Return the error that says so of a mesh."""
        return MeshGoneError(f"{name}: its supervisor and its keeper are gone; up takes over the nodes that still run")


class MeshEndedError(MeshError):
    """The mesh ended before what was waited for came true."""


class MeshTimeoutError(MeshError, TimeoutError):
    """What was waited for did not come true in time."""
