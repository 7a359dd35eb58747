"""Arguments that are plainly right, read without pydantic.

typer builds a pydantic adapter for each parameter that is no flag, and to import pydantic takes as long as all else
that ``ls`` or ``ps`` do. So what is given as it must be is read here; whatever else is given typer judges, and tells.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from typer.core import TyperCommand, TyperGroup

UNCLEAR = object()
"""What is not plainly right."""


class Command(TyperCommand):
    """A verb whose parameters are read so."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, ``--help`` among them."""
        return _read_here(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, in panels where somebody sees it on a terminal."""
        self.rich_markup_mode = _markup()
        super().format_help(ctx, formatter)


class Group(TyperGroup):
    """The command itself, whose parameters are read so too."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, ``--help`` among them."""
        return _read_here(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, in panels where somebody sees it on a terminal."""
        self.rich_markup_mode = _markup()
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, each group of them under its name."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            panels.setdefault(command.rich_help_panel, []).append((name, command.get_short_help_str(limit=80)))
        width = max(len(name) for rows in panels.values() for name, _ in rows)
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl([(name.ljust(width), line) for name, line in rows])


class Reader:
    """Reads the values of one parameter in the place of typer's adapter, which it makes only where it must."""

    def __init__(self, annotation: Any, info: Any, adapter: Callable[[], Any]) -> None:
        self._type, self._info, self._adapter = annotation, info, adapter

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return what a value means, as typer's own does. Raise typer.BadParameter where it means nothing."""
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        if not several:
            read = self._read(value)
        elif isinstance(value, list | tuple):
            read = [self._read(each) for each in value]
        else:
            read = UNCLEAR
        if read is UNCLEAR or (several and UNCLEAR in read):
            return self._adapter().coerce(value, param=param, ctx=ctx)
        return read

    def _read(self, value: Any) -> Any:
        kind = self._type
        if self._info.parser is not None:
            return self._info.parser(value) if isinstance(value, str) else UNCLEAR
        if kind in (str, list[str]):
            return value if isinstance(value, str) else UNCLEAR
        if kind is Path and isinstance(value, str | Path):
            return UNCLEAR if self._info.exists or self._info.resolve_path else Path(value)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return next((each for each in kind if value in (each, each.value)), UNCLEAR)
        if kind in (int, float) and (type(value) is kind or (isinstance(value, str) and value.isdecimal())):
            return self._within(kind(value))
        return UNCLEAR

    def _within(self, number: float) -> Any:
        low, high = self._info.min, self._info.max
        return number if (low is None or low <= number) and (high is None or number <= high) else UNCLEAR


def _markup() -> Literal["markdown"] | None:
    """Return how typer reads what it shows with rich; None makes it plain text, without loading rich."""
    from orchestrator.report import console

    return "markdown" if console.terminal(sys.stdout) else None


def _read_here(parameters: list[Any]) -> list[Any]:
    for each in parameters:
        # typer before 0.29 reads without pydantic, and has no such method.
        if hasattr(each, "get_runtime_param") and "get_runtime_param" not in vars(each):
            asked = each.type_descriptor
            reader = Reader(asked.annotation, asked.parameter_info, each.get_runtime_param)
            vars(each)["get_runtime_param"] = lambda reader=reader: reader
    return parameters
