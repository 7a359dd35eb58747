"""What we use of other libraries that they do not promise to keep. tests/test_compat.py names each.

Who needs one takes it from here, so that a version that breaks it is mended in one place. What is imported is imported
late: whoever needs nothing of a library does not load it.
"""

from __future__ import annotations

import atexit
import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import zmq.asyncio


def yaml_parser(stream: Any) -> Any:
    """Return PyYAML's parser in C over libyaml, for its ``get_event``; its loaders show no single events in order."""
    from yaml._yaml import CParser

    return CParser(stream)


def run_exit_functions() -> None:
    """Run what atexit keeps, in a fork that ends by ``os._exit``."""
    atexit._run_exitfuncs()


def leave_out_openssl() -> None:
    """Have asyncio and hashlib leave out OpenSSL's 4 MiB, as in a Python that is built without it."""
    sys.modules.update(dict.fromkeys(("ssl", "_hashlib")))  # type: ignore[arg-type]


@contextmanager
def without_pydantic_plugins() -> Iterator[None]:
    """Have pydantic build validators without plugins: it looks for them in all installed packages, for 30 ms."""
    name = "pydantic.plugin._loader"
    none, before = ModuleType(name), sys.modules.get(name)
    none.get_plugins = tuple  # type: ignore[attr-defined]
    sys.modules[name] = none
    try:
        yield
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before


class AsyncSocket:
    """The inside of a ``zmq.asyncio.Socket``: what waits in it, and its tie to a loop."""

    def __init__(self, socket: zmq.asyncio.Socket) -> None:
        self._inner: Any = socket

    @property
    def loop(self) -> Any:
        """The loop that it waits in; None before it has waited."""
        return self._inner._current_loop

    def look(self) -> None:
        """Have it look at its events again."""
        self._inner._schedule_remaining_events()

    def pending(self) -> Iterator[Any]:
        """Give what waits to be received and sent: each with a ``kind`` (recv, send, ...) and a ``future``."""
        yield from [*(self._inner._recv_futures or ()), *(self._inner._send_futures or ())]

    def let_go(self) -> None:
        """Take it from its loop."""
        self._inner._clear_io_state()
