"""How meshes, nodes, sockets and edges may be called. Nothing is loaded for it."""

from __future__ import annotations

NAME = "[a-z][a-z0-9_-]{0,62}"
"""A regular expression, without anchors."""

ITEM = "[A-Za-z0-9_-]+"
"""Of an item of ``each``."""

NAMES = "[a-z][a-z0-9_-]*, at most 63 characters"
"""What is told of a name that will not do."""
