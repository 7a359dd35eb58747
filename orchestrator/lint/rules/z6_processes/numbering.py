"""Numbers of processes that move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from orchestrator.lint.core.registry import Path, RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z613", "info")
def index_under_each(index: TopologyView) -> Iterator[RuleHit]:
    """``${index}`` in a node with ``each``.

    Why it matters: the number of an item moves when another is added before it; its name, ``${key}``, does not.

    Bad:
        nodes:
          camera:
            python: camera:main
            each: [left, right]
            args: {port: "${index}"}  # Z613

    Good:
        nodes:
          camera:
            python: camera:main
            each: {left: {port: 0}, right: {port: 1}}
            args: {port: "${each.port}"}

    Source: the topology language.
    """
    for name, node in index.nodes.items():
        if node.each is None:
            continue
        for key, value in (("args", node.args), ("env", node.env), ("command", node.command), ("stdin", node.stdin)):
            if path := _numbered(value, ("nodes", name, key)):
                message = "${index} moves when an item is added before it"
                yield RuleHit(path, message, "", "${key} is the item's name", key=True)
                break


def _numbered(value: Any, path: Path) -> Path:
    """Give where ``${index}`` stands in a value, however deep; empty where it does not."""
    if isinstance(value, str):
        return path if "${index}" in value else ()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    return next((found for key, item in items if (found := _numbered(item, (*path, key)))), ())
