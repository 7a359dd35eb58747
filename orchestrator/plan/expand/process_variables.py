"""``${index}`` and its like, known for one process.

Escaped ones (``$${index}``) come here still escaped, since only here it is seen that they are variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.plan.expand.endpoint_variables import settle
from orchestrator.topology.parse.scalars import as_text, as_value

Variables = Mapping[str, Any]

_VARIABLE = re.compile(r"(\$)?\$\{(index|count|node|process|mesh|key|each(?:\.[A-Za-z_][A-Za-z0-9_-]*)?)\}")


def varies(value: Any) -> bool:
    """Return whether a value, however deep, holds a variable of the process."""
    kind = value.__class__
    if kind is dict or kind is list or kind is tuple:
        return any(map(varies, value.values() if kind is dict else value))
    return isinstance(value, str) and "${" in value and _VARIABLE.search(value) is not None


def holds(value: Any) -> bool:
    """Return whether there is any ``${`` in a value, however deep: a variable, or an escaped one."""
    kind = value.__class__
    if kind is dict or kind is list or kind is tuple:
        return any(map(holds, value.values() if kind is dict else value))
    return isinstance(value, str) and "${" in value


def used_in(text: str) -> Iterator[str]:
    """Yield the names of the variables in a text, but those of endpoints."""
    if "${" in text:
        for escape, name in _VARIABLE.findall(text):
            if not escape:
                yield name


def alone_in(text: str) -> str:
    """Return the name of the variable that is the whole of a text, else an empty one."""
    alone = _VARIABLE.fullmatch(text)
    return alone[2] if alone and not alone[1] else ""


def fill(value: Any, variables: Variables) -> Any:
    """Replace the variables in a value, however deep; a text that is one variable and no more becomes its value."""
    if isinstance(value, str):
        if "${" not in value:
            return value
        alone = alone_in(value)
        return _settled(as_value(variables[alone])) if alone else settle(fill_text(value, variables))
    if isinstance(value, dict):
        return {key: fill(each, variables) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [fill(each, variables) for each in value]
    return value


def fill_text(text: str, variables: Variables) -> str:
    """Replace the variables in a text, but those of endpoints."""

    def value(match: re.Match[str]) -> str:
        return match[0][1:] if match[1] else str(as_text(variables[match[2]]))

    return _VARIABLE.sub(value, text) if "${" in text else text


def fill_item(value: Any, variables: Variables) -> Any:
    """Replace the variables in an item of ``each``, however deep; what names endpoints stays for where it is used."""
    if isinstance(value, str):
        return fill_text(value, variables) if "${" in value else value
    if isinstance(value, dict):
        return {key: fill_item(each, variables) for key, each in value.items()}
    return [fill_item(each, variables) for each in value] if isinstance(value, list | tuple) else value


def _settled(value: Any) -> Any:
    if isinstance(value, str):
        return settle(value)
    if isinstance(value, dict):
        return {key: _settled(each) for key, each in value.items()}
    return [_settled(each) for each in value] if isinstance(value, list | tuple) else value
