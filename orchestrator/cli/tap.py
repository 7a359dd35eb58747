"""``tap``: what flows on edges, in this terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.following import stay_awake
from orchestrator.cli.options import Edges, For, MeshName, Topics
from orchestrator.report.output import PLAIN, Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.tap.buffer import TappedMessage

Count = Annotated[int | None, typer.Option("--count", "-n", metavar="N", min=1, help="Only so many messages.")]
Times = Annotated[bool, typer.Option("--timestamps", "-t", help="When each was heard (UTC).")]

LONGEST = 200
"""Characters of a part that are shown; --format json shows all."""


def tap(
    edges: Edges,
    topics: Topics = None,
    count: Count = None,
    seconds: For = None,
    times: Times = False,
    mesh: MeshName = "",
    output: Output = PLAIN,
) -> None:
    """Show what flows on edges, without disturbing it: their publishers have one more subscriber, no more.

    Of a durable edge it shows what its senders accept. What had to be dropped is counted; --format json prints the
    lines of a recording.
    """
    from orchestrator.client.tap_session import TapSession

    of, _ = chosen(None, mesh, output, running=True)
    stay_awake()
    hearing = TapSession(of.folders, of.plan, edges, topics or (), output.note)
    left, seen = count, 0
    try:
        for found in hearing.messages(seconds):
            shown = found if left is None else found[:left]
            seen += len(shown)
            _show(shown, output, times)
            if left is not None:
                left -= len(shown)
                if not left:
                    return
    except KeyboardInterrupt:
        hearing.stop()
    for _ in hearing.messages(None):
        pass
    output.note("; ".join([f"{seen} messages", *hearing.losses.told()]))


def _show(found: Sequence[TappedMessage], output: Output, times: bool) -> None:
    from orchestrator.devices.recording import line
    from orchestrator.report.text import stamp, visible

    lines = []
    for each in found:
        if output.json:
            lines.append(json.dumps(line(each.socket, each.parts, each.time, each.edge), ensure_ascii=False))
        else:
            parts = (visible(_short(part.decode(errors="backslashreplace"))) for part in each.parts)
            lines.append((f"{stamp(each.time)} " if times else "") + f"{each.socket}  {' | '.join(parts)}")
    if lines:
        print("\n".join(lines), flush=True)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"
