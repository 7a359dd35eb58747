"""The states of a process, as supervisor and clients have them, and the sets of them that mean something."""

from typing import Literal

State = Literal[
    "waiting",
    "starting",
    "connected",
    "ready",
    "unresponsive",
    "leaving",
    "draining",
    "backoff",
    "done",
    "failed",
    "stopped",
]

ALIVE: frozenset[State] = frozenset({"starting", "connected", "ready", "unresponsive", "leaving", "draining"})
"""There is a process."""

OVER: frozenset[State] = frozenset({"done", "failed", "stopped"})
"""It does not run, and does not start again by itself."""

UP: frozenset[State] = frozenset({"ready", "unresponsive", "done"})
"""It has come as far as ready; one that is ``leaving`` may have, too."""
