"""The wiring of one process: the JSON file that ORCHESTRATOR_WIRING names.

Programs in any language read it; its version grows only when a reader of the old one would be misled, so a reader
passes over the keys that it does not know.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.contract import codec

VERSION = 1

Binary = str | dict[str, str]
"""Bytes in JSON: text where they are UTF-8, else ``{"hex": "0102"}``."""


@dataclass(frozen=True, slots=True)
class SocketWiring:
    """One socket of a process, as it has to be made.

    ``bind`` and ``fd`` have one item for each address: an inherited listening descriptor, or None where the
    program binds by itself. ``options`` has libzmq's names and units (milliseconds, bytes); ``subscribe`` is
    among them as a list. ``edges`` names the edges, ``peers`` counts the processes of this mesh at the other ends.
    ``declared`` is where the socket was written, ``file:line:column``.
    """

    type: str
    bind: tuple[str, ...] = ()
    connect: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    edges: tuple[str, ...] = ()
    peers: int = 0
    delivery: str = "plain"
    batch: dict[str, Any] | None = None
    retry: dict[str, Any] | None = None
    durable: dict[str, Any] | None = None
    replay: dict[str, Any] | None = None
    fd: tuple[int | None, ...] = ()
    curve: dict[str, Any] | None = None
    declared: str = ""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What one process is told. ``control_fd`` is the listening control socket that it inherits, if it does.

    ``journals`` is the folder in which each socket that keeps messages has one of its own, ``process.socket``.
    ``grace`` is how many seconds the process may take to leave when nobody has set it a time by a stop.
    """

    mesh: str
    node: str
    process: str
    index: int
    count: int
    generation: int
    sockets: dict[str, SocketWiring]
    key: str | None = None
    args: dict[str, Any] = field(default_factory=dict)
    control: str = ""
    control_fd: int | None = None
    notify: str = ""
    grace: float = 10.0
    journals: str = ""
    version: int = VERSION

    def dump(self) -> bytes:
        """Return the wiring as JSON."""
        # Not dataclasses.asdict: it copies every value, and a large mesh starts with thousands of these.
        plain = {name: getattr(self, name) for name in self.__slots__}
        plain["sockets"] = {
            name: {key: getattr(socket, key) for key in socket.__slots__} for name, socket in self.sockets.items()
        }
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def load(text: bytes | str) -> Wiring:
    """Read a wiring from JSON. Raise ValueError for another version, and where it is none."""
    data = json.loads(text)
    if not isinstance(data, dict) or data.get("version") != VERSION:
        found = data.get("version") if isinstance(data, dict) else data
        raise ValueError(f"wiring version {found!r}, this library reads version {VERSION}")
    return codec.read(Wiring, "wiring", data)  # type: ignore[no-any-return]


def to_bytes(value: Binary) -> bytes:
    """Turn bytes as JSON holds them into bytes."""
    return value.encode() if isinstance(value, str) else bytes.fromhex(value["hex"])


def from_bytes(value: bytes) -> Binary:
    """Turn bytes into what JSON can hold."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def marker(process: str, socket: str, generation: int) -> bytes:
    r"""Return the topic that a SUB subscribes to last, so that its PUB knows all its subscriptions have come.

    Re-sent subscriptions travel in byte order, and ``\xff`` sorts last. The generation keeps the marker of a dead
    incarnation apart from its successor's.
    """
    return b"\xff" + f"{process}.{socket}.{generation}\n".encode()


def pack_markers(markers: Iterable[str]) -> dict[str, str]:
    """Put the text of markers together, so that those of thousands fit into a message: ``bot-*.ticks.1``, ``0 1 2``."""
    found: dict[str, list[str]] = {}
    for text in markers:
        process, _, rest = text.partition(".")
        node, dash, own = process.rpartition("-")
        found.setdefault(f"{node}{dash}*.{rest}", []).append(own)
    return {of: " ".join(own) for of, own in found.items()}


def unpack_markers(packed: Mapping[str, str]) -> list[str]:
    """Return what ``pack_markers`` was given."""
    return [of.replace("*", own, 1) for of, all_own in packed.items() for own in all_own.split(" ")]
