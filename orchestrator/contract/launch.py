"""The order to start one process: a JSON file that the supervisor writes and the keeper carries out."""

import json
import sys
from dataclasses import dataclass, field
from typing import Any

from orchestrator.contract import codec
from orchestrator.contract.codec import BadMessage

CONTROL_FD = 3
"""Number under which a process inherits its listening control socket; its listeners have the numbers after it."""

EX_CONFIG = 78
"""Exit status of a ``python`` node that no further start can mend (EX_CONFIG of sysexits(3))."""

ABSENT = 127
"""Exit status of a command that is not there, or cannot be executed: the keeper's, a shell's and the loader's."""

PYTHON = (sys.executable, "-X", "utf8") if sys.flags.utf8_mode else (sys.executable,)
"""This interpreter, for processes of ours: those of one that speaks UTF-8 in any locale (PEP 540) do so too."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How one incarnation of a process starts.

    ``python`` is ``module:callable``; with ``command`` empty it is forked from the keeper, otherwise ``command``
    is executed. ``env`` comes on top of the environment of whoever ran ``up``. ``listeners`` maps the name of an
    endpoint that the keeper holds to the descriptor number that the process finds it under. ``control`` is the path
    of the control socket the keeper makes for a process with our library, else empty. ``search`` folders come first
    on the module path. Paths are absolute; ``stdin`` empty means /dev/null. ``limits`` are those of setrlimit(2), by
    names such as ``nofile``, -1 for none; with ``many_files`` the soft limit of descriptors is the hard one. ``cores``,
    ``nice`` and ``realtime`` say where and how urgently it runs.
    """

    process: str
    generation: int
    python: str
    command: tuple[str, ...]
    args: dict[str, Any]
    env: dict[str, str]
    working_dir: str
    stdin: str
    stdout: str
    stderr: str
    wiring: str
    control: str
    listeners: dict[str, int] = field(default_factory=dict)
    search: tuple[str, ...] = ()
    limits: dict[str, int] = field(default_factory=dict)
    many_files: bool = False
    cores: tuple[int, ...] = ()
    nice: int | None = None
    realtime: int | None = None

    def dump(self) -> bytes:
        """Return the order as JSON."""
        return json.dumps(
            {name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False, separators=(",", ":")
        ).encode()


def load(text: bytes | str) -> Launch:
    """Read an order from JSON. Raise ValueError where it is not one, or says what this release cannot carry out."""
    data = json.loads(text)
    for unknown in data.keys() - codec.types(Launch).keys() if isinstance(data, dict) else ():
        raise BadMessage(f"launch order: {unknown}: is unknown")
    return codec.read(Launch, "launch order", data)  # type: ignore[no-any-return]
