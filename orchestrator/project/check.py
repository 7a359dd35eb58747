"""Files -> findings: loads, plans and lints each topology, and leaves out what comments silence."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from orchestrator.lint.check import OF_ABSENCE
from orchestrator.lint.check import check as lint
from orchestrator.lint.codes import CODES
from orchestrator.lint.core.facts import Facts
from orchestrator.lint.core.select import wanted
from orchestrator.lint.core.suppress import suppress
from orchestrator.lint.rules.z2_endpoints import two_meshes
from orchestrator.plan.partial import Understood, understand
from orchestrator.project.environment import Recorded
from orchestrator.project.machine_facts import Gathered
from orchestrator.topology import reading
from orchestrator.topology.diagnostics.diagnostic import Problem
from orchestrator.topology.errors import Problems
from orchestrator.topology.load import load, uncollected
from orchestrator.topology.model import Lint
from orchestrator.topology.reading import STDIN

if TYPE_CHECKING:
    from orchestrator.topology.model import Topology

OF_THE_MACHINE = ("Z206", "Z207", "Z209", "Z213", "Z415", "Z503", "Z506", "Z60", "Z61")
"""Rules that find more on one machine, or in one call, than in another: to silence them is never useless."""


class Wanted(NamedTuple):
    """How topologies are loaded, and which findings are wanted.

    ``flags_alone``: what files say of the linter, under ``lint`` and in comments, does not count. ``instead`` has
    contents that count in place of those of files, by their real path, or ``-``.
    """

    sets: Mapping[str, str] = MappingProxyType({})
    profiles: tuple[str, ...] = ()
    name: str = ""
    root: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    offline: bool = False
    flags_alone: bool = False
    instead: Mapping[str, bytes] = MappingProxyType({})


@dataclass(slots=True, eq=False, repr=False)
class Found:
    """What was found in files, in order; ``texts`` are those of all files that were read, by name."""

    findings: list[Problem] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


def check(meshes: Iterable[Sequence[str]], want: Wanted, stdin: bytes = b"") -> Found:
    """Check topologies, each of one file, or of several that are laid over one another."""
    stdin = want.instead.get(STDIN, stdin)
    with uncollected():
        return _check(meshes, want, stdin)


def _check(meshes: Iterable[Sequence[str]], want: Wanted, stdin: bytes) -> Found:
    found = Found()
    looked: dict[str, list[Callable[[str], bool]]] = {}
    bound: list[list[two_meshes.Bound]] = []
    for files in meshes:
        found.findings += _mesh(files, want, stdin, found.texts, looked, bound)
    both = two_meshes.shared(bound)
    found.findings += [one for one in both if any(looks(one.code) for looks in looked.get(one.file, ()))]
    by_place = {(one.file, one.line, one.column, one.code, one.path, one.message): one for one in found.findings}

    def judged(file: str, code: str) -> bool:
        return not code.startswith(OF_THE_MACHINE) and any(looks(code) for looks in looked.get(file, ()))

    every = list(by_place.values())
    kept = every if want.flags_alone else suppress(every, found.texts, CODES, judged)
    kept = [one for one in kept if one.code != "Z001" or wanted(one.code, want.select, want.ignore)]
    kept.sort(key=lambda one: (one.file, one.line, one.column, one.code))
    found.findings = kept
    return found


def text(file: str, stdin: bytes = b"", instead: Mapping[str, bytes] | None = None) -> str:
    """Read a file as it is, its line breaks too, without a byte order mark; empty where it cannot be read again."""
    try:
        other = instead.get(os.path.realpath(file)) if instead else None
        content = stdin if file == STDIN else reading.content(file) if other is None else other
    except (OSError, ValueError):
        return ""
    return content.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")


def _mesh(
    files: Sequence[str],
    want: Wanted,
    stdin: bytes,
    texts: dict[str, str],
    looked: dict[str, list[Callable[[str], bool]]],
    bound: list[list[two_meshes.Bound]],
) -> list[Problem]:
    """Check one topology, and leave out of what is found what the environment holds."""
    environ = Recorded(os.environ)
    found, left = _look(files, want, stdin, environ)
    topology = left.topology if left is not None else None
    _read([*files, *(one.file for one in found if one.shown)], texts, want, stdin)
    if left is not None and topology is not None:
        bound.append(two_meshes.bound(topology, left.plan))
        read = files_of(topology)
        _read(read, texts, want, stdin)
        select, ignore = (*want.select, *topology.lint.select), (*want.ignore, *topology.lint.ignore)
        for file in read:
            looked.setdefault(file, []).append(lambda code: wanted(code, select, ignore))
    if not found or not environ.asked:
        return found

    def again(others: Mapping[str, str]) -> list[Problem]:
        return _look(files, want, stdin, Recorded(os.environ, others))[0]

    def about(code: str) -> str:
        return CODES[code].about if code in CODES else ""

    from orchestrator.report import unseen

    return unseen.without(found, environ.asked, again, list(texts.values()), _language, about)


def _language() -> str:
    from orchestrator.schema import build

    return build.text()


def _look(
    files: Sequence[str], want: Wanted, stdin: bytes, environ: Mapping[str, str]
) -> tuple[list[Problem], Understood | None]:
    """Give what is found in one topology, and what is left of it where it can be understood.

    What keeps it from being understood is told whatever is selected, unless it is ignored.
    """
    told: list[Problem] = []
    try:
        topology = load(
            files,
            want.sets,
            environ,
            name=want.name or None,
            stdin=stdin,
            root=want.root or None,
            instead=want.instead,
        )
    except Problems as problems:
        told = problems.problems
        if problems.understood is None:
            return [one for one in told if wanted(one.code, (), want.ignore)], None
        topology = problems.understood
    if want.flags_alone:
        topology = topology.model_copy(update={"lint": Lint()})
    left = understand(topology, told, want.profiles)
    facts = Facts() if want.offline else Gathered(left.topology, left.plan, want.root)
    found = lint(left.topology, left.plan, facts, want.select, want.ignore)
    told = [one for one in left.problems if wanted(one.code, (), want.ignore)]
    told += [one for one in found if one.code not in OF_ABSENCE or not left.lost_edges(one)]
    return told, left


def files_of(topology: Topology) -> list[str]:
    """Give all files that a topology was read from, what they include among them."""
    return list(dict.fromkeys([*topology.files, *topology._document.folders]))


def _read(files: Iterable[str], texts: dict[str, str], want: Wanted, stdin: bytes) -> None:
    for file in files:
        if file not in texts:
            texts[file] = text(file, stdin, want.instead)
