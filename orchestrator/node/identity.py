"""Who a process is, as its wiring says."""

from __future__ import annotations

from typing import Any

from orchestrator.contract.wiring import Wiring


class Identity:
    """The names and numbers of one process of a mesh."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    @property
    def mesh(self) -> str:
        """The mesh's name."""
        return self._wiring.mesh

    @property
    def name(self) -> str:
        """The node's name: ``bot``."""
        return self._wiring.node

    @property
    def process(self) -> str:
        """The name of this process: ``bot-3``."""
        return self._wiring.process

    @property
    def index(self) -> int:
        """The number of this process, from 0."""
        return self._wiring.index

    @property
    def count(self) -> int:
        """How many processes the node has."""
        return self._wiring.count

    @property
    def key(self) -> str | None:
        """The item of this process under ``each``."""
        return self._wiring.key

    @property
    def args(self) -> dict[str, Any]:
        """The node's ``args``."""
        return self._wiring.args
