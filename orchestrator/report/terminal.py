"""What a terminal shows better than lines of text: tables, Markdown, a screen of its own.

Made with rich, which typer brings: whoever prints lines alone does not load this.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from orchestrator.report.text import visible

if TYPE_CHECKING:
    from orchestrator.report.doctor import Check
    from orchestrator.report.result import Kind

Draw = Callable[[Sequence[str]], None]
"""Shows lines in the place of those before."""

_HEALTH = {"ok": "green", "limited": "yellow", "missing": "bold red"}
_SEVERITY = {"error": "red", "warning": "yellow", "info": "cyan"}


@contextmanager
def screen() -> Iterator[Draw]:
    """Take the alternate screen of the terminal, and give it back; yield what draws on it.

    It writes over what stands there and erases nothing before, so that nothing flickers; what is wider or higher than
    the terminal is cut off.
    """
    console = Console(file=sys.stdout, highlight=False)
    live = Live(console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
    with live:
        yield lambda lines: live.update(_cut(lines), refresh=True)


def _cut(lines: Sequence[str]) -> Text:
    text = Text("\n", no_wrap=True, overflow="ellipsis", end="")
    return text.join(map(Text.from_ansi, lines))


def checks(found: Iterable[Check], *, color: bool) -> None:
    """Print what ``doctor`` has found as a table."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for each in found:
        style = _HEALTH[each.health]
        told = Text(visible(each.found))
        if each.health != "ok" and each.follows:
            told.append(f"\n{visible(each.follows)}", style)
        table.add_row(Text(each.health, style), Text(each.name, "bold"), told)
    _print(table, color)


def rules(kinds: Iterable[Kind], *, color: bool) -> None:
    """Print all codes as a table: a line each, wrapped where the terminal is narrow."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column()
    for kind in kinds:
        style = _SEVERITY[kind.severity]
        table.add_row(Text(kind.code, "bold"), Text(kind.severity, style), kind.name, kind.about.partition("\n")[0])
    _print(table, color)


def documents(markdown: Iterable[str], *, color: bool) -> None:
    """Print texts in Markdown."""
    for text in markdown:
        _print(Markdown(text, code_theme="ansi_dark"), color)


def _print(what: Table | Markdown, color: bool) -> None:
    Console(file=sys.stdout, no_color=not color, highlight=False).print(what)
