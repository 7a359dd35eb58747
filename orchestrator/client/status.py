"""The processes of a running mesh: what its supervisor answers to ``ps``, and what the kernel shows of them."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from orchestrator.client import connection
from orchestrator.contract.folders import Folders

if TYPE_CHECKING:
    from orchestrator.control.messages import Status
    from orchestrator.observe.status import Looks


def status(of: Folders, timeout: float | None = 10.0) -> Status:
    """Return the document of ``ps``. Raise Unreachable or Refused, as ``connection.ask`` does."""
    told = connection.ask(of.supervisor, {"verb": "ps"}, timeout)
    if "addresses" not in told:
        whole: Status = told
        return whole
    from orchestrator.observe.declared import declared
    from orchestrator.observe.status import document

    try:
        plan = json.loads(of.plan.read_bytes())
    except (OSError, ValueError):
        raise connection.Unreachable("it has just ended") from None
    found, looks = document(told, declared(plan), _looks(of), time.monotonic())
    _remember(of, looks)
    return found  # type: ignore[return-value]  # its keys are those of Status


def _looks(of: Folders) -> Looks:
    """Read what the last look saw, whoever's it was."""
    try:
        return {int(pid): (cpu, at) for pid, (cpu, at) in json.loads(of.looks.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(of: Folders, looks: Looks) -> None:
    beside = of.looks.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        beside.write_text(json.dumps(looks))
        os.replace(beside, of.looks)
