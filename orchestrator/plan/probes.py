"""What is asked of each process from outside, with what only that process knows filled in."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from orchestrator.plan.late import settle
from orchestrator.plan.members import Members
from orchestrator.plan.model import Probe
from orchestrator.plan.variables import fill_text

ASKED = frozenset({"command", "http", "log"})
"""Ways to be ready that are asked from outside."""


def probe(mesh: str, members: Members, number: int) -> Probe:
    """Give what shows that a process is ready."""
    ready = members.node.ready
    assert ready is not None
    variables = members.variables(mesh, number)
    words = tuple(shlex.split(ready.command)) if isinstance(ready.command, str) else ready.command or ()
    return Probe(
        tuple([fill_text(word, variables) for word in words]),
        fill_text(ready.http or "", variables),
        settle(fill_text(ready.log or "", variables)),
    )


def asked_in(members: Members) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give the texts that may name endpoints, with their key paths."""
    ready = members.node.ready
    if ready is not None and ready.how in ASKED:
        command = ready.command if isinstance(ready.command, str) else " ".join(ready.command or ())
        for key, text in (("command", command), ("http", ready.http or "")):
            yield ("nodes", members.name, "ready", key), text
