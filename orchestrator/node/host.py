"""Run the callable of a ``python:`` node: forked from the keeper, or as a program under another interpreter.

``python -m orchestrator.node.host MODULE:CALLABLE [FOLDER ...]`` takes its wiring and args from the environment, and
searches modules in the folders first.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import CoroutineType, TracebackType
from typing import Any

from orchestrator.contract.launch import Launch
from orchestrator.node.errors import OrchestratorError
from orchestrator.node.node import Node, read_wiring

_OURS = (os.path.dirname(__file__), importlib.__file__, "<frozen importlib", "<frozen runpy")


class BadCallable(Exception):
    """What ``python`` names cannot be called as the topology says; the message is one line."""


def run(launch: Launch) -> int:
    """Be the process of this order and give its exit status; descriptors, folder and environment are as it says."""
    return _guard(lambda: _serve(Node(read_wiring(launch.wiring)), launch.python, launch.args, launch.search))


def main(python: str, *search: str) -> int:
    """Be the process that the environment tells of, and give its exit status."""

    def serve() -> int:
        node = Node.from_environment()
        return _serve(node, python, node.args, search)

    return _guard(serve)


def _serve(node: Node, python: str, args: dict[str, Any], search: tuple[str, ...]) -> int:
    node.listen()
    sys.path[:0] = [folder for folder in search if folder not in sys.path]
    sys.argv = [python]
    target = _find(python)
    _check(target, python, args)
    with node:
        result = target(node, **args)
        if isinstance(result, CoroutineType):
            import asyncio

            result = asyncio.run(result)
        _join()
    return result if isinstance(result, int) and not isinstance(result, bool) else 0


def _guard(serve: Callable[[], int]) -> int:
    try:
        return serve()
    except SystemExit as error:
        return _status(error.code)
    except KeyboardInterrupt:
        return 130
    except BadCallable as error:
        print(error, file=sys.stderr)
        return 2
    except BaseException as error:
        return _tell(error)
    finally:
        _flush()


def _find(python: str) -> Callable[..., Any]:
    name, _, path = python.partition(":")
    try:
        found: Any = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        places = ", ".join(each or os.getcwd() for each in sys.path[:3])
        raise BadCallable(
            f"python: {python}: no module {error.name!r} in {places} ...; name a module:callable"
        ) from None
    for part in path.split("."):
        if not hasattr(found, part):
            raise BadCallable(f"python: {python}: {_place(found)} has no {part!r}; it has {_callables(found)}")
        found = getattr(found, part)
    if not callable(found):
        raise BadCallable(f"python: {python}: is a {type(found).__name__}, not a callable; name a function")
    target: Callable[..., Any] = found
    return target


def _check(target: Callable[..., Any], python: str, args: dict[str, Any]) -> None:
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
    """Tell whether a plain function surely takes the node and these args."""
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


def _join() -> None:
    """Wait for threads as a Python program does at its end, while their sockets are still there."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def _tell(error: BaseException) -> int:
    """Print an error: in one line where the wiring is at fault, else from the program's own first line on."""
    traceback = _trim(error.__traceback__)
    if isinstance(error, OrchestratorError) and traceback is None:
        print(error, file=sys.stderr)
        return 2
    sys.excepthook(type(error), error.with_traceback(traceback), traceback)
    return 1


def _trim(traceback: TracebackType | None) -> TracebackType | None:
    while traceback is not None and _is_ours(traceback.tb_frame.f_code.co_filename):
        traceback = traceback.tb_next
    return traceback


def _is_ours(file: str) -> bool:
    return file.startswith(_OURS) or os.path.basename(os.path.dirname(file)) == "asyncio"


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
