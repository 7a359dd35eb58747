"""Whether and when a process starts again. Pure: numbers for time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from orchestrator.contract.launch import ABSENT, EX_CONFIG
from orchestrator.plan.model import Node
from orchestrator.supervisor.policy.outcome import is_clean
from orchestrator.supervisor.policy.state import ProcessState

JITTER = 0.25
"""The largest part of a delay that is left out."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows an exit. ``delay`` in seconds and ``attempt`` count only for a restart."""

    will: Literal["restart", "done", "failed", "stopped"]
    delay: float = 0.0
    attempt: int = 0


def pause(process: ProcessState) -> float:
    """Return the seconds from an exit to the next start: the delay, less up to a quarter of it.

    How much less differs from process to process and from time to time, so that those that failed together do not come
    back together; it is the same for whoever asks again.
    """
    mixed = crc32(f"{process.name}.{process.generation}".encode()) * 2654435761 % 2**32  # Knuth's multiplier
    share = mixed / 2**32
    return process.delay * (1.0 - JITTER * share)


def decide(node: Node, process: ProcessState, status: int | None, now: float) -> Decision:
    """Say what follows when a process has ended with a status (None: nobody saw it, so it counts as a failure)."""
    if process.stopping:
        return Decision("stopped" if is_clean(node, process, status) else "failed")
    policy = node.restart
    if status == 0 and (node.kind != "service" or policy.policy != "always"):
        return Decision("done")
    steady = process.ready_at > 0 and now - process.ready_at >= policy.max_delay
    if policy.policy == "never" or (not steady and _cannot_run(node, status)):
        return Decision("failed")
    spent = _spent(node, process, now)
    if policy.max_attempts is not None and spent >= policy.max_attempts:
        return Decision("failed")
    delay = policy.delay if steady or not process.delay else min(process.delay * 2, policy.max_delay)
    return Decision("restart", delay, spent + 1)


def _cannot_run(node: Node, status: int | None) -> bool:
    """Return whether a status says that no further start can mend it: a module, or a command, is not there.

    A shell gives that of its last command for its own, so it counts only for one that has not run well for long.
    """
    return (bool(node.python) and status == EX_CONFIG) or (
        (not node.python or bool(node.interpreter)) and status == ABSENT
    )


def _spent(node: Node, process: ProcessState, now: float) -> int:
    """Count the attempts that are used up: those within the window; of one that does not become ready, all."""
    recent = sum(1 for at in process.attempts if now - at <= node.restart.window)
    return recent if process.ready_at else max(recent, process.unready)
