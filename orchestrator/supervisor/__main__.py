"""``python -m orchestrator.supervisor [RUN STATE]``: supervise the mesh of these folders, or of those it is told."""

from __future__ import annotations

import gc
import sys

if __name__ == "__main__":
    gc.disable()  # while it loads there is no garbage
    # It speaks no TLS. As in a Python that is built without, asyncio and hashlib then leave out OpenSSL's 4 MiB.
    sys.modules.update(dict.fromkeys(("ssl", "_hashlib")))  # type: ignore[arg-type]
    import asyncio

    from orchestrator.contract import folders
    from orchestrator.supervisor.supervisor import Supervisor

    supervisor = Supervisor(folders.given(sys.argv[1:]))
    gc.freeze()
    gc.enable()
    asyncio.run(supervisor.run())
