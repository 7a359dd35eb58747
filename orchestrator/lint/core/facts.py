"""What rules know beyond the files: frozen data that the command line gathers. All of it can be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Program(NamedTuple):
    """The module of a ``python:`` node, found by path; nothing is imported.

    ``file`` and ``text`` are those of the module. Without them ``missing`` is its part that was not found, ``package``
    tells whether an enclosing package was, and ``beside`` names modules in the folders that are searched first.
    """

    file: str = ""
    text: str | None = None
    missing: str = ""
    package: bool = False
    beside: tuple[str, ...] = ()


class EnvFile(NamedTuple):
    """A file of variables: the bits of its mode, and the names that it gives a value to. Values are not known."""

    mode: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Facts:
    """What is known of the machine and the programs. Where a fact is not known, rules that need it stay silent."""

    libzmq: tuple[int, int, int] | None = None
    """Version of the libzmq that our nodes use."""

    has: Mapping[str, bool] = field(default_factory=lambda: _NOTHING)
    """What that libzmq was built with, by zmq_has(3)'s names: curve, draft, ipc, pgm, norm, tipc, vmci, WS, WSS."""

    ephemeral_ports: tuple[int, int] | None = None
    """First and last port that the kernel gives away by itself (ip_local_port_range)."""

    first_free_port: int | None = None
    """Lowest port that this user may bind (ip_unprivileged_port_start; 0 for root)."""

    open_files: int | None = None
    """How many descriptors a process may have open (the soft limit of RLIMIT_NOFILE)."""

    commands: Mapping[str, bool] = field(default_factory=lambda: _NOTHING)
    """By ``command:`` node, whether its program was found: in PATH, or at its path."""

    programs: Mapping[str, Program] = field(default_factory=lambda: _NOTHING)
    """By ``python:`` node, its module."""

    journals: str = ""
    """What kind of filesystem the journals would be on, by statfs(2)'s names; empty where that is not known."""

    env_files: Mapping[str, EnvFile] = field(default_factory=lambda: _NOTHING)
    """By path, each env file that is there."""
