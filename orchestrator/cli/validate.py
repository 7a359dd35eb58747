"""``validate``: find what is wrong with topologies before anything runs."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.options import DEFAULT, Selected
from orchestrator.cli.signature import Fields, but
from orchestrator.project.errors import UsageError
from orchestrator.project.validation import Request
from orchestrator.report.findings_format import FindingsFormat
from orchestrator.report.output import PLAIN, Output

Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Files, folders, globs; - is standard input.", show_default=False),
]
AsFormat = Annotated[FindingsFormat, typer.Option("--format", help="How to print it.")]
Codes = list[str] | None
Select = Annotated[Codes, typer.Option(metavar="CODE", help="Only these rules: Z101, Z1; may be repeated.")]
Ignore = Annotated[Codes, typer.Option(metavar="CODE", help="Not these; may be repeated.")]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings fail too.")]
Offline = Annotated[bool, typer.Option("--offline", help="Look at nothing but the files.")]
Statistics = Annotated[bool, typer.Option("--statistics", help="Only how many there are of each code.")]
Fix = Annotated[bool, typer.Option("--fix", help="Mend what has one safe answer.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show what --fix would change.")]
Baseline = Annotated[str, typer.Option(metavar="FILE", help="Let old findings through, which this file knows.")]
WriteBaseline = Annotated[bool, typer.Option("--write-baseline", help="Write what is found now to the --baseline.")]
NoConfig = Annotated[
    bool, typer.Option("--no-config", help="Only flags count: no pyproject.toml, no lint key, no comment.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No notes, and no findings that are notes.")]

OBJECTS: dict[type, Fields] = {
    Request: {
        "select": (Select, None),
        "ignore": (Ignore, None),
        "strict": (Strict, False),
        "offline": (Offline, False),
        "fix": (Fix, False),
        "diff": (Diff, False),
        "baseline": (Baseline, ""),
        "write_baseline": (WriteBaseline, False),
        "no_config": (NoConfig, False),
    }
}


def validate(
    selected: Annotated[Selected, but(arguments=(Paths, None))] = DEFAULT,
    request: Request = Request(),  # noqa: B008 - is immutable
    statistics: Statistics = False,
    output: Annotated[Output, but(format=(AsFormat, FindingsFormat.text), quiet=(Quiet, False))] = PLAIN,
) -> None:
    """Check topologies: whether they can be understood, and what ZeroMQ would answer with silence."""
    _agree(request, statistics, output)
    from orchestrator.project import validation
    from orchestrator.report import findings_format

    selection = selected.named()
    done = validation.validate(selected.arguments, selection, request, quiet=output.quiet, remark=output.note)
    if done is None:
        return
    if request.diff:
        from orchestrator.project import fixes

        output.lines(fixes.diff(done.changes))
    else:
        form, color = output.format, output.color()
        output.lines(findings_format.lines(done.checked, done.texts, form, statistics=statistics, color=color))
    if output.format == FindingsFormat.text:
        output.note(findings_format.summary(done.checked, done.left_out))
    raise typer.Exit(int(done.checked.failed))


def _agree(request: Request, statistics: bool, output: Output) -> None:
    """Raise UsageError for flags that do not go together."""
    if request.fix and request.diff:
        raise UsageError("--fix and --diff exclude one another: --diff shows what --fix would change")
    if request.diff and (output.format != FindingsFormat.text or statistics):
        raise UsageError("--diff is a text of its own: neither --format nor --statistics goes with it")
    if statistics and output.format not in (FindingsFormat.text, FindingsFormat.json):
        raise UsageError(f"--statistics: not with --format {output.format}; text and json have them")
