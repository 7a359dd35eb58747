"""``${index}`` and its like, known for one process, and ``${endpoint.SOCKET}``, known once addresses are.

Escaped ones (``$${index}``) come here still escaped, since only here it is seen that they are variables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Variables = Mapping[str, str | int]

_VARIABLE = re.compile(r"(\$)?\$\{(index|count|node|process|mesh)\}")
_ENDPOINT = re.compile(r"(\$)?\$\{(endpoints?)\.([a-z][a-z0-9_-]*)\}")


def varies(value: Any) -> bool:
    """Tell whether a value, however deep, holds a variable of the process."""
    if isinstance(value, str):
        return "${" in value and _VARIABLE.search(value) is not None
    if isinstance(value, dict):
        return any(map(varies, value.values()))
    return isinstance(value, list | tuple) and any(map(varies, value))


def fill(value: Any, variables: Variables) -> Any:
    """Replace the variables in a value, however deep; a text that is one variable and no more becomes its value."""
    if isinstance(value, str):
        if "${" not in value:
            return value
        alone = _VARIABLE.fullmatch(value)
        return variables[alone[2]] if alone and not alone[1] else settle(fill_text(value, variables))
    if isinstance(value, dict):
        return {key: fill(each, variables) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [fill(each, variables) for each in value]
    return value


def fill_text(text: str, variables: Variables) -> str:
    """Replace the variables in a text, but those of endpoints."""

    def value(match: re.Match[str]) -> str:
        return match[0][1:] if match[1] else str(variables[match[2]])

    return _VARIABLE.sub(value, text) if "${" in text else text


def settle(text: str) -> str:
    """Take the escape from ``$${endpoint.SOCKET}`` in a text where endpoints are not replaced."""
    return _ENDPOINT.sub(lambda match: match[0][1:] if match[1] else match[0], text) if "${" in text else text


def endpoints_in(text: str) -> Iterator[tuple[bool, str]]:
    """Give the sockets whose endpoints a text names, and whether it wants exactly one of each."""
    if "${" in text:
        for escape, word, socket in _ENDPOINT.findall(text):
            if not escape:
                yield word == "endpoint", socket


def fill_endpoints(text: str, addresses: Callable[[str], list[str]]) -> str:
    """Replace ``${endpoint.SOCKET}`` and ``${endpoints.SOCKET}`` by addresses with commas between."""

    def value(match: re.Match[str]) -> str:
        return match[0][1:] if match[1] else ",".join(addresses(match[3]))

    return _ENDPOINT.sub(value, text) if "${" in text else text
