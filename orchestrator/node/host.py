"""Run the callable of a ``python:`` node: forked from the keeper, or as a program under another interpreter.

``python -m orchestrator.node.host MODULE:CALLABLE [FOLDER ...]`` takes its wiring and args from the environment, and
searches modules in the folders first.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from types import CoroutineType, TracebackType
from typing import Any

from orchestrator.contract import codec
from orchestrator.contract.launch import EX_CONFIG, Launch
from orchestrator.contract.node_messages import REQUESTS
from orchestrator.contract.statuses import INTERRUPTED
from orchestrator.errors import OrchestratorError, WiringError
from orchestrator.node import program
from orchestrator.node.node import Node
from orchestrator.node.program import BadCallable, Module
from orchestrator.node.wiring import read_wiring

_OURS = (os.path.dirname(__file__), importlib.__file__, "<frozen importlib", "<frozen runpy")


def prepare(launches: Iterable[Launch]) -> dict[str, Callable[[], int]]:
    """Do for processes that are about to be forked what can be done before; give by name what each is to call.

    It gives the exit status. When it is called, descriptors, folder and environment are as the order says.
    """
    codec.prepare(REQUESTS.values())
    ready: dict[str, Callable[[], int]] = {}
    modules: dict[tuple[str, tuple[str, ...]], Module | None] = {}
    for launch in launches:
        name = launch.python.partition(":")[0], launch.search
        if name not in modules:
            modules[name] = program.look(*name)
        node = None
        with suppress(WiringError):  # the process will tell
            node = Node(read_wiring(launch.wiring))
        ready[launch.process] = partial(_run, launch, node, modules[name])
    return ready


def _run(launch: Launch, node: Node | None, module: Module | None) -> int:
    def serve() -> int:
        mine = node or Node(read_wiring(launch.wiring))
        return _serve(mine, launch.python, launch.args, launch.search, module)

    return _guard(serve)


def main(python: str, *search: str) -> int:
    """Be the process that the environment tells of, and return its exit status."""

    def serve() -> int:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(line_buffering=True)  # as the keeper has it
        node = Node.from_environment()
        return _serve(node, python, node.args, search)

    return _guard(serve)


def _serve(node: Node, python: str, args: dict[str, Any], search: tuple[str, ...], module: Module | None = None) -> int:
    node.listen()
    sys.path[:0] = [folder for folder in search if folder not in sys.path]
    sys.argv = [python]
    target = program.find(python, module)
    program.check(target, python, args)
    result = None
    with node:  # where the drain's own zmq.Again ends
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
        return INTERRUPTED
    except BadCallable as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    except BaseException as error:
        return _tell(error)
    finally:
        _flush()


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
