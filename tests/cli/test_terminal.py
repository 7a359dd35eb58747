"""What is shown on a terminal: tables, Markdown, a screen of its own; who prints lines alone loads no rich."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest

from .conftest import Mesh, command, orchestrator
from .test_running import document, mesh

__all__ = ["document", "mesh"]

OTHER_SCREEN, OWN_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
CONTROLS = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")


class Terminal:
    """A command that runs on a terminal of its own."""

    def __init__(self, *arguments: str, columns: int, **variables: str) -> None:
        self.shown = ""
        self._terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 12, columns, 0, 0))
        unset = {"NO_COLOR", "COLUMNS", "LINES", "GITHUB_ACTIONS", "FORCE_COLOR", "PY_COLORS"}
        env = {name: value for name, value in os.environ.items() if name not in unset}
        self.command = subprocess.Popen(
            command(*arguments),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=env | {"TERM": "xterm-256color"} | variables,
            start_new_session=True,
        )
        os.close(theirs)

    def until(self, text: str) -> str:
        """Read until a text is shown; return all that was shown by then."""
        while text not in self.shown and (more := self._more()):
            self.shown += more
        return self.shown

    def end(self) -> int:
        """Read all that is shown; return the status."""
        while more := self._more():
            self.shown += more
        return self.command.wait(60)

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def close(self) -> None:
        self.command.kill()
        self.command.wait()
        os.close(self._terminal)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in CONTROLS.sub("", self.shown).splitlines()]

    def _more(self) -> str:
        try:
            return os.read(self._terminal, 65536).decode(errors="replace")
        except OSError:  # the other end is closed (EIO)
            return ""


@contextlib.contextmanager
def terminal(*arguments: str, columns: int = 100, **variables: str) -> Iterator[Terminal]:
    made = Terminal(*arguments, columns=columns, **variables)
    try:
        yield made
    finally:
        made.close()


def shown(*arguments: str, columns: int = 100, **variables: str) -> Terminal:
    with terminal(*arguments, columns=columns, **variables) as made:
        made.end()
    return made


def test_help_is_in_panels_on_a_terminal_and_plain_elsewhere(home: Path) -> None:
    assert any(line.startswith("╭─ Check files ─") for line in shown("--help").lines)
    assert any(line.startswith("╭─ Options ─") for line in shown("ps", "--help").lines)
    assert not set("╭\x1b") & set(orchestrator("ps", "--help").stdout)
    assert "╭" not in shown("--help", TERM="dumb").shown


def test_a_mistake_has_no_panel_on_a_terminal(home: Path) -> None:
    on = shown("ps", "--nonsense")
    assert on.command.returncode == 2
    assert "╭" not in on.shown


def test_doctor_is_a_table_that_fits_the_terminal(home: Path) -> None:
    on = shown("doctor", columns=50)
    assert on.command.returncode == 0
    assert "\x1b[32mok\x1b[0m" in on.shown
    assert max(map(len, on.lines)) <= 50
    assert "\x1b[3" not in shown("doctor", NO_COLOR="1").shown


def test_explain_is_markdown_that_fits_the_terminal(home: Path) -> None:
    on = shown("explain", "Z101", columns=60)
    assert "Z101 incompatible-sockets" in on.lines
    assert "Bad:" in on.lines
    assert "```" not in on.shown
    assert "\x1b[94mnodes\x1b[0m:" in on.shown
    assert max(map(len, on.lines)) <= 60 + 2  # libraries draw a margin around code
    assert "\x1b[9" not in shown("explain", "Z101", "--no-color").shown
    listed = shown("explain", columns=60)
    assert max(map(len, listed.lines)) <= 60
    assert "\x1b[31merror" in listed.shown
    assert "\x1b" not in orchestrator("explain", "Z101").stdout


@pytest.mark.usefixtures("document")
def test_a_view_is_drawn_over_the_one_before_and_erases_nothing(mesh: Mesh) -> None:
    with mesh.running(), terminal("ps", "--watch", "bot", columns=24) as on:
        first = on.until("bot-1")
        assert first.index(OTHER_SCREEN) < first.index("market  up")
        on.shown = ""
        again = on.until("bot-1")
        assert "\x1b[H" in again
        assert not re.search(r"\x1b\[\d?[JK]", again)
        assert "…" in again  # cut, as wide as the terminal
        on.type("q")
        assert on.end() == 0
        assert OWN_SCREEN in on.shown


@pytest.mark.usefixtures("document")
def test_a_view_ends_by_ctrl_c_with_the_terminal_as_it_was(mesh: Mesh) -> None:
    with mesh.running(), terminal("ps", "-w", "-m", "market") as on:
        on.until("bot")
        on.command.send_signal(signal.SIGINT)
        assert on.end() == 0
        assert OWN_SCREEN in on.shown


@pytest.mark.usefixtures("document")
def test_a_view_is_plain_text_where_a_terminal_obeys_no_control_sequences(mesh: Mesh) -> None:
    with mesh.running(), terminal("ps", "-w", "-m", "market", TERM="dumb") as on:
        on.until("bot")
        on.until("bot")
        on.command.send_signal(signal.SIGINT)
        assert on.end() == 0
        assert "\x1b" not in on.shown


LINES_ALONE = (["ps"], ["ls"], ["logs"], ["events"], ["top"], ["ps", "--help"], ["doctor"], ["explain"], ["--help"])


def test_who_prints_lines_alone_loads_no_rich(home: Path) -> None:
    script = f"""if True:
        import sys, orchestrator.cli
        for arguments in {LINES_ALONE!r}:
            sys.argv[1:] = arguments
            try: orchestrator.cli.main()
            except SystemExit: assert "rich" not in sys.modules, arguments
        import orchestrator.report.terminal
        assert "rich" in sys.modules
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_typer_brings_rich() -> None:
    assert any(re.match(r"rich\b(?!.*extra)", each) for each in requires("typer") or ())
