"""Death by kill -9, at a moment that nobody knows."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path


def tempt(fate: float) -> None:
    """Die with this likelihood, as by kill -9: nothing is flushed, closed or said."""
    if random.random() < fate:
        os.kill(os.getpid(), signal.SIGKILL)


def beside_wiring(name: str) -> Path:
    """Give a path in the mesh's run folder: it outlives the process, and goes when the mesh ends."""
    return Path(os.environ["ORCHESTRATOR_WIRING"]).with_name(name)
