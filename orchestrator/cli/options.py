"""The flags that verbs share."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from orchestrator.cli.signature import Fields, but
from orchestrator.project.errors import UsageError
from orchestrator.report.output import Output
from orchestrator.report.output_format import Format

if TYPE_CHECKING:
    from orchestrator.project.selection import Selection


def duration(text: str) -> float:
    """Read ``1m30s`` as seconds."""
    from orchestrator.zeromq.quantities import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not {error}") from None


def moment(text: str) -> float:
    """Read ``10m``, so long ago, or ``2026-11-25T10:00:00Z`` (RFC 3339; without zone: local) as epoch seconds."""
    import time
    from datetime import datetime

    from orchestrator.zeromq.quantities import parse_duration

    with contextlib.suppress(ValueError):
        return time.time() - parse_duration(text)
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a duration such as 10m nor a time such as 2026-01-31T12:00:00Z"
        ) from None


def processes(context: typer.Context, incomplete: str) -> list[str]:
    """Complete the names of nodes and processes of the mesh that the command would act on."""
    from orchestrator.client import select_mesh

    try:
        known = select_mesh.processes(select_mesh.mesh(context.params.get("mesh") or "", None)[0])
    except Exception:  # whoever presses tab wants no error
        return []
    return [name for name in dict.fromkeys([*known.values(), *known]) if name.startswith(incomplete)]


def edges(context: typer.Context, incomplete: str) -> list[str]:
    """Complete the names of edges of the mesh that the command would act on."""
    from orchestrator.client import select_mesh

    try:
        plan = select_mesh.plan(select_mesh.mesh(context.params.get("mesh") or "", None)[0])
    except Exception:  # whoever presses tab wants no error
        return []
    return [edge.name for edge in plan.edges if edge.name.startswith(incomplete)]


def meshes(incomplete: str) -> list[str]:
    """Complete the names of running meshes."""
    from orchestrator.client.meshes import running

    try:
        return [name for name in running() if name.startswith(incomplete)]
    except Exception:  # whoever presses tab wants no error
        return []


def _answer(text: str) -> object:
    def callback(given: bool) -> None:
        if given:
            raise UsageError(text)

    return callback


def _habit(*flags: str, answer: str) -> object:
    return typer.Option(*flags, hidden=True, is_eager=True, callback=_answer(f"{flags[0]}: {answer}"))  # type: ignore[arg-type]


Topology = Annotated[
    list[str] | None, typer.Argument(metavar="FILE", help="The topology; - is standard input.", show_default=False)
]
File = Annotated[
    list[str] | None,
    typer.Option("--file", "-f", metavar="FILE", help="The topology; - is standard input; again: laid over it."),
]
MeshName = Annotated[
    str, typer.Option("--mesh", "-m", metavar="NAME", help="A running mesh, by its name.", autocompletion=meshes)
]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="Give the mesh this name instead of the file's.")]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="X=V", help="Set a variable of the file; may be repeated.")
]
Profiles = Annotated[
    list[str] | None, typer.Option("--profile", metavar="P", help="Also the nodes of this profile; may be repeated.")
]
Root = Annotated[
    str, typer.Option("--root", metavar="DIR", help="Files may include what is in here, not only beside the first.")
]
AsFormat = Annotated[Format, typer.Option("--format", help="How to print it.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colors, as NO_COLOR in the environment says it.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes.")]
Remarks = Annotated[Output, but(format=None, no_color=None)]
"""The output of a verb that has only remarks to print."""

Processes = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PROCESS", help="bot: all of the node; bot-3: one; 'bot-1*': a pattern; also a FILE.",
        autocompletion=processes, show_default=False,
    ),
]  # fmt: skip
Edges = Annotated[
    list[str], typer.Argument(metavar="EDGE...", help="The edges, by name.", autocompletion=edges, show_default=False)
]
Topics = Annotated[
    list[str] | None,
    typer.Option("--topic", metavar="PREFIX", help="Only messages that begin so; may be repeated. Default: all."),
]
For = Annotated[float | None, typer.Option("--for", metavar="10s", parser=duration, help="Only for so long.")]

Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until the mesh ends.")]
Every = Annotated[bool, typer.Option("--all", "-a", help="Also what is kept of the runs before.")]
Last = Annotated[int | None, typer.Option("--tail", metavar="N", min=0, help="Only the last N lines of each process.")]
Since = Annotated[
    float | None,
    typer.Option("--since", metavar="10m", parser=moment, help="Only what came since: a while ago, or a time."),
]

Build = Annotated[bool, _habit("--build", answer="nothing is built here, programs are started as they are")]
RemoveOrphans = Annotated[bool, _habit("--remove-orphans", answer="there are none; down stops all that up started")]
Volumes = Annotated[bool, _habit("-v", "--volumes", answer="a mesh has no volumes; its logs stay until the next up")]


class Selected(NamedTuple):
    """Which topology whoever typed the command means, as it was typed."""

    arguments: Sequence[str] | None = None
    file: Sequence[str] | None = None
    name: str = ""
    sets: Sequence[str] | None = None
    profiles: Sequence[str] | None = None
    root: str = ""

    def selection(self) -> Selection:
        """Return the topology that is meant. Raise UsageError."""
        from orchestrator.project import select_files

        return self.named()._replace(files=tuple(select_files.only_files(self.arguments, self.file)))

    def named(self) -> Selection:
        """Return the topology with the files that -f names alone, none where it names none. Raise UsageError."""
        from orchestrator.project import select_files
        from orchestrator.project.selection import Selection

        sets, profiles = select_files.sets(self.sets), tuple(self.profiles or ())
        return Selection(tuple(self.file or ()), sets, profiles, self.name, self.root)


DEFAULT = Selected()
"""The topology that is found when nothing is said."""


class Period(NamedTuple):
    """Which part of what a mesh has told is meant, as it was typed: ``since`` in epoch seconds."""

    follow: bool = False
    every: bool = False
    last: int | None = None
    since: float | None = None

    def limits(self) -> dict[str, Any]:
        """Return it as ``Mesh.events`` and ``Mesh.logs`` take it."""
        return {**self._asdict(), "since": self.since or 0.0}


CURRENT = Period()
"""What the current or last run has told so far."""

OBJECTS: dict[type, Fields] = {
    Output: {"format": (AsFormat, Format.text), "no_color": (NoColor, False), "quiet": (Quiet, False)},
    Selected: {
        "arguments": (Topology, None),
        "file": (File, None),
        "name": (Name, ""),
        "sets": (Sets, None),
        "profiles": (Profiles, None),
        "root": (Root, ""),
    },
    Period: {"follow": (Follow, False), "every": (Every, False), "last": (Last, None), "since": (Since, None)},
}
"""The objects that verbs take, each by its options."""
