"""A rule's docstring, read: what it says, why, its examples with all their files, its source; also as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import dedent, wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.lint.codes import Kind

TOPOLOGY = "topology.yaml"
"""The first file of every example."""

_FILE = re.compile(r"^# ([\w./-]+\.\w+)\n", re.MULTILINE)
WHY, FIX = "Why it matters", "How the fix is safe"

_PARTS = re.compile(rf"^({WHY}|{FIX}|Bad|Good|Source):", re.MULTILINE)
_LANGUAGES = {"yaml": "yaml", "py": "python"}


@dataclass(frozen=True, slots=True)
class Document:
    """A documentation; ``bad`` and ``good`` are files by name, the places of findings marked by ``# CODE``.

    ``fix`` is empty where findings have none.
    """

    text: str
    why: str
    fix: str
    bad: Mapping[str, str]
    good: Mapping[str, str]
    source: str


def read(about: str) -> Document:
    """Read a documentation; the examples of one that has none are empty."""
    text, *rest = _PARTS.split(about)
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    why, fix, source = (" ".join(parts.get(name, "").split()) for name in (WHY, FIX, "Source"))
    return Document(text.strip(), why, fix, _files(parts.get("Bad", "")), _files(parts.get("Good", "")), source)


def _files(example: str) -> dict[str, str]:
    text = dedent(example.lstrip("\n")).rstrip()
    if not text:
        return {}
    first, *rest = _FILE.split(f"{text}\n")
    named = dict(zip(rest[::2], rest[1::2], strict=True))
    return {name: f"{content.strip(chr(10))}\n" for name, content in {TOPOLOGY: first, **named}.items()}


def markdown(kind: Kind) -> Iterator[str]:
    """Give the lines of a section of docs/reference/rules.md."""
    document = read(kind.about)
    yield from (f"### {kind.code} {kind.name}", "", f"*{kind.severity}.* {document.text}", "")
    for title, line in ((WHY, document.why), (FIX, document.fix)):
        yield from (*_wrapped(f"*{title}:* {line.replace('``', '`')}"), "") if line else ()
    for title, files in (("Bad", document.bad), ("Good", document.good)):
        yield from (f"{title}:", "") if files else ()
        for name, content in files.items():
            note = f"# {name}\n" if name != TOPOLOGY else ""
            language = _LANGUAGES.get(name.rpartition(".")[2], "text")
            yield from (f"```{language}", *f"{note}{content}".splitlines(), "```", "")
    if document.source:
        yield from (f"Source: {document.source}", "")


def _wrapped(text: str) -> list[str]:
    return wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def page(groups: Iterable[tuple[str, Iterable[Kind]]]) -> str:
    """Give docs/reference/rules.md: for each group its title, and its codes."""
    lines = [
        "# The rules",
        "",
        "What `orchestrator validate` finds, generated from the rules by `python -m orchestrator.lint`. An *error* is",
        "refused, a *warning* is likely wrong, an *info* is good to know; some findings of a rule are milder than the",
        "rule, which its text says. In the bad examples the place of the finding is marked by the code. Codes that",
        "begin with S are of the schema: the file cannot be understood.",
        "",
    ]
    for title, kinds in groups:
        lines += [f"## {title}", ""]
        for kind in kinds:
            lines += markdown(kind)
    return "\n".join(lines).rstrip() + "\n"
