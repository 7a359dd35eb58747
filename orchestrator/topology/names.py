"""How meshes, nodes, sockets and edges may be called. Nothing is loaded for it."""

from __future__ import annotations

NAME = "[a-z][a-z0-9_-]{0,62}"
"""A regular expression, without anchors."""

ITEM = "[A-Za-z0-9_-]+"
"""Of an item of ``each``."""

NAMES = "[a-z][a-z0-9_-]*, at most 63 characters"
"""What is told of a name that will not do."""


def mesh_name(file: str) -> str:
    """Return the name of a mesh whose file has none: that of the file up to the first dot, or of its folder."""
    import re
    from pathlib import Path

    path = Path(file)
    stem = path.resolve().parent.name if path.name in ("topology.yaml", "topology.yml") else path.name.partition(".")[0]
    return re.sub(r"[^a-z0-9_-]", "-", stem.lower())
