"""What ``doctor`` has found, for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from orchestrator.report.text import RED, YELLOW, paint

Health = Literal["ok", "limited", "missing"]
"""All is well; something is not as it should be; no mesh can run."""

_MARKS = {"ok": ("ok", ""), "limited": ("!", YELLOW), "missing": ("X", RED)}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was found, and what follows where it is not ok."""

    name: str
    health: Health
    found: str
    follows: str = ""


def lines(checks: Iterable[Check], *, color: bool = False) -> list[str]:
    """Return a line for each check, and below it what follows where it is not as it should be."""
    checks = list(checks)
    width = max((len(check.name) for check in checks), default=0)
    text = []
    for check in checks:
        mark, code = _MARKS[check.health]
        text.append(paint(f"{mark:2}  {check.name:{width}}  {check.found}".rstrip(), code, color and bool(code)))
        if check.health != "ok" and check.follows:
            text.append(paint(f"    {'':{width}}  {check.follows}", code, color))
    return text


def document(checks: Iterable[Check]) -> list[dict[str, str]]:
    """Return the same for programs."""
    return [
        {"name": each.name, "health": each.health, "found": each.found, "follows": each.follows * (each.health != "ok")}
        for each in checks
    ]
