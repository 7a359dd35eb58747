"""Old findings that are let through: a baseline knows each by its file, code, path and message, not by its line.

What keeps a file from being understood is never let through: nothing else of that file was looked at.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestrator.topology.diagnostics.fingerprint import digest

if TYPE_CHECKING:
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic

VERSION = 1

Key = tuple[str, str, str, str]
"""File, code, path, digest of the message."""

Name = Callable[[str], str]
"""Gives the name that a file has in the baseline, wherever the command runs."""


@dataclass(frozen=True, slots=True)
class BaselineDiff:
    """What is new against a baseline, how many findings were old, and what the baseline knows but nobody finds."""

    new: list[Diagnostic]
    old: int
    stale: list[Key]


def can_be_old(code: str) -> bool:
    """Return whether a baseline may know findings of a code."""
    return not code.startswith("S")


def dump(findings: Iterable[Diagnostic], name: Name = str) -> str:
    """Return a baseline of findings, a line for each; the same ones give the same text, whatever their order."""
    counts = sorted(Counter(_key(problem, name) for problem in findings if can_be_old(problem.code)).items())
    entries = [
        {"file": file, "code": code, "path": path, "message": message, "count": count}
        for (file, code, path, message), count in counts
    ]
    lines = ",\n".join(f"    {json.dumps(entry, ensure_ascii=False)}" for entry in entries)
    return f'{{\n  "version": {VERSION},\n  "findings": [\n{lines}\n  ]\n}}\n'


def load(text: str) -> Mapping[Key, int]:
    """Read a baseline: how often each finding is known. Raise ValueError, in one line, for any other text."""
    try:
        document = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise ValueError(f"not a baseline of version {VERSION}")
    entries = document.get("findings")
    if not isinstance(entries, list):
        raise ValueError("its findings are no list")
    return dict(map(_entry, entries))


def compare(
    findings: Iterable[Diagnostic], known: Mapping[Key, int], checked: Collection[str], name: Name = str
) -> BaselineDiff:
    """Part findings into new and old ones. Only entries of the files that were ``checked`` can be stale."""
    left = Counter({key: count for key, count in known.items() if can_be_old(key[1])})
    new: list[Diagnostic] = []
    old = 0
    for problem in findings:
        key = _key(problem, name)
        if left[key] > 0:
            left[key] -= 1
            old += 1
        else:
            new.append(problem)
    files = set(map(name, checked))
    return BaselineDiff(new, old, sorted(key for key, count in left.items() if count > 0 and key[0] in files))


def _key(problem: Diagnostic, name: Name) -> Key:
    return name(problem.file), problem.code, problem.path, digest(problem.message)


def _entry(entry: Any) -> tuple[Key, int]:
    match entry:
        case {"file": str(file), "code": str(code), "path": str(path), "message": str(message), "count": int(count)}:
            if count > 0:
                return (file, code, path, message), count
    raise ValueError(f"{json.dumps(entry)[:80]} is no finding")
