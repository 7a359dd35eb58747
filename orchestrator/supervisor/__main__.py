"""``python -m orchestrator.supervisor RUN STATE``: supervise the mesh of these folders."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from orchestrator.contract.folders import Folders
from orchestrator.supervisor.loop import Supervisor

if __name__ == "__main__":
    asyncio.run(Supervisor(Folders(Path(sys.argv[1]), Path(sys.argv[2]))).run())
