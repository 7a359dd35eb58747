from __future__ import annotations

from tests.promises.conftest import mesh

__all__ = ["mesh"]
