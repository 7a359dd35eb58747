"""What a process may use, and where and how urgently it runs: set by itself, before its program."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from functools import partial

from orchestrator.contract.launch import Launch

LIMITS = {"nofile": resource.RLIMIT_NOFILE, "memlock": resource.RLIMIT_MEMLOCK, "core": resource.RLIMIT_CORE}


def apply(launch: Launch) -> None:
    """Set what an order says for this process. Raise OSError, which names what could not be set."""
    for what, change in _changes(launch):
        try:
            change()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise OSError(f"{what}: {reason}") from None


def _changes(launch: Launch) -> Iterator[tuple[str, Callable[[], object]]]:
    if launch.many_files:
        yield "limits.nofile", _all_descriptors
    for name, limit in launch.limits.items():
        yield f"limits.{name} {limit}", partial(_limit, LIMITS[name], limit)
    if launch.cores:
        yield f"cpu.cores {list(launch.cores)}", partial(os.sched_setaffinity, 0, launch.cores)
    if launch.nice is not None:
        yield f"cpu.nice {launch.nice}", partial(os.setpriority, os.PRIO_PROCESS, 0, launch.nice)
    if launch.realtime is not None:
        priority = os.sched_param(launch.realtime)
        yield f"cpu.realtime {launch.realtime}", partial(os.sched_setscheduler, 0, os.SCHED_FIFO, priority)


def _all_descriptors() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _limit(number: int, limit: int) -> None:
    """Set the soft limit; the hard one only where it is lower, which takes privileges (setrlimit(2))."""
    _, hard = resource.getrlimit(number)
    lower = hard != resource.RLIM_INFINITY and (limit == resource.RLIM_INFINITY or limit > hard)
    resource.setrlimit(number, (limit, limit if lower else hard))
