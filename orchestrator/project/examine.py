"""Files, variables and settings -> topologies, plans, and all that is wrong with them: one way for all who check."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from orchestrator.lint.core.select import wanted
from orchestrator.project.environment import Recorded
from orchestrator.topology import reading
from orchestrator.topology.diagnostics.diagnostic import Diagnostic, Severity
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.load import load, uncollected
from orchestrator.topology.model import Lint
from orchestrator.topology.reading import STDIN

if TYPE_CHECKING:
    from orchestrator.lint.rules.z2_endpoints.two_meshes import Bound
    from orchestrator.plan.model import Plan
    from orchestrator.plan.partial import PartialPlan
    from orchestrator.topology.model import Topology

OF_THE_MACHINE = ("Z206", "Z207", "Z209", "Z213", "Z415", "Z503", "Z506", "Z60", "Z61")
"""Rules that find more on one machine, or in one call, than in another: to silence them is never useless."""

EVERY_RULE = ("Z",)


class Wanted(NamedTuple):
    """How topologies are loaded, how far they are examined, and which findings are wanted.

    ``select`` and ``ignore`` are codes or how they begin; with ``by_project`` those of pyproject.toml count in their
    place, which is read where something is found. ``offline``: facts of this machine do not count. ``flags_alone``:
    what files say of the linter, under ``lint`` and in comments, does not count. ``instead`` has contents that count in
    place of those of files, by their real path, or ``-``.

    Where all is well, no more is done than to read the ``topology``, or to make the ``plan``, or to ask the ``rules``;
    else all that is wrong is found. Rules that matter less than ``least`` are not asked. With ``comments`` those that
    silence nothing are findings. With ``environment`` findings may show what stands in a variable.
    """

    sets: Mapping[str, str] = MappingProxyType({})
    profiles: tuple[str, ...] = ()
    name: str = ""
    root: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    by_project: bool = False
    offline: bool = False
    flags_alone: bool = False
    instead: Mapping[str, bytes] = MappingProxyType({})
    until: Literal["topology", "plan", "rules"] = "rules"
    least: Severity = "info"
    comments: bool = True
    environment: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Examined:
    """What was found in files, in their order, the texts of those that were read, by name, and what they mean.

    ``topology`` and ``plan`` are those of the last mesh, as far as they were asked for, can be understood and planned;
    what keeps them from that is ``blocking``, whatever is selected.
    """

    findings: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    topology: Topology | None = None
    plan: Plan | None = None
    blocking: list[Diagnostic] = field(default_factory=list)


def examine(meshes: Iterable[Sequence[str]], want: Wanted, stdin: bytes = b"") -> Examined:
    """Examine topologies, each of one file, or of several that are laid over one another."""
    with uncollected():
        return _Examination(want, want.instead.get(STDIN, stdin)).of(list(meshes))


def text(file: str, stdin: bytes = b"", instead: Mapping[str, bytes] | None = None) -> str:
    """Read a file as it is, its line breaks too, without a byte order mark; empty where it cannot be read again."""
    try:
        other = instead.get(os.path.realpath(file)) if instead else None
        content = stdin if file == STDIN else reading.content(file) if other is None else other
    except (OSError, ValueError):
        return ""
    return content.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")


_Choice = tuple[tuple[str, ...], tuple[str, ...]]
"""Which codes are selected, and which are ignored."""


class _Look(NamedTuple):
    """What one look at a topology finds: what is left of it where it can be understood, and what blocks its plan."""

    found: list[Diagnostic]
    topology: Topology | None = None
    left: PartialPlan | None = None
    blocking: Sequence[Diagnostic] = ()


class _Examination:
    """One call: what is found and read so far, which rules looked at which file, and what each mesh binds."""

    def __init__(self, want: Wanted, stdin: bytes) -> None:
        self._want, self._stdin = want, stdin
        self._done = Examined()
        self._looked: dict[str, list[_Choice]] = {}
        self._bound: list[list[Bound]] = []

    def of(self, meshes: Sequence[Sequence[str]]) -> Examined:
        """Return all that is found, without what comments silence."""
        found = [problem for files in meshes for problem in self._mesh(files, several=len(meshes) > 1)]
        found += self._between()
        if found or self._want.comments:
            by_place = {(one.file, one.line, one.column, one.code, one.path, one.message): one for one in found}
            found = self._unsilenced(list(by_place.values()))
            found.sort(key=lambda one: (one.file, one.line, one.column, one.code))
        self._done.findings = found
        return self._done

    def _mesh(self, files: Sequence[str], *, several: bool) -> list[Diagnostic]:
        """Examine one topology, and leave out of what is found what the environment holds."""
        want, done = self._want, self._done
        environ = os.environ if want.environment else Recorded(os.environ)
        found, topology, left, blocking = self._look(files, environ)
        done.topology, done.blocking = topology, list(blocking)
        done.plan = left.plan if left is not None and not blocking else None
        if not found and not want.comments:
            return []
        self._read([*files, *(one.file for one in found if one.shown)])
        if topology is not None:
            self._read(_files(topology))
            choice = self._choice(topology)
            for file in _files(topology):
                self._looked.setdefault(file, []).append(choice)
        if several and left is not None:
            from orchestrator.lint.rules.z2_endpoints import two_meshes

            self._bound.append(two_meshes.bound(left.topology, left.plan))
        if not found or not isinstance(environ, Recorded) or not environ.asked:
            return found
        return self._without(found, environ.asked, files)

    def _look(self, files: Sequence[str], environ: Mapping[str, str]) -> _Look:
        """Look at one topology. What keeps it from being understood is told whatever is selected, if not ignored."""
        want, told = self._want, list[Diagnostic]()
        name, root = want.name or None, want.root or None
        try:
            topology = load(files, want.sets, environ, name=name, stdin=self._stdin, root=root, instead=want.instead)
        except InvalidTopologyError as problems:
            told = problems.problems
            if problems.understood is None:
                return _Look(self._told(told), blocking=told)
            topology = problems.understood
        if want.until == "topology" and not told:
            return _Look([], topology)
        from orchestrator.plan.partial import plan_partially

        if want.flags_alone:
            topology = topology.model_copy(update={"lint": Lint()})
        left = plan_partially(topology, told, want.profiles)
        if want.until == "plan" and not left.problems:
            return _Look([], topology, left)
        found = self._ruled(left)
        if found or left.problems:
            choice = self._choice(topology)
            found = [*self._told(left.problems), *(one for one in found if wanted(one.code, *choice))]
        return _Look(found, topology, left, left.problems)

    def _ruled(self, left: PartialPlan) -> list[Diagnostic]:
        """Ask the rules; they say nothing of what follows from edges that were left out."""
        from orchestrator.lint.check import ABSENCE_RULES, check
        from orchestrator.lint.core.facts import Facts
        from orchestrator.project.machine_facts import Gathered

        want = self._want
        facts = Facts() if want.offline else Gathered(left.topology, left.plan, want.root)
        select, ignore = (EVERY_RULE, ()) if want.by_project else (want.select, want.ignore)
        least = want.least if want.until == "rules" else "error"
        found = check(left.topology, left.plan, facts, select, ignore, least)
        return [one for one in found if one.code not in ABSENCE_RULES or not left.edges_dropped_for(one)]

    def _between(self) -> Iterator[Diagnostic]:
        """Yield what is wrong between meshes, of those files that somebody wants to know it of."""
        if len(self._bound) > 1:
            from orchestrator.lint.rules.z2_endpoints import two_meshes

            for one in two_meshes.shared(self._bound):
                if any(wanted(one.code, *choice) for choice in self._looked.get(one.file, ())):
                    yield one

    def _unsilenced(self, found: list[Diagnostic]) -> list[Diagnostic]:
        """Leave out what comments silence; where that is wanted, add what is wrong with comments."""
        from orchestrator.lint.core.suppress import suppress, unsilenced

        want, texts = self._want, self._done.texts
        if want.flags_alone:
            return found
        if not want.comments:
            return unsilenced(found, texts)
        from orchestrator.lint.codes import CODES

        def judged(file: str, code: str) -> bool:
            looked = any(wanted(code, *choice) for choice in self._looked.get(file, ()))
            return looked and not code.startswith(OF_THE_MACHINE)

        kept = suppress(found, texts, CODES, judged)
        return [one for one in kept if one.code != "Z001" or wanted(one.code, *self._chosen)]

    def _without(self, found: list[Diagnostic], held: Mapping[str, str], files: Sequence[str]) -> list[Diagnostic]:
        """Leave out of what is found what variables of the environment hold."""
        from orchestrator.lint.codes import CODES
        from orchestrator.report import unseen

        def again(others: Mapping[str, str]) -> list[Diagnostic]:
            return self._look(files, Recorded(os.environ, others)).found

        def about(code: str) -> str:
            return CODES[code].about if code in CODES else ""

        return unseen.without(found, held, again, list(self._done.texts.values()), _language, about)

    @cached_property
    def _chosen(self) -> _Choice:
        """What is chosen by flags, or by the project."""
        if not self._want.by_project:
            return self._want.select, self._want.ignore
        from orchestrator.project.settings import find_settings

        settings = find_settings()
        return settings.select, settings.ignore

    def _choice(self, topology: Topology) -> _Choice:
        """Return what is chosen by flags, or by the project, and by a topology itself."""
        select, ignore = self._chosen
        return (*select, *topology.lint.select), (*ignore, *topology.lint.ignore)

    def _told(self, problems: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return what is told of what keeps a topology from being planned."""
        return [one for one in problems if wanted(one.code, (), self._chosen[1])]

    def _read(self, files: Iterable[str]) -> None:
        texts = self._done.texts
        for file in files:
            if file not in texts:
                texts[file] = text(file, self._stdin, self._want.instead)


def _files(topology: Topology) -> list[str]:
    """Return all files that a topology was read from, what they include among them."""
    return list(dict.fromkeys([*topology.files, *topology.sources]))


def _language() -> str:
    from orchestrator.schema import build

    return build.text()
