"""Programs of ``command:`` nodes."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.lint.core.facts import Facts
from orchestrator.lint.core.index import Index
from orchestrator.lint.core.registry import Finding, rule


@rule("Z601", "warning")
def command_not_found(index: Index, facts: Facts) -> Iterator[Finding]:
    """The program of a ``command:`` is not there.

    It was looked for in PATH, or at its path, on this machine; ``--offline`` skips this rule.

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
        if not found and node is not None and node.command is not None:
            yield Finding(("nodes", name, "command"), f"{node.program} was not found here")


@rule("Z608", "info")
def relative_program(index: Index) -> Iterator[Finding]:
    """The program of a ``command:`` is a relative path.

    It is looked for in the node's ``working_dir``, by default the folder of the file.

    Bad:
        nodes:
          book: {command: ./book --in x}  # Z608

    Good:
        nodes:
          book: {command: /usr/local/bin/book --in x}

    Source: execvp(3).
    """
    for name, node in index.nodes.items():
        if node.command is None:
            continue
        program = node.program
        if "/" in program and not program.startswith(("/", "$")):
            yield Finding(("nodes", name, "command"), f"{program} is looked for in the folder where the node runs")
