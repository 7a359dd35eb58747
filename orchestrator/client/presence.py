"""Whether a mesh is still there, looked up now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator

from orchestrator.client import meshes
from orchestrator.contract.folders import Folders

INTERVAL = 0.05
"""Seconds between two looks at the files of a run."""

GRACE = 2.0
"""Seconds without keeper and supervisor after which a mesh counts as gone: one of them starts the other anew."""


class Presence:
    """Tells when a mesh is gone: nobody has kept it for a while."""

    def __init__(self, of: Folders) -> None:
        self._of = of
        self._next = 0.0
        self._missing_since: float | None = None

    def gone(self) -> bool:
        """Look at most four times a second; True once it has ended, or nobody keeps it for GRACE seconds."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 0.25
        if meshes.runs(self._of):
            self._missing_since = None
            return False
        if not self._of.run.exists():
            return True  # a mesh that has ended removes its folder
        self._missing_since = self._missing_since or now
        return now - self._missing_since > GRACE


def looks(of: Folders) -> Iterator[None]:
    """Yield now and then until a mesh is gone, and once more after that."""
    presence = Presence(of)
    going = meshes.runs(of)
    while going:
        going = not presence.gone()
        yield
        time.sleep(INTERVAL)
