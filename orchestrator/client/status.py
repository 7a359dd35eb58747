"""The processes of a running mesh: what its supervisor answers to ``ps``, and what the kernel shows of them."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from orchestrator.client import connection
from orchestrator.contract import private
from orchestrator.contract.folders import Folders

if TYPE_CHECKING:
    from orchestrator.control.messages import Message, Status
    from orchestrator.observe.status import Looks


def status(of: Folders, timeout: float | None = 10.0) -> Status:
    """Return the document of ``ps``. Raise Unreachable or Refused, as ``connection.ask`` does."""
    return observed(of, connection.ask(of.supervisor, {"verb": "ps"}, timeout))


def observed(of: Folders, told: Message) -> Status:
    """Return the document of ``ps``, with what a supervisor has answered.

    An answer without addresses is whole. Where the plan cannot be read no links are known, and ``unlinked`` says why.
    """
    if "addresses" in told:
        from orchestrator.observe.declared import NOTHING, declared
        from orchestrator.observe.status import document

        try:
            links = declared(json.loads(of.plan.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError) as error:
            links = NOTHING
            told["unlinked"] = f"{of.plan}: {getattr(error, 'strerror', None) or 'it is no plan'}"
        told, looks = document(told, links, _looks(of), time.monotonic())
        _remember(of, looks)
    return cast("Status", told)


def _looks(of: Folders) -> Looks:
    """Read what the last look saw, whoever's it was."""
    try:
        return {int(pid): (cpu, at) for pid, (cpu, at) in json.loads(of.looks.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(of: Folders, looks: Looks) -> None:
    with suppress(OSError):
        private.replace(of.looks, json.dumps(looks).encode(), beside=f".{os.getpid()}")
