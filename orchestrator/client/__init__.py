"""A running mesh seen from outside: found, started, asked, followed, waited for, tapped.

``Mesh`` is for everybody; it is loaded when it is first named, so that a command which needs one part loads no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.client.mesh import Mesh

__all__ = ["Mesh"]


def __getattr__(name: str) -> Any:
    if name != "Mesh":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from orchestrator.client.mesh import Mesh

    return Mesh
