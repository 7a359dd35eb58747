"""A plan as text for people, and as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from orchestrator.plan import model, order
from orchestrator.plan.addresses import symbolic
from orchestrator.plan.model import Edge, Node, Plan, Process, Socket

SHOWN = 8
"""How many names a list shows before it says how many more there are."""


HIDDEN = "***"


def as_json(plan: Plan) -> str:
    """Give the plan as JSON, indented, the same text for the same plan; without the values of environments."""
    data = json.loads(model.dump(plan))
    for process in data["processes"]:
        # They and what is typed into a program may be secrets.
        process["env"] = dict.fromkeys(process["env"], HIDDEN)
        process["stdin"] = process["stdin"] and HIDDEN
    return json.dumps(data, ensure_ascii=False, indent=2)


def text(plan: Plan) -> str:
    """Give the plan as tables: processes, edges, the order of start and stop."""
    lines = _table(("PROCESS", "RUNS", "SOCKETS"), [*_processes(plan), *_external(plan)])
    if plan.edges:
        lines += _table(("EDGE", "BIND", "CONNECT", "LINKS", "ENDPOINT"), [_edge(plan, edge) for edge in plan.edges])
    lines.append(f"START  {_start(plan)}   STOP  {_then(order.stages(plan.drain))}")
    return "\n".join(lines)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, *rows]
    widths = [max(map(len, column)) + 2 for column in zip(*lines, strict=True)]
    return ["".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _processes(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for node in plan.nodes:
        if not node.processes:
            yield f"{node.name} (0)", f"python {node.python}" if node.python else "", ""
        members = [(plan.process[name], _sockets(plan, plan.process[name])) for name in node.processes]
        for sockets, group in groupby(members, key=lambda member: member[1]):
            alike = [process for process, _ in group]
            yield _range([process.name for process in alike]), _runs(node, alike), sockets


def _external(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for name in plan.external:
        ends = [
            (side, verb) for edge in plan.edges for side, verb in ((edge.bind, "binds"), (edge.connect, "connects"))
        ]
        sockets = [
            f"{end.partition('.')[2]} {verb}" for side, verb in ends for end in side if end.startswith(f"{name}.")
        ]
        yield name, "external", ", ".join(dict.fromkeys(sockets))


def _range(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} .. {names[-1]}"


def _runs(node: Node, alike: Sequence[Process]) -> str:
    """Give what processes run; words of a command in which they differ are shown as an ellipsis."""
    if node.python:
        return f"python {node.python}"
    words = zip(*(process.command for process in alike), strict=True)
    return " ".join(_word(first) if all(word == first for word in rest) else "..." for first, *rest in words)


def _word(word: str) -> str:
    return word if word and word.isprintable() and not set(word) & set(" '\"") else repr(word)


def _sockets(plan: Plan, process: Process) -> str:
    told: list[str] = []
    connects = "connects to"
    for socket in process.sockets:
        told.append(f"{socket.name} {socket.type} {_role(plan, socket, connects)}")
        if socket.connects:
            connects = "to"
    return ", ".join(told)


def _role(plan: Plan, socket: Socket, connects: str) -> str:
    roles = []
    if socket.binds:
        roles.append(f"binds, {_count(sum(plan.endpoint[name].peers for name in socket.binds), 'peer')}")
    if socket.connects:
        roles.append(f"{connects} {len(socket.connects)}")
    return " and ".join(roles) or (f"{connects} 0" if socket.edges else "on no edge")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _edge(plan: Plan, edge: Edge) -> tuple[str, str, str, str, str]:
    outside = sum(plan.endpoint[name].peers for name in edge.endpoints if not plan.endpoint[name].process)
    links = f"{outside} outside" if outside else str(edge.links)
    addresses = [symbolic(plan.endpoint[name]) for name in edge.endpoints]
    return (
        edge.name,
        _some(edge.bind),
        _some(edge.connect) or "-",
        links,
        _range(addresses) if addresses else "-",
    )


def _start(plan: Plan) -> str:
    return "all at one gate" if len(plan.waves) < 2 else _then(plan.waves)


def _then(stages: Sequence[Sequence[str]]) -> str:
    return ", then ".join(_some(stage) for stage in stages) or "nothing"


def _some(names: Sequence[str]) -> str:
    more = [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ", ".join([*names[:SHOWN], *more])
