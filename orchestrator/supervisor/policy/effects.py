"""What the policy wants done, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestrator.contract.codec import Request


@dataclass(frozen=True, slots=True)
class Start:
    """Start the next incarnation of a process."""

    process: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a request to a process that uses our library."""

    process: str
    request: Request[Any]


@dataclass(frozen=True, slots=True)
class Signal:
    """Send a signal to a process: its name without SIG. KILL goes to its whole group."""

    process: str
    signal: str


@dataclass(frozen=True, slots=True)
class Unlisten:
    """Give up the listening sockets of endpoints."""

    endpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Write down what happened."""

    event: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Save:
    """Put a process's state on disk."""

    process: str


@dataclass(frozen=True, slots=True)
class End:
    """All is over: with this exit status."""

    status: int


Effect = Start | Ask | Signal | Unlisten | Report | Save | End
