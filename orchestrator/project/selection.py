"""Which topology is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Selection:
    """Files, each laid over those before it, and what else makes a topology of them and a plan of that.

    ``name`` takes the place of the file's; files may include what is in ``root``.
    """

    files: tuple[str, ...]
    sets: Mapping[str, str] = field(default_factory=dict)
    profiles: tuple[str, ...] = ()
    name: str = ""
    root: str = ""
