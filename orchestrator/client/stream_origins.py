"""Which files and plan a stream was begun under: what waits in a journal must not pass for what another mesh has sent.

Whoever starts a mesh writes ``origins.json`` into the folder of each socket that keeps what it sends. It lists what the
mesh was when messages came that may still be there: its files, its profiles, and its external nodes with their
addresses. Nothing else of a plan counts, so an edit of programs, arguments or links is no other plan.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestrator.contract.folders import Folders
from orchestrator.plan.model import Plan
from orchestrator.project.errors import UsageError
from orchestrator.report.text import count

FILE = "origins.json"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a mesh was when it began: ``files`` as they were named, ``paths`` as they are found from anywhere.

    ``outside`` has for each external node where it binds; ``time`` are epoch seconds.
    """

    files: tuple[str, ...]
    paths: tuple[str, ...]
    profiles: tuple[str, ...]
    outside: tuple[tuple[str, ...], ...]
    time: float

    @property
    def same(self) -> object:
        """What two have in common that are the same."""
        return self.paths, self.profiles, self.outside


@dataclass(frozen=True, slots=True)
class Stream:
    """A socket that keeps what it sends, by which delivery, and what that was sent under."""

    folder: Path
    kind: str
    origins: tuple[Origin, ...]

    def waiting(self) -> int:
        """Count the messages that others may still get; 0 where nobody can read them. It takes a while."""
        # Most meshes keep nothing, and journals load pyzmq.
        from orchestrator.delivery.batch.frame import BadFrame, count_of
        from orchestrator.delivery.journal import reader
        from orchestrator.delivery.journal.errors import JournalError
        from orchestrator.delivery.replay.wire import read_record

        try:
            if self.kind == "durable":
                return reader.account(self.folder).unacknowledged
            return sum(
                count_of(read_record(each.body).batch) for each in reader.contents(self.folder, acknowledged=True)
            )
        except (JournalError, BadFrame):
            return 0


def of(plan: Plan, now: float) -> Origin:
    """Return what a mesh is."""
    outside = []
    for name in sorted(plan.external):
        bound = sorted(e.address for e in plan.endpoints if not e.process and e.node == name)
        outside.append((name, *bound))
    paths = tuple(os.path.realpath(file) if file != "-" else file for file in plan.files)
    return Origin(plan.files, paths, tuple(sorted(plan.profiles)), tuple(outside), now)


def check(folders: Folders, plan: Plan) -> list[str]:
    """Return a line for each stream that was begun by another mesh of this name.

    Where the mesh has external nodes, which could get what was never meant for them, somebody has to agree to that.
    """
    mine = of(plan, 0.0)
    return [line for each in _streams(folders, plan) for line in _lines(each, mine)]


def refusal(plan: Plan, lines: Sequence[str]) -> UsageError:
    """Return the mistake of starting a mesh that would send external nodes what another one has left."""
    drop = "orchestrator journal prune --drop --yes"
    return UsageError(
        "\n".join(lines) + f"\n{whom(plan)}: -y starts it all the same, {drop} -m {plan.mesh} drops what waits, "
        "--name gives this mesh journals of its own"
    )


def whom(plan: Plan) -> str:
    """Say who would get what another mesh has left."""
    return f"{plan.mesh} has external nodes ({', '.join(plan.external)})"


def write(folders: Folders, plan: Plan, *, agreed: bool) -> None:
    """Note under what messages come from now on. Raise OSError. What was ``agreed`` to needs no telling again."""
    mine = of(plan, time.time())
    for each in _streams(folders, plan):
        if [one.same for one in each.origins] == [mine.same]:
            continue
        kept = [] if agreed or not each.waiting() else [one for one in each.origins if one.same != mine.same]
        each.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps({"version": 1, "origins": [asdict(one) for one in [*kept, mine]]})
        new = each.folder / f"{FILE}.part"
        new.write_text(text)
        new.replace(each.folder / FILE)


def _streams(folders: Folders, plan: Plan) -> Iterator[Stream]:
    for process in plan.processes:
        for socket in process.sockets:
            kind = socket.delivery["kind"] if socket.delivery else ""
            if (socket.type, kind) in (("PUSH", "durable"), ("PUB", "replay")):
                folder = folders.journals / f"{process.name}.{socket.name}"
                yield Stream(folder, kind, tuple(_read(folder)))


def _read(folder: Path) -> Iterator[Origin]:
    """Yield what messages may have been sent under; nothing where that was never written."""
    try:
        for each in json.loads((folder / FILE).read_bytes())["origins"]:
            yield Origin(**{key: _tuples(value) for key, value in each.items()})
    except (OSError, ValueError, KeyError, TypeError):
        return


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _lines(stream: Stream, mine: Origin) -> Iterator[str]:
    others = [each for each in stream.origins if each.same != mine.same]
    if (others or not stream.origins) and (waiting := stream.waiting()):
        under = " and ".join(_under(each, mine) for each in others) or "under files that nobody has noted"
        when = f" of {time.strftime('%Y-%m-%d %H:%M', time.localtime(others[0].time))}" if others else ""
        yield f"{stream.folder.name}: {count(waiting, 'message')}{when}, written {under}"


def _under(was: Origin, mine: Origin) -> str:
    """Say what was another when messages were sent."""
    said = [", ".join(was.files if was.files != mine.files or was.paths == mine.paths else was.paths)]
    if was.profiles != mine.profiles:
        said.append(f"profiles {', '.join(was.profiles)}" if was.profiles else "no profiles")
    said += _changed(was.outside, mine.outside)
    return "under " + ", ".join(said)


def _changed(was: Sequence[tuple[str, ...]], now: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Say what was another about the external nodes."""
    then, there = ({name: bound for name, *bound in each} for each in (was, now))
    for name in sorted({*then, *there}):
        if name not in then:
            yield f"{name} not external"
        elif name not in there:
            yield f"{name} external"
        elif then[name] != there[name]:
            yield f"{name} at {', '.join(then[name]) or 'no address'}"
