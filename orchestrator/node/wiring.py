"""The wiring of a node: read from its file, or made of what a program says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.contract import wiring as contract
from orchestrator.contract.wiring import SocketWiring, Wiring
from orchestrator.errors import WiringError


def read_wiring(path: str) -> Wiring:
    """Read a wiring. Raise WiringError."""
    try:
        with open(path, "rb", buffering=0) as file:
            return contract.load(file.read())
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise WiringError(f"{path}: cannot read the wiring: {reason}") from None


def standalone(
    sockets: Mapping[str, Mapping[str, Any]],
    mesh: str,
    name: str,
    index: int,
    count: int,
    key: str | None,
    *,
    args: Mapping[str, Any] | None,
    grace: float,
    journals: str,
) -> Wiring:
    """Make the wiring of a node without a mesh; see ``Node.standalone``."""
    process = name if count == 1 and key is None else f"{name}-{index if key is None else key}"
    made = {each: _standalone_socket(given) for each, given in sockets.items()}
    return Wiring(
        mesh, name, process, index, count, 0, made, key=key, args=dict(args or {}), grace=grace, journals=journals
    )


def _standalone_socket(given: Mapping[str, Any]) -> SocketWiring:
    options = dict(given)
    batch = options.pop("batch", None)
    found = {kind: options.pop(kind, None) for kind in ("retry", "durable", "replay")}
    bind, connect = (_several(options.pop(end, ())) for end in ("bind", "connect"))
    kind = options.pop("type")
    if "subscribe" in options:
        options["subscribe"] = _several(options["subscribe"])
    plain = {name: _binary(value) for name, value in options.items()}
    return SocketWiring(kind, bind, connect, plain, batch=batch, fd=(None,) * len(bind), **found)


def _several(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, str | bytes) else tuple(value)


def _binary(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_binary(each) for each in value)
    return contract.from_bytes(value) if isinstance(value, bytes) else value
