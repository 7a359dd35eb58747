"""How a send or a receive ends that the drain has ended, of plain sockets and of those of delivery edges."""

from __future__ import annotations

import zmq

from orchestrator.errors import OrchestratorError


class DrainedError(zmq.Again, OrchestratorError):
    """The zmq.Again that the drain raises by itself, where no socket's timeout says it."""
