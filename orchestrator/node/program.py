"""The program of a ``python:`` node: looked for before the fork, so that its code is shared, and imported after it."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Callable
from importlib.machinery import PathFinder, SourceFileLoader
from importlib.util import module_from_spec
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from orchestrator.errors import OrchestratorError


class BadCallable(OrchestratorError):
    """What ``python`` names cannot be called as the topology says; the message is one line."""


class Module(NamedTuple):
    """A module of which nothing has run yet, and its code."""

    module: ModuleType
    code: CodeType

    def run(self) -> ModuleType:
        """Be imported."""
        sys.modules[self.module.__name__] = self.module
        exec(self.code, self.module.__dict__)
        return self.module


def look(name: str, search: tuple[str, ...]) -> Module | None:
    """Find a module as an import would, with these folders first; None where only the import itself can tell."""
    if name in sys.modules or name in sys.stdlib_module_names or "." in name:
        return None
    for folder in search:
        # What it holds may have changed since, within one tick of its clock.
        sys.path_importer_cache.pop(folder, None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            spec = PathFinder.find_spec(name, [*search, *sys.path])
            if spec is None or type(spec.loader) is not SourceFileLoader:
                return None
            code = spec.loader.get_code(name)
            return Module(module_from_spec(spec), code) if code else None
    except Exception:  # the import will raise it, or warn of it, again: there it is told
        return None


def find(python: str, module: Module | None = None) -> Callable[..., Any]:
    """Import a program, by what was found of it before if it was, and return its callable. Raise BadCallable."""
    name, _, path = python.partition(":")
    try:
        found: Any = module.run() if module else importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        place = sys.path[0] or os.getcwd()
        raise BadCallable(f"python: {python}: no module {error.name!r} in {place}; name a module:callable") from None
    for part in path.split("."):
        if not hasattr(found, part):
            raise BadCallable(f"python: {python}: {_place(found)} has no {part!r}; it has {_callables(found)}")
        found = getattr(found, part)
    if not callable(found):
        raise BadCallable(f"python: {python}: is a {type(found).__name__}, not a callable; name a function")
    target: Callable[..., Any] = found
    return target


def check(target: Callable[..., Any], python: str, args: dict[str, Any]) -> None:
    """Raise BadCallable where a callable does not take the node and these args."""
    if _takes(target, args):
        return
    # Imported and run only where something may be wrong: it touches memory that all nodes share.
    import inspect

    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(None, **args)
    except TypeError as error:
        form = f"{python.rpartition(':')[2]}{signature}"
        raise BadCallable(f"python: {python}: {error}; it is called as {form} with the node and args") from None


def _takes(target: Callable[..., Any], args: dict[str, Any]) -> bool:
    """Return whether a plain function surely takes the node and these args."""
    code = getattr(target, "__code__", None)
    if code is None or not code.co_argcount or code.co_posonlyargcount > 1 or hasattr(target, "__wrapped__"):
        return False
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    positional = code.co_argcount - 1
    optional = names[max(0, positional - len(target.__defaults__ or ())) : positional]
    needed = set(names) - set(optional) - set(target.__kwdefaults__ or ())
    return needed <= args.keys() <= set(names)


def _place(found: Any) -> str:
    return str(getattr(found, "__file__", None) or getattr(found, "__name__", found))


def _callables(found: Any) -> str:
    names = [name for name, value in vars(found).items() if callable(value) and not name.startswith("_")]
    return ", ".join(names[:8]) or "nothing to call"
