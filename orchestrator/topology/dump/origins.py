"""Where the values of a topology were written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orchestrator.topology.collector import written


def origins(data: Any, provenance: Callable[[tuple[Any, ...]], str], path: tuple[Any, ...] = ()) -> dict[str, str]:
    """Return where each scalar and each list of plain data was written, by its key path."""
    if isinstance(data, dict) and data:
        return {
            key: text for name, item in data.items() for key, text in origins(item, provenance, (*path, name)).items()
        }
    told = provenance(path)
    return {written(path): told} if told else {}
