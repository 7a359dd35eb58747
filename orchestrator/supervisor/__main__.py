"""``python -m orchestrator.supervisor [RUN STATE]``: supervise the mesh of these folders, or of those it is told."""

from __future__ import annotations

import asyncio
import sys

from orchestrator.contract import folders
from orchestrator.supervisor.loop import Supervisor

if __name__ == "__main__":
    asyncio.run(Supervisor(folders.given(sys.argv[1:])).run())
