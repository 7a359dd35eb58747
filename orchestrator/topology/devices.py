"""Programs of ours that stand between sockets: what they are called, run, and have for sockets."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Device(NamedTuple):
    """``python`` is its callable, ``sockets`` those that need not be written, ``needs`` and ``takes`` its args."""

    python: str
    sockets: Mapping[str, Mapping[str, Any]] = _NOTHING
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


def _device(
    module: str, frontend: Mapping[str, Any], backend: Mapping[str, Any], takes: tuple[str, ...] = ()
) -> Device:
    return Device(f"orchestrator.devices.{module}:main", {"frontend": frontend, "backend": backend}, takes=takes)


DEVICES: Mapping[str, Device] = MappingProxyType(
    {
        # Not XSUB and XPUB, which pass subscriptions on only once they run: here the gate knows both sides.
        "forwarder": _device("forwarder", {"type": "SUB", "subscribe": ""}, {"type": "PUB"}),
        "queue": _device("queue", {"type": "ROUTER"}, {"type": "DEALER"}),
        "streamer": _device("streamer", {"type": "PULL"}, {"type": "PUSH"}),
        "last-value-cache": _device(
            "last_value_cache", {"type": "SUB", "subscribe": ""}, {"type": "XPUB", "xpub_verbose": True}, ("separator",)
        ),
        "recorder": Device("orchestrator.devices.recorder:main", needs=("file",)),
        "replayer": Device("orchestrator.devices.replayer:main", needs=("file",), takes=("speed",)),
    }
)
"""By the word behind ``device``."""


def named(word: Any) -> Device | None:
    """Return the device of a word; None where there is none."""
    return DEVICES.get(word) if isinstance(word, str) else None


def fill(body: dict[str, Any]) -> None:
    """Return a node's body the sockets that its device has and nobody wrote."""
    device = named(body.get("device"))
    written = body.get("sockets")
    if device is None or not (written is None or isinstance(written, dict)):
        return
    sockets = {name: dict(declared) for name, declared in device.sockets.items()}
    for name, declared in (written or {}).items():
        told = sockets.get(name)
        both = told is not None and isinstance(declared, dict)
        sockets[name] = {**told, **declared} if both and told is not None else declared
    body["sockets"] = sockets
