"""What a node asks of the items of its ``each``: ``${each.FIELD}`` must be there, and be text where text is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orchestrator.plan.collector import Diagnostics
from orchestrator.plan.expand.process_variables import alone_in, used_in
from orchestrator.plan.expand.replicas import NodeInstances
from orchestrator.topology.collector import written
from orchestrator.topology.diagnostics.hints import like
from orchestrator.topology.model import Node

ITSELF = "the items are no mappings; ${each} is the item itself"

Path = tuple[str | int, ...]


def check(of: NodeInstances, found: Diagnostics) -> None:
    """Add to ``found`` every use of an item that some item cannot meet."""
    items = of.node.each or {}
    for path, text in _texts(of.node):
        alone = alone_in(text) if path[0] == "args" else ""
        for name in used_in(text):
            if items and name.startswith("each"):
                _use(of, items, ("nodes", of.name, *path), name, found, scalar=not alone)


def _use(of: NodeInstances, items: dict[str, Any], path: Path, name: str, found: Diagnostics, *, scalar: bool) -> None:
    field = name.partition(".")[2]
    values = {
        key: item if not field else item.get(field) if isinstance(item, dict) else None for key, item in items.items()
    }
    lacking = [key for key, value in values.items() if value is None]
    if len(lacking) == len(items):
        fields = {each: None for item in items.values() if isinstance(item, dict) for each in item}
        near = like(field, fields)
        hint = f"did you mean {near}?" if near else f"they have {', '.join(list(fields)[:20])}" if fields else ITSELF
        found.add("S020", path, f"no item of {of.name} has a field {field}", "", hint)
    elif lacking:
        for key in lacking:
            message = f"the item {key} has no {field}, which {written(path)} uses"
            found.add("S020", _place(of, items, key), message)
    elif scalar and (wrong := next((key for key, value in values.items() if isinstance(value, dict | list)), "")):
        what = "a mapping" if isinstance(values[wrong], dict) else "a list"
        hint = "" if field else "${each.FIELD} is a field of it"
        found.add("S020", path, f"${{{name}}} of the item {wrong} is {what}, where text is wanted", "", hint)


def _place(of: NodeInstances, items: dict[str, Any], key: str) -> Path:
    listed = not any(isinstance(item, dict) for item in items.values())
    return ("nodes", of.name, "each", list(items).index(key) if listed else key)


def _texts(node: Node) -> Iterator[tuple[Path, str]]:
    """Yield the values that may use an item, as paths below their node."""
    parts: dict[str, Any] = {
        "command": node.command,
        "args": node.args,
        "env": node.env,
        "env_file": node.env_file,
        "working_dir": node.working_dir,
        "stdin": node.stdin,
    }
    for key, value in parts.items():
        yield from _walk((key,), value)
    for name, socket in node.sockets.items():
        yield from _walk(("sockets", name), socket.options)
        yield from _walk(("sockets", name, "subscribe"), socket.subscribe)


def _walk(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list | tuple):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _walk((*path, key), each)
