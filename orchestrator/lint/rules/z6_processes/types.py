"""Types of ``args`` against the annotations of the callable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.programs import module as program
from orchestrator.lint.programs.annotations import fits, kind_of
from orchestrator.lint.programs.nodes import by_callable, callable_of

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView


@rule("Z617", "warning")
def args_of_another_type(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """A value in ``args`` is not of the type that the callable's annotation says.

    Looked at are annotations of plain types, and each process's own values.

    Why it matters: values go to the callable as they are in the file: ``"5"`` and ``5s`` are texts, ``${index}`` alone
    is a number and ``x${index}`` a text. Python looks at no annotation, so the program finds out in the middle of its
    work.

    Bad:
        nodes:
          worker:
            python: worker:main
            args: {load: "0.5s"}  # Z617

        # worker.py
        def main(node, *, load: float = 1.0):
            print(load)

    Good:
        nodes:
          worker:
            python: worker:main
            args: {load: 0.5}

        # worker.py
        def main(node, *, load: float = 1.0):
            print(load)

    Source: docs/how-to/write-a-node.md; PEP 484.
    """
    for found, names in by_callable(index, facts):
        wanted = callable_of(index, names[0])
        read = program.module(found.text) if found.text is not None else None
        signature = read.signature(wanted) if read is not None else None
        if read is None or signature is None or not signature.annotations:
            continue
        types = {key: text for key, text in signature.annotations if not read.rebinds(text)}
        for name in names:
            yield from _misfits(index, name, wanted, types)


def _misfits(index: TopologyView, name: str, wanted: str, types: dict[str, str]) -> Iterator[RuleHit]:
    node = index.plan.node.get(name)
    for key in types.keys() & index.nodes[name].args.keys() if node is not None and types else ():
        for process in node.processes if node is not None else ():
            value = index.plan.process[process].args[key]
            if not fits(value, types[key]):
                message = f"{key} is {kind_of(value)}, and {wanted} takes {types[key]}"
                yield RuleHit(("nodes", name, "args", key), message, types[key])
                break
