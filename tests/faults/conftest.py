from __future__ import annotations

from tests.support.meshes import mesh

__all__ = ["mesh"]
