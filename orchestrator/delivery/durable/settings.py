"""What the wiring says of a durable socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from orchestrator.delivery.batch.limits import Limits

DEFAULT = Limits(256, 64 * 1024, 0.001)
"""How full a batch of a durable edge is where the topology says nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``name`` is the socket, ``process.socket``; times in seconds. ``fsync`` is a time, always or never.

    ``secret`` is what the processes of its edges alone know; without one no token is asked for.
    """

    name: str
    folder: Path
    fsync: float | Literal["always", "never"] = 0.1
    max_size: int = 10 << 30
    on_full: Literal["block", "error"] = "block"
    reassign_after: float = 10.0
    receivers: tuple[str, ...] = ()
    secret: bytes = b""
    limits: Limits = DEFAULT

    @classmethod
    def of(cls, name: str, folder: Path, durable: Mapping[str, Any], batch: Mapping[str, Any] | None) -> Settings:
        """Read what a wiring says."""
        known = {key: durable[key] for key in ("fsync", "max_size", "on_full", "reassign_after") if key in durable}
        limits = DEFAULT if batch is None else Limits.of(batch)
        receivers, secret = tuple(durable.get("receivers", ())), bytes.fromhex(durable.get("secret", ""))
        return cls(name, folder, receivers=receivers, secret=secret, limits=limits, **known)

    @property
    def interval(self) -> float | None:
        """Seconds between two syncs in the background; None where there are none."""
        return self.fsync if isinstance(self.fsync, float | int) else None
