"""``python -m orchestrator.supervisor [RUN STATE]``: supervise the mesh of these folders, or of those it is told."""

from __future__ import annotations

import gc
import sys

if __name__ == "__main__":
    gc.disable()  # while it loads there is no garbage
    from orchestrator import compat

    compat.leave_out_openssl()  # it speaks no TLS
    import asyncio

    from orchestrator.contract import folders
    from orchestrator.supervisor.supervisor import Supervisor

    supervisor = Supervisor(folders.from_argv_or_stdin(sys.argv[1:]))
    gc.freeze()
    gc.enable()
    asyncio.run(supervisor.run())
