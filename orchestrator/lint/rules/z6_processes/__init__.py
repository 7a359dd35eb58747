"""Z6: processes and programs."""

from orchestrator.lint.rules.z6_processes import (
    callables,
    commands,
    grace,
    journals,
    numbering,
    proxies,
    restarts,
    shell_words,
    sockets,
    start_order,
    stopping,
    types,
)

__all__ = [
    "callables",
    "commands",
    "grace",
    "journals",
    "numbering",
    "proxies",
    "restarts",
    "shell_words",
    "sockets",
    "start_order",
    "stopping",
    "types",
]
