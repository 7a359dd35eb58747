"""Loops without end in programs that never ask whether they are to stop. In doubt a loop has an end."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from orchestrator.lint.programs import module as program
from orchestrator.lint.programs.module import Function, Module

ASKING = frozenset({"stopping", "messages", "multipart"})
"""What a node has for those who want to know that they are to stop."""

_HANDLING = ASKING | {"signal", "add_signal_handler"}
_ENDING = frozenset(
    {"exit", "_exit", "abort", "kill", "next", "input", "get", "join", "result", "accept", "throw"}
    | {"poll", "select", "read", "readline", "interrupt_main", "raise_signal", "proxy", "device"}
)
"""Calls that may end a loop, by what they raise or wait for; so may whatever begins with recv."""

_HARMLESS = frozenset({"sleep", "random", "randint", "uniform", "choice", "time", "monotonic", "perf_counter"})
"""What is often imported by name, and ends nothing."""

_LEAVING = ast.Return | ast.Raise | ast.Assert | ast.Yield | ast.YieldFrom | ast.Await | ast.AsyncFor | ast.AsyncWith


@lru_cache(maxsize=4096)
def endless(text: str, path: str) -> int | None:
    """Return the line of a loop that nothing ends, in a callable of a module or in what that calls; None without one.

    None too where the module asks anywhere, handles signals, or hands its node to others, who may ask.
    """
    module = program.module(text)
    use = program.use(text, path)
    if use is None or not use.whole or module.attributes & _HANDLING or module.words & ASKING:
        return None
    lines = [each.lineno for function in use.functions for each in _loops(function) if not _ends(each, module)]
    return min(lines, default=None)


def _loops(function: Function) -> Iterator[ast.While | ast.For]:
    for each in program.own(function):
        if (isinstance(each, ast.While) and _always(each.test)) or (isinstance(each, ast.For) and _counts(each.iter)):
            yield each


def _always(test: ast.expr) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return isinstance(test.operand, ast.Constant) and not test.operand.value
    return isinstance(test, ast.Constant) and bool(test.value)


def _counts(numbers: ast.expr) -> bool:
    """Return whether a loop goes over ``itertools.count`` or ``cycle``."""
    called = numbers.func if isinstance(numbers, ast.Call) else None
    return (
        isinstance(called, ast.Attribute)
        and called.attr in ("count", "cycle")
        and isinstance(called.value, ast.Name)
        and called.value.id == "itertools"
    )


def _ends(loop: ast.While | ast.For, module: Module) -> bool:
    """Return whether anything in a loop may end it."""
    return any(map(_breaks, loop.body)) or any(_leaves(each, module, frozenset()) for each in loop.body)


def _breaks(statement: ast.AST) -> bool:
    """Return whether a statement holds a break of the loop that it stands in."""
    if isinstance(statement, ast.Break):
        return True
    if isinstance(statement, ast.While | ast.For | ast.AsyncFor):
        return any(map(_breaks, statement.orelse))
    return not isinstance(statement, Function | ast.ClassDef) and any(map(_breaks, _parts(statement)))


def _parts(statement: ast.AST) -> Iterator[ast.AST]:
    """Return what a statement is made of, but what it does at Ctrl-C, which no drain sends."""
    return (each for each in ast.iter_child_nodes(statement) if not _at_interrupt(each))


def _at_interrupt(part: ast.AST) -> bool:
    kind = part.type if isinstance(part, ast.ExceptHandler) else None
    return isinstance(kind, ast.Name) and kind.id == "KeyboardInterrupt"


def _leaves(statement: ast.AST, module: Module, seen: frozenset[str]) -> bool:
    """Return whether a statement may leave its function, or wait for what a drain wakes."""
    if isinstance(statement, Function | ast.Lambda | ast.ClassDef):
        return False
    if isinstance(statement, _LEAVING) or (isinstance(statement, ast.Call) and _may_end(statement, module, seen)):
        return True
    return any(_leaves(each, module, seen) for each in _parts(statement))


def _may_end(call: ast.Call, module: Module, seen: frozenset[str]) -> bool:
    called = call.func
    if isinstance(called, ast.Attribute):
        own = isinstance(called.value, ast.Name) and called.value.id in ("self", "cls")
        return own or called.attr in _ENDING or called.attr.startswith("recv")
    if not isinstance(called, ast.Name) or called.id in _ENDING or called.id.startswith("recv"):
        return True
    function = module.function(called.id)
    if function is None:
        return called.id in module.names and called.id not in _HARMLESS
    if called.id in seen:
        return False
    # What a function returns is no end of the loop that calls it.
    return any(
        isinstance(each, ast.Raise | ast.Assert | ast.Yield | ast.YieldFrom | ast.Await)
        or (isinstance(each, ast.Call) and _may_end(each, module, seen | {called.id}))
        for each in program.own(function)
    )
