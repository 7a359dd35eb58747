"""``${endpoint.SOCKET}``, which stays in texts until addresses are known; escaped ones (``$${...}``) too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_ENDPOINT = re.compile(r"(\$)?\$\{(endpoints?)\.([a-z][a-z0-9_-]*)\}")


def settle(text: str) -> str:
    """Take the escape from ``$${endpoint.SOCKET}`` in a text where endpoints are not replaced."""
    return _ENDPOINT.sub(lambda match: match[0][1:] if match[1] else match[0], text) if "${" in text else text


def endpoints_in(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the sockets whose endpoints a text names, and whether it wants exactly one of each."""
    if "${" in text:
        for escape, word, socket in _ENDPOINT.findall(text):
            if not escape:
                yield word == "endpoint", socket


def fill_endpoints(text: str, addresses: Callable[[str], list[str]]) -> str:
    """Replace ``${endpoint.SOCKET}`` and ``${endpoints.SOCKET}`` by addresses with commas between."""

    def value(match: re.Match[str]) -> str:
        return match[0][1:] if match[1] else ",".join(addresses(match[3]))

    return _ENDPOINT.sub(value, text) if "${" in text else text
