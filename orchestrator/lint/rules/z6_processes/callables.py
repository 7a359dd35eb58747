"""Callables of ``python:`` nodes, and what they take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import Path, RuleHit, rule
from orchestrator.lint.programs import module as program
from orchestrator.lint.programs.nodes import by_callable, callable_of, file_of
from orchestrator.shortlist import listed
from orchestrator.topology.diagnostics.hints import like

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts, Program
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.lint.programs.module import Signature

MOST_NAMES = 8
"""So many names of a module are listed in a message."""


@rule("Z602")
def callable_not_found(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """The callable of a ``python:`` node is not there.

    The module is found by its path, as an import would find it, and read; nothing of it is run. Where its package is
    not installed here it is information, unless a module beside the file has nearly that name.

    Why it matters: the process ends before any code of yours runs.

    How the fix is safe: it respells a module that can be a slip of one module in the folders searched first.

    Bad:
        nodes:
          feed: {python: "feed:mian"}  # Z602

        # feed.py
        def main(node):
            print(node.process)

    Good:
        nodes:
          feed: {python: "feed:main"}

        # feed.py
        def main(node):
            print(node.process)

    Source: the topology language.
    """
    for found, names in by_callable(index, facts):
        wanted = callable_of(index, names[0])
        message, hint, certain = _why_not(found, wanted)
        surely = [name for name in names if certain and index.nodes[name].interpreter is None]
        for name in surely if message else ():
            path: Path = ("nodes", name, "python")
            _, fix = index.topology.meant(path, found.missing, found.beside) if found.missing else ("", None)
            yield RuleHit(path, message, "", hint, fix=fix)
        if message and not surely:
            more = f", for {listed(names, 1)}" if len(names) > 1 else ""
            yield RuleHit(("nodes", names[0], "python"), f"{message}{more}", "", hint, "info")


def _why_not(found: Program, wanted: str) -> tuple[str, str, bool]:
    """Tell why a callable cannot be found, what to do, and whether that is certain; nothing where it is there."""
    if found.text is None:
        near = like(found.missing, found.beside)
        hint = f"did you mean {near}?" if near else "" if found.package else "is its package installed?"
        return f"no module {found.missing} here", hint, bool(near or found.package)
    module = program.module(found.text)
    if module.error is not None:
        return f"{file_of(found)}:{module.error} is not Python", "", True
    if module.open or module.find(wanted) is not None:
        return "", "", True
    public = [each for each in module.names if not each.startswith("_")]
    near = like(wanted, public)
    hint = f"did you mean {near}?" if near else f"it has {', '.join(public[:MOST_NAMES]) or 'nothing to call'}"
    return f"{file_of(found)} has no {wanted}", hint, True


@rule("Z603")
def callable_signature(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """``args`` that the callable does not take, or lacks.

    It is called with the node and ``args`` as keywords.

    Why it matters: the call raises a TypeError when the process starts.

    How the fix is safe: it respells a key that can be a slip of one argument alone, where that does not stand there
    already.

    Bad:
        nodes:
          feed:
            python: feed:main
            args: {rat: 1000}  # Z603

        # feed.py
        def main(node, *, rate=100):
            print(rate)

    Good:
        nodes:
          feed:
            python: feed:main
            args: {rate: 1000}

        # feed.py
        def main(node, *, rate=100):
            print(rate)

    Source: the topology language.
    """
    for found, names in by_callable(index, facts):
        wanted = callable_of(index, names[0])
        signature = program.module(found.text).signature(wanted) if found.text is not None else None
        if signature is None:
            continue
        known, needed = set(signature.names), set(signature.needed)
        for name in names:
            args = index.nodes[name].args.keys()
            if not signature.node or not needed <= args or not (signature.more or args <= known):
                yield from _misfits(index, name, wanted, signature)


def _misfits(index: TopologyView, name: str, wanted: str, signature: Signature) -> Iterator[RuleHit]:
    path: Path = ("nodes", name, "python")
    if not signature.node:
        yield RuleHit(path, f"{wanted} takes no node", f"def {wanted}(node, ...)")
        return
    args = index.nodes[name].args
    for key in () if signature.more else [key for key in args if key not in signature.names]:
        at: Path = ("nodes", name, "args", key)
        hint, fix = index.topology.meant(at, key, signature.names, key=True)
        hint = hint or f"it takes {', '.join(signature.names) or 'none'}"
        yield RuleHit(at, f"{wanted} does not take {key}", "", hint, key=True, fix=fix)
    lacking = [each for each in signature.needed if each not in args]
    if lacking:
        where: Path = ("nodes", name, "args") if args else path
        yield RuleHit(where, f"{wanted} needs {', '.join(lacking)}", "", "write it in args", key=bool(args))
