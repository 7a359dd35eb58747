"""A running mesh seen from outside: found, started, asked, followed, waited for, tapped.

What is public is loaded when it is first named, so that a command which needs one part loads no more.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.client.errors import MeshEndedError, MeshError, MeshGoneError, MeshTimeoutError
    from orchestrator.client.mesh import End, Mesh
    from orchestrator.project.errors import UsageError

_MODULES = {
    "client.errors": ("MeshEndedError", "MeshError", "MeshGoneError", "MeshTimeoutError"),
    "client.mesh": ("End", "Mesh"),
    "project.errors": ("UsageError",),
}

__all__ = ["End", "Mesh", "MeshEndedError", "MeshError", "MeshGoneError", "MeshTimeoutError", "UsageError"]


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"orchestrator.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
