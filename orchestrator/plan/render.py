"""A plan as text for people, and as JSON. Pure, and linear in the nodes, processes and edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from orchestrator.contract import documents
from orchestrator.plan import model, order
from orchestrator.plan.addresses import symbolic
from orchestrator.plan.model import Edge, Node, Plan, Process
from orchestrator.shortlist import first
from orchestrator.topology.devices import DEVICES

SHOWN = 8
"""How many names a list shows before it says how many more there are."""

WIDEST = 60
"""After so many characters a command is cut."""

HIDDEN = "***"

_DEVICE_OF = {device.python: word for word, device in DEVICES.items()}


def as_json(plan: Plan) -> str:
    """Return the same JSON for the same plan: a line a process, edge and endpoint, and no values of environments."""
    import json

    data = json.loads(model.dump(plan))
    for process in data["processes"]:
        # They and what is typed into a program may be secrets.
        process["env"] = dict.fromkeys(process["env"], HIDDEN)
        process["stdin"] = process["stdin"] and HIDDEN
    return documents.text(data)


def text(plan: Plan) -> str:
    """Return the plan as tables: processes, edges, the order of start and stop."""
    lines = _table(("PROCESS", "RUNS", "SOCKETS"), [*_processes(plan), *_external(plan), *_off(plan)])
    if plan.edges:
        lines += _table(("EDGE", "BIND", "CONNECT", "LINKS", "ENDPOINT"), [_edge(plan, edge) for edge in plan.edges])
    lines.append(f"START  {_start(plan)}   STOP  {_then(order.stages(plan.drain))}")
    if plan.profiles:
        lines.append(f"PROFILES  {', '.join(plan.profiles)}")
    return "\n".join(lines)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, *rows]
    line = "  ".join([f"%-{max(map(len, column))}s" for column in list(zip(*lines, strict=True))[:-1]] + ["%s"])
    return [(line % cells).rstrip() for cells in lines]


def _processes(plan: Plan) -> Iterator[tuple[str, str, str]]:
    processes = iter(plan.processes)
    for node in plan.nodes:
        if len(node.processes) == 1:
            process = next(processes)
            yield process.name, _runs(node, (process,)), _sockets(plan, process)
            continue
        alike: dict[str, list[Process]] = {}
        for _, process in zip(node.processes, processes, strict=False):  # each node takes its own from the one iterator
            alike.setdefault(_sockets(plan, process), []).append(process)
        for sockets, group in alike.items():
            yield _names(node, group), _runs(node, group), sockets
        if not alike:
            yield node.name, _runs(node, ()), "no process: there are 0 of it"


def _external(plan: Plan) -> Iterator[tuple[str, str, str]]:
    sockets: dict[str, dict[str, None]] = {name: {} for name in plan.external}
    for edge in plan.edges if sockets else ():
        for side, verb in ((edge.bind, "binds"), (edge.connect, "connects")):
            for end in side:
                name, _, socket = end.partition(".")
                if name in sockets:
                    sockets[name][f"{socket} {verb}"] = None
    for name, told in sockets.items():
        yield name, "external", ", ".join(told)


def _off(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for name, profiles in plan.off.items():
        yield name, "off", f"started with --profile {' or '.join(profiles)}"


def _names(node: Node, alike: Sequence[Process]) -> str:
    """Return the names of processes of a node: ``feed``, ``bot-0 .. bot-23``, ``camera-{left,right}``."""
    if len(alike) == 1:
        return alike[0].name
    if alike[0].key is not None:
        keys = first([process.key or "" for process in alike], SHOWN)
        return f"{node.name}-{{{','.join(keys)}}}"
    runs: list[list[Process]] = []
    for process in alike:
        if runs and runs[-1][-1].index + 1 == process.index:
            runs[-1].append(process)
        else:
            runs.append([process])
    return _some([_range([process.name for process in run]) for run in runs])


def _range(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} .. {names[-1]}"


def _runs(node: Node, alike: Sequence[Process]) -> str:
    """Return what processes run; words of a command in which they differ are shown as an ellipsis."""
    if node.python:
        device = _DEVICE_OF.get(node.python)
        told = f"device {device}" if device else f"python {node.python}"
    else:
        words = zip(*(process.command for process in alike), strict=True)
        told = " ".join(_word(first) if all(word == first for word in rest) else "..." for first, *rest in words)
    cut = told if len(told) <= WIDEST else f"{told[: WIDEST - 3]}..."
    return f"by hand: {cut or '-'}" if node.start == "manual" else cut or "-"


def _word(word: str) -> str:
    return word if word and word.isprintable() and not set(word) & set(" '\"") else repr(word)


def _sockets(plan: Plan, process: Process) -> str:
    told: list[str] = []
    connects = "connects to"
    for socket in process.sockets:
        role = _binds(plan, socket.binds) if socket.binds else ""
        if socket.connects:
            role = f"{role}{' and ' if role else ''}{connects} {len(socket.connects)}"
            connects = "to"
        told.append(f"{socket.name} {socket.type} {role or (f'{connects} 0' if socket.edges else 'on no edge')}")
    return ", ".join(told)


def _binds(plan: Plan, endpoints: Sequence[str]) -> str:
    peers = sum([plan.endpoint[name].peers for name in endpoints])
    return "binds, 1 peer" if peers == 1 else f"binds, {peers} peers"


def _edge(plan: Plan, edge: Edge) -> tuple[str, str, str, str, str]:
    endpoint, names = plan.endpoint, edge.endpoints
    links = str(edge.links)
    if plan.external and (outside := sum(endpoint[name].peers for name in names if not endpoint[name].process)):
        links = f"{outside} outside"
    where = symbolic(endpoint[names[0]]) if names else "-"
    if len(names) > 1:
        where = f"{where} .. {symbolic(endpoint[names[-1]])}"
    return edge.name, _some(edge.bind), _some(edge.connect) or "-", links, where


def _start(plan: Plan) -> str:
    manual = {node.name for node in plan.nodes if node.start == "manual"}
    waves = [[name for name in wave if name not in manual] for wave in plan.waves]
    waves = [wave for wave in waves if wave]
    by_hand = f"; by hand: {_some([node.name for node in plan.nodes if node.name in manual])}" if manual else ""
    return ("all at one gate" if len(waves) == 1 else _then(waves)) + by_hand


def _then(stages: Sequence[Sequence[str]]) -> str:
    return ", then ".join(first([_some(stage) for stage in stages], SHOWN)) or "nothing"


def _some(names: Sequence[str]) -> str:
    return ", ".join(first(names, SHOWN))
