"""``explain``: what a code means, why, and what to do."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN, Output

Codes = Annotated[
    list[str] | None,
    typer.Argument(metavar="CODE", help="Such as Z101, or its name; none: a list of all.", show_default=False),
]


def explain(codes: Codes = None, output: Output = PLAIN) -> None:
    """Explain the codes of findings, or list them."""
    from orchestrator.lint.codes import CODES
    from orchestrator.report import rules

    kinds = [CODES[_code(given)] for given in codes or ()] or list(CODES.values())
    if output.json:
        print(rules.as_json(kinds))
    elif not output.terminal:
        output.lines(rules.explained(kinds) if codes else rules.listed(kinds))
    else:
        from orchestrator.lint import docs
        from orchestrator.report import terminal

        if codes:
            terminal.documents(("\n".join(docs.markdown(kind)) for kind in kinds), color=output.color())
        else:
            terminal.rules(kinds, color=output.color())


def _code(given: str) -> str:
    """Return the code that somebody means by it, or by its name. Raise UsageError."""
    from difflib import get_close_matches

    from orchestrator.lint.codes import CODES

    if given.upper() in CODES:
        return given.upper()
    names = {kind.name: code for code, kind in CODES.items()}
    if given.lower() in names:
        return names[given.lower()]
    near = get_close_matches(given.upper(), CODES, 1) or get_close_matches(given.lower(), names, 1)
    hint = f"did you mean {near[0]}?" if near else "`orchestrator explain` lists them"
    raise UsageError(f"{given}: no such code; {hint}")
