"""``${index}`` and its like, known for one process, and ``${endpoint.SOCKET}``, known once addresses are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

NAMES = ("index", "count", "key", "node", "process", "mesh")
"""The variables of one process."""

_VARIABLE = re.compile(r"\$\{(" + "|".join(NAMES) + r")\}")
_ENDPOINT = re.compile(r"\$\{(endpoints?)\.([a-z][a-z0-9_-]*)\}")


def varies(value: Any) -> bool:
    """Tell whether a value, however deep, holds a variable of the process."""
    if isinstance(value, str):
        return "${" in value and _VARIABLE.search(value) is not None
    if isinstance(value, dict):
        return any(varies(each) for each in value.values())
    return isinstance(value, list | tuple) and any(varies(each) for each in value)


def fill(value: Any, variables: Mapping[str, str | int]) -> Any:
    """Replace the variables in a value, however deep; a text that is one variable and no more becomes its value."""
    if isinstance(value, str):
        alone = _VARIABLE.fullmatch(value)
        return variables[alone[1]] if alone else fill_text(value, variables)
    if isinstance(value, dict):
        return {key: fill(each, variables) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [fill(each, variables) for each in value]
    return value


def fill_text(text: str, variables: Mapping[str, str | int]) -> str:
    """Replace the variables in a text."""
    return _VARIABLE.sub(lambda match: str(variables[match[1]]), text) if "${" in text else text


def used(value: Any) -> Iterator[str]:
    """Give the names of the variables that a value holds, however deep."""
    if isinstance(value, str):
        yield from (match[1] for match in _VARIABLE.finditer(value))
    elif isinstance(value, dict):
        for each in value.values():
            yield from used(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from used(each)


def endpoints_in(text: str) -> Iterator[tuple[bool, str]]:
    """Give the sockets whose endpoints a text names, and whether it wants exactly one of each."""
    return ((match[1] == "endpoint", match[2]) for match in _ENDPOINT.finditer(text))


def fill_endpoints(text: str, addresses: Callable[[str], list[str]]) -> str:
    """Replace ``${endpoint.SOCKET}`` and ``${endpoints.SOCKET}`` by addresses with commas between."""
    return _ENDPOINT.sub(lambda match: ",".join(addresses(match[2])), text) if "${" in text else text
