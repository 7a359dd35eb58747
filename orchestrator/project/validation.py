"""What ``validate`` does: which files are checked against what, fixes and baseline; what is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from orchestrator.project.errors import UsageError
from orchestrator.project.settings import Settings, find_settings
from orchestrator.project.stdin import everything
from orchestrator.topology import reading

if TYPE_CHECKING:
    from orchestrator.project.examine import Examined
    from orchestrator.project.fixes import Change, Mended
    from orchestrator.project.selection import Selection
    from orchestrator.report.result import CheckResult


class Request(NamedTuple):
    """What is asked of a check, beside the files that it is about.

    ``no_config``: neither pyproject.toml nor what files say of the linter counts.
    """

    select: Sequence[str] | None = None
    ignore: Sequence[str] | None = None
    strict: bool = False
    offline: bool = False
    fix: bool = False
    diff: bool = False
    baseline: str = ""
    write_baseline: bool = False
    no_config: bool = False


class Validated(NamedTuple):
    """What was found, the texts of all files that were read, what a baseline left out, and what fixes change."""

    checked: CheckResult
    texts: Mapping[str, str]
    left_out: int = 0
    changes: tuple[Change, ...] = ()


def validate(
    paths: Sequence[str] | None,
    selection: Selection,
    request: Request,
    *,
    quiet: bool = False,
    remark: Callable[[str], None],
) -> Validated | None:
    """Check the topologies in ``paths``, or the one of ``selection``; None where the baseline is written instead.

    ``quiet`` leaves out findings that are notes. Raise UsageError.
    """
    settings = Settings() if request.no_config else find_settings()
    baseline = request.baseline or settings.baseline
    if request.write_baseline and not baseline:
        raise UsageError("--write-baseline needs --baseline FILE")
    meshes = _meshes(paths, selection.files, settings)
    files = tuple(dict.fromkeys(each for mesh in meshes for each in mesh))
    found, mended = _found(meshes, files, selection, request, settings)
    if request.fix and mended is not None:
        remark(f"mended: {mended.count}" if mended.count else "nothing to mend")
    left_out = 0
    if baseline:
        from orchestrator.project import baseline_file

        if request.write_baseline:
            remark(baseline_file.write(baseline, found.findings))
            return None
        found.findings, left_out, remarks = baseline_file.leave_out(baseline, found.findings, found.texts)
        for each in remarks:
            remark(each)
    from orchestrator.lint.codes import CODES
    from orchestrator.report.result import CheckResult

    findings = tuple(each for each in found.findings if not (quiet and each.severity == "info"))
    checked = CheckResult(files, findings, CODES, request.strict or settings.strict)
    return Validated(checked, found.texts, left_out, mended.changes if mended else ())


def _found(
    meshes: Sequence[Sequence[str]], files: Sequence[str], selection: Selection, request: Request, settings: Settings
) -> tuple[Examined, Mended | None]:
    """Return what is found, after fixes that are carried out; and these, where they are asked for. Raise UsageError."""
    from orchestrator.project.examine import Wanted, examine

    want = Wanted(
        sets=selection.sets,
        profiles=selection.profiles,
        name=selection.name,
        root=selection.root,
        select=_codes("--select", request.select) or _codes(f"{settings.file}: select", settings.select),
        ignore=_codes("--ignore", request.ignore) + _codes(f"{settings.file}: ignore", settings.ignore),
        offline=request.offline,
        flags_alone=request.no_config,
    )
    if request.fix and reading.STDIN in files:
        raise UsageError("--fix cannot change standard input; --diff shows what it would change")
    stdin = everything() if reading.STDIN in files else b""
    found = examine(meshes, want, stdin)
    if not (request.fix or request.diff):
        return found, None
    from orchestrator.project import fixes

    mended = fixes.mend(found, lambda instead: examine(meshes, want._replace(instead=instead), stdin))
    if request.fix:
        fixes.write(mended.changes)
        found = mended.found
    return found, mended


def _meshes(paths: Sequence[str] | None, overlaid: Sequence[str], settings: Settings) -> list[list[str]]:
    """Return what is checked: the files of each mesh. Raise UsageError."""
    if overlaid and paths:
        raise UsageError(f"{paths[0]}: -f lays files over one another to one topology; name paths without it")
    from orchestrator.project import discovery, select_files
    from orchestrator.report import console

    if overlaid or not (paths or settings.paths):
        files = select_files.files(None, overlaid)
        for file in files:
            discovery.readable(file)
        return [files]
    found = discovery.files(paths) if paths else discovery.files(settings.paths, settings.root)
    if not found:
        console.note(f"no topology.yaml and no *.topology.yaml in {', '.join(paths or settings.paths)}")
    return [[each] for each in found]


def _codes(where: str, given: Iterable[str] | None) -> tuple[str, ...]:
    """Read codes and prefixes, with commas or one by one. Raise UsageError for one that no code begins with."""
    named = tuple(code.strip() for each in given or () for code in each.split(","))
    if not named:
        return ()
    from difflib import get_close_matches

    from orchestrator.lint.codes import CODES
    from orchestrator.lint.core.select import unknown

    for code in unknown(named, CODES):
        near = get_close_matches(code, CODES, 1)
        raise UsageError(
            f"{where} {code}: no such code; {f'did you mean {near[0]}?' if near else 'see orchestrator explain'}"
        )
    return named
