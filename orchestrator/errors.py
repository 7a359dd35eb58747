"""The root of all exceptions, and what can go wrong for a program in a mesh; every message is one line.

It loads nothing, so that any part can import it.
"""

from __future__ import annotations


class OrchestratorError(Exception):
    """The base of every error of this library."""


class NotInMeshError(OrchestratorError):
    """The program was not started by a mesh: ORCHESTRATOR_WIRING is not in its environment."""


class WiringError(OrchestratorError):
    """The wiring cannot be read, or a socket cannot be made as it says."""


class UnknownSocketError(OrchestratorError):
    """A name that the topology declares no socket of this node under."""


class WrongThreadError(OrchestratorError):
    """A socket was asked for by a thread that does not own it: two threads at one socket abort the process."""
