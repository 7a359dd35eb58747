"""What can go wrong for a program in a mesh; every message is one line."""

from __future__ import annotations

import zmq


class OrchestratorError(Exception):
    """The base of every error of this library."""


class NotInMesh(OrchestratorError):
    """The program was not started by a mesh: ORCHESTRATOR_WIRING is not in its environment."""


class WiringError(OrchestratorError):
    """The wiring cannot be read, or a socket cannot be made as it says."""


class UnknownSocket(OrchestratorError):
    """A name that the topology declares no socket of this node under."""


class WrongThread(OrchestratorError):
    """A socket was asked for by a thread that does not own it: two threads at one socket abort the process."""


class Drained(zmq.Again):
    """The zmq.Again that the drain raises by itself, where no socket's timeout says it."""
