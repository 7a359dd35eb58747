"""``each``: a list of scalars or a mapping, as the items of a node's processes."""

from __future__ import annotations

from typing import Any

from orchestrator.topology.collector import Diagnostics, shown
from orchestrator.topology.parse.position import Path
from orchestrator.topology.parse.scalars import Written, as_text

_ITEM = "a name of letters, digits, _ and -: processes are named by it"


def items(raw: Any, path: Path, findings: Diagnostics) -> Any:
    """Return the items and their values, an item of a list as its own value. What is wrong is noted, and left out."""
    if raw.__class__ is dict:
        found = {name: item for name, item in raw.items() if item is not None}
        if raw and not found:
            hint = "give them values, or write a list of names"
            findings.add("S012", path, "every item is null, as if none were written", "", hint)
        return found
    if raw.__class__ is not list:
        return raw  # the model refuses it
    found = {}
    for number, item in enumerate(raw):
        name = as_text(item)
        if not isinstance(name, str):
            findings.add("S012", (*path, number), f"{shown(item)} cannot be used", _ITEM, "or write a mapping")
        elif name in found:
            findings.add("S012", (*path, number), f"the item {name[:70]} stands twice", "", "remove one")
        else:
            found[name] = item if isinstance(item, Written) or not isinstance(item, str) else name
    return found
