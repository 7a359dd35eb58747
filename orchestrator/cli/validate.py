"""``validate``: find what is wrong with topologies before anything runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

import orchestrator
from orchestrator.cli.options import File, Name, NoColor, Profiles, Root, Sets
from orchestrator.project import select_files
from orchestrator.project.errors import Mistake
from orchestrator.project.stdin import everything
from orchestrator.topology import reading

if TYPE_CHECKING:
    from orchestrator.project.examine import Examined
    from orchestrator.project.settings import Settings
    from orchestrator.report.result import Checked


class Report(StrEnum):
    """How findings are printed."""

    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"
    junit = "junit"


Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Files, folders, globs; - is standard input.", show_default=False),
]
Rules = list[str] | None


def validate(
    paths: Paths = None,
    file: File = None,
    form: Annotated[Report, typer.Option("--format", help="How to print it.")] = Report.text,
    select: Annotated[Rules, typer.Option(metavar="CODE", help="Only these rules: Z101, Z1; may be repeated.")] = None,
    ignore: Annotated[Rules, typer.Option(metavar="CODE", help="Not these; may be repeated.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Look at nothing but the files.")] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Only how many there are of each code.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what has one safe answer.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change.")] = False,
    baseline: Annotated[
        str, typer.Option(metavar="FILE", help="Let old findings through, which this file knows.")
    ] = "",
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write what is found now to the --baseline.")
    ] = False,
    no_config: Annotated[
        bool, typer.Option("--no-config", help="Only flags count: no pyproject.toml, no lint key, no comment.")
    ] = False,
    sets: Sets = None,
    profiles: Profiles = None,
    name: Name = "",
    root: Root = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes, and no findings that are notes.")] = False,
    no_color: NoColor = False,
) -> None:
    """Check topologies: whether they can be understood, and what ZeroMQ would answer with silence."""
    _agree(form, fix=fix, diff=diff, statistics=statistics)
    from orchestrator.project.settings import Settings, find_settings

    settings = Settings() if no_config else find_settings()
    baseline = baseline or settings.baseline
    if write_baseline and not baseline:
        raise Mistake("--write-baseline needs --baseline FILE")
    meshes = _meshes(paths, file, settings)

    from orchestrator.project.examine import Wanted, examine
    from orchestrator.report import console
    from orchestrator.report.result import Checked

    want = Wanted(
        sets=select_files.sets(sets),
        profiles=tuple(profiles or ()),
        name=name,
        root=root,
        select=_codes("--select", select) or _codes(f"{settings.file}: select", settings.select),
        ignore=_codes("--ignore", ignore) + _codes(f"{settings.file}: ignore", settings.ignore),
        offline=offline,
        flags_alone=no_config,
    )
    files = tuple(dict.fromkeys(each for mesh in meshes for each in mesh))
    if fix and reading.STDIN in files:
        raise Mistake("--fix cannot change standard input; --diff shows what it would change")
    stdin = everything() if reading.STDIN in files else b""
    found = examine(meshes, want, stdin)
    if fix or diff:
        from orchestrator.project import fixes

        mended = fixes.mend(found, lambda instead: examine(meshes, want._replace(instead=instead), stdin))
    if fix:
        fixes.write(mended.changes)
        found = mended.found
        console.note(f"mended: {mended.count}" if mended.count else "nothing to mend", quiet)
    left_out = 0
    if baseline:
        from orchestrator.project import baseline_file

        if write_baseline:
            console.note(baseline_file.write(baseline, found.findings), quiet)
            return
        found.findings, left_out, remarks = baseline_file.leave_out(baseline, found.findings, found.texts)
        for remark in remarks:
            console.note(remark, quiet)
    if quiet:  # whatever the format
        found.findings = [each for each in found.findings if each.severity != "info"]
    from orchestrator.lint.codes import CODES

    checked = Checked(files, tuple(found.findings), CODES, strict or settings.strict)
    if diff:
        console.data(fixes.diff(mended.changes))
    else:
        _print(checked, found, form, statistics=statistics, no_color=no_color)
    if form is Report.text:
        console.note(_summary(checked, left_out), quiet)
    if checked.failed:
        raise typer.Exit(1)


def _agree(form: Report, *, fix: bool, diff: bool, statistics: bool) -> None:
    """Raise Mistake for flags that do not go together."""
    if fix and diff:
        raise Mistake("--fix and --diff exclude one another: --diff shows what --fix would change")
    if diff and (form is not Report.text or statistics):
        raise Mistake("--diff is a text of its own: neither --format nor --statistics goes with it")
    if statistics and form not in (Report.text, Report.json):
        raise Mistake(f"--statistics: not with --format {form}; text and json have them")


def _meshes(paths: Sequence[str] | None, options: Sequence[str] | None, settings: Settings) -> list[list[str]]:
    """Give what is checked: the files of each mesh. Raise Mistake."""
    if options and paths:
        raise Mistake(f"{paths[0]}: -f lays files over one another to one topology; name paths without it")
    from orchestrator.project import discovery
    from orchestrator.report import console

    if options or not (paths or settings.paths):
        files = select_files.files(None, options)
        for file in files:
            discovery.readable(file)
        return [files]
    found = discovery.files(paths) if paths else discovery.files(settings.paths, settings.root)
    if not found:
        console.note(f"no topology.yaml and no *.topology.yaml in {', '.join(paths or settings.paths)}")
    return [[each] for each in found]


def _codes(where: str, given: Iterable[str] | None) -> tuple[str, ...]:
    """Read codes and prefixes, with commas or one by one. Raise Mistake for one that no code begins with."""
    named = tuple(code.strip() for each in given or () for code in each.split(","))
    if not named:
        return ()
    from difflib import get_close_matches

    from orchestrator.lint.codes import CODES
    from orchestrator.lint.core.select import unknown

    for code in unknown(named, CODES):
        near = get_close_matches(code, CODES, 1)
        raise Mistake(
            f"{where} {code}: no such code; {f'did you mean {near[0]}?' if near else 'see orchestrator explain'}"
        )
    return named


def _print(checked: Checked, found: Examined, form: Report, *, statistics: bool, no_color: bool) -> None:
    from orchestrator.report import console

    if form is Report.text:
        from orchestrator.report import problems

        if statistics:
            console.data(problems.statistics(checked))
            return
        colour = console.colourful(sys.stdout, no_color)
        console.data(problems.findings(checked.findings, lambda file: found.texts.get(file, ""), colour=colour))
    elif text := _rendered(checked, form, statistics=statistics):
        print(text)


def _rendered(checked: Checked, form: Report, *, statistics: bool) -> str:
    """Give what programs read; each form is loaded where it is wanted."""
    if form is Report.github:
        from orchestrator.report import github

        return github.render(checked)
    if form is Report.sarif:
        from orchestrator.report import sarif

        return sarif.render(checked, orchestrator.__version__, os.getcwd())
    if form is Report.junit:
        from orchestrator.report import junit

        return junit.render(checked)
    from orchestrator.report import json

    return json.statistics(checked) if statistics else json.render(checked)


def _summary(checked: Checked, left_out: int) -> str:
    from orchestrator.report.problems import tally
    from orchestrator.report.text import count

    fixable = sum(bool(each.edits) for each in checked.findings)
    hint = f"; --fix mends {fixable}" if fixable else ""
    found = tally(checked.findings) if checked.findings or not left_out else "nothing new"
    return f"{count(len(checked.files), 'file')}: {found}{hint}"
