"""Files of variables: a line each is ``NAME=value``, empty, or a comment that begins with ``#``.

Nothing is quoted or replaced: a value is what stands between the first ``=`` and the end of the line. What a file holds
may be secret, so that no error says more of it than the number of a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from orchestrator.errors import OrchestratorError


class BadEnvFile(OrchestratorError):
    """A file of variables is missing or wrong: which, in which ``line`` (0: all of it), and why."""

    def __init__(self, path: str, line: int, why: str) -> None:
        super().__init__(f"env_file {path}{f':{line}' if line else ''}: {why}")
        self.path, self.line, self.why = path, line, why


def read(paths: Iterable[str]) -> dict[str, str]:
    """Read files, later over earlier. Raise BadEnvFile."""
    found: dict[str, str] = {}
    for path in paths:
        found |= _read(path)
    return found


def _read(path: str) -> dict[str, str]:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise BadEnvFile(path, 0, error.strerror or str(error)) from None
    found: dict[str, str] = {}
    lines = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            text = line.removesuffix(b"\r").decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise BadEnvFile(path, number, "not UTF-8") from None
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        name, equals, value = text.partition("=")
        why = _wrong(name, equals, value)
        if not why and _goes_on(value, lines[number:]):
            why = "a quote that ends in a later line: quotes are plain characters, values cannot go over several lines"
        if why:
            raise BadEnvFile(path, number, why)
        found[name] = value
    return found


def _goes_on(value: str, later: list[bytes]) -> bool:
    """Return whether a value begins with a quote that is closed at the end of a later line, as in dotenv files."""
    quote = value[:1]
    if quote not in ('"', "'") or quote in value[1:]:
        return False
    return any(line.rstrip().endswith(quote.encode()) and line.count(quote.encode()) == 1 for line in later)


def _wrong(name: str, equals: str, value: str) -> str:
    if not equals:
        return "no '='; a line is NAME=value, and values cannot go over several lines"
    if name.startswith("export "):
        return "'export' is a shell's word; a line is NAME=value"
    if not name or any(each.isspace() for each in name):
        return "no name, or space around it; a line is NAME=value"
    return "a NUL character" if "\0" in name + value else ""
