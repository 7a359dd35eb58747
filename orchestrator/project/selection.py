"""Which topology is meant."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Selection(NamedTuple):
    """Files, each laid over those before it, and what else makes a topology of them and a plan of that.

    ``name`` takes the place of the file's; files may include what is in ``root``.
    """

    files: tuple[str, ...]
    sets: Mapping[str, str] = MappingProxyType({})
    profiles: tuple[str, ...] = ()
    name: str = ""
    root: str = ""
