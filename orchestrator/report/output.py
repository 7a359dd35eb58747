"""How a command prints: data to standard output, remarks to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from orchestrator.report.output_format import Format

if TYPE_CHECKING:
    from orchestrator.control.messages import Outcome


class Output(NamedTuple):
    """What whoever typed the command wants to see of it."""

    format: StrEnum = Format.text
    no_color: bool = False
    quiet: bool = False

    @property
    def json(self) -> bool:
        """Whether data is printed as JSON."""
        return self.format == Format.json

    def color(self, stream: TextIO | None = None) -> bool:
        """Return whether a stream, mostly standard output, is to have colors."""
        from orchestrator.report import console

        return console.colorful(stream or sys.stdout, self.no_color)

    @property
    def terminal(self) -> bool:
        """Whether somebody sees what is printed on a terminal, which tables and Markdown are for."""
        from orchestrator.report import console

        return not self.json and console.terminal(sys.stdout)

    def note(self, text: str) -> None:
        """Print something about what was asked for, unless nobody wants to know."""
        if text and not self.quiet:
            from orchestrator.report import console

            console.note(text)

    def lines(self, lines: Iterable[str]) -> None:
        """Print what was asked for."""
        for line in lines:
            print(line)

    def document(self, document: Mapping[str, Any] | list[Any], *, escaped: bool = False) -> None:
        """Print what was asked for, as JSON."""
        from orchestrator.contract import documents

        print(documents.text(document, escaped=escaped))

    def outcomes(self, mesh: str, outcomes: Mapping[str, Outcome]) -> None:
        """Print how processes fared where that is asked for as data."""
        if self.json:
            found = [{"name": name, **each} for name, each in outcomes.items()]
            self.document({"mesh": mesh, "processes": found})


PLAIN = Output()
"""Where nothing was said of it."""
