"""The library inside each process of a mesh: wired ZeroMQ sockets, the start barrier, the drain.

It loads pyzmq and the standard library, and nothing else.
"""

from orchestrator.errors import NotInMesh, OrchestratorError, UnknownSocket, WiringError, WrongThread
from orchestrator.node.node import Node

__all__ = ["Node", "NotInMesh", "OrchestratorError", "UnknownSocket", "WiringError", "WrongThread"]
