"""Programs of ``command:`` nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z6_processes.shell_words import shell_syntax

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView


@rule("Z601", "warning")
def command_not_found(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """The program of a ``command:`` is not there.

    It was looked for in PATH, or at its path, on this machine; ``--offline`` skips this rule.

    Why it matters: the process ends with status 127 as soon as it is started.

    Bad:
        nodes:
          book: {command: no-such-program --in x}  # Z601

    Good:
        nodes:
          book: {command: sleep 10}

    Source: execvp(3).
    """
    for name, found in facts.commands.items():
        node = index.nodes.get(name)
        command = node.command if node is not None else None
        if found or node is None or command is None or (isinstance(command, str) and shell_syntax(command)):
            continue  # what is written for a shell is told by Z616
        yield RuleHit(("nodes", name, "command"), f"{node.program} was not found here")


@rule("Z608", "info")
def relative_program(index: TopologyView) -> Iterator[RuleHit]:
    """The program of a ``command:`` is a relative path, and the node has a ``working_dir``.

    It is looked for there, and not in the folder of the file, as where no ``working_dir`` is written.

    Why it matters: a program that is there when you look for it beside the file is not found at the start.

    Bad:
        nodes:
          book: {command: ./book --in x, working_dir: data}  # Z608

    Good:
        nodes:
          book: {command: ./data/book --in x}

    Source: execvp(3).
    """
    for name, node in index.nodes.items():
        if node.command is None or node.working_dir is None:
            continue
        program = node.program
        if "/" in program and not program.startswith(("/", "$")):
            yield RuleHit(("nodes", name, "command"), f"{program} is looked for in the folder where the node runs")
