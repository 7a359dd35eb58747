"""Whether and when a process starts again. Pure: numbers for time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from orchestrator.contract.launch import UNFIT
from orchestrator.plan.model import Node
from orchestrator.supervisor.state import ProcessState

JITTER = 0.25
"""The largest part of a delay that is left out."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows an exit. ``delay`` in seconds and ``attempt`` count only for a restart."""

    will: Literal["restart", "done", "failed", "stopped"]
    delay: float = 0.0
    attempt: int = 0


def pause(process: ProcessState) -> float:
    """Give the seconds from an exit to the next start: the delay, less up to a quarter of it.

    How much less differs from process to process and from time to time, so that those that failed together do not come
    back together; it is the same for whoever asks again.
    """
    mixed = crc32(f"{process.name}.{process.generation}".encode()) * 2654435761 % 2**32  # Knuth's multiplier
    share = mixed / 2**32
    return process.delay * (1.0 - JITTER * share)


def decide(node: Node, process: ProcessState, status: int | None, now: float) -> Decision:
    """Say what follows when a process has ended with a status (None: nobody saw it, so it counts as a failure)."""
    if process.stopping:
        return Decision("stopped")
    policy = node.restart
    if status == 0 and (node.kind != "service" or policy.policy != "always"):
        return Decision("done")
    if policy.policy == "never" or (node.python and status == UNFIT):
        return Decision("failed")
    recent = sum(1 for at in process.attempts if now - at <= policy.window)
    if policy.max_attempts is not None and recent >= policy.max_attempts:
        return Decision("failed")
    steady = process.ready_at > 0 and now - process.ready_at >= policy.max_delay
    delay = policy.delay if steady or not process.delay else min(process.delay * 2, policy.max_delay)
    return Decision("restart", delay, recent + 1)
