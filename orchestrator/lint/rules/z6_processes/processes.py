"""Z6: programs, and how they start and stop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.lint.core.facts import Facts
from orchestrator.lint.core.index import Index
from orchestrator.lint.core.registry import ELSEWHERE, Finding, Path, rule
from orchestrator.zeromq.sockets import TYPES

DOCKER, SYSTEMD = 10.0, 90.0
"""Seconds that a stop may take before the service manager kills."""


@rule("Z601", "warning")
def command_not_found(index: Index, facts: Facts) -> Iterator[Finding]:
    """The program of a ``command:`` is not there.

    It was looked for in PATH, or at its path, on this machine; ``--offline`` skips this rule.

    Bad:
        nodes:
          book: {command: no-such-program --in x}  # Z601

    Good:
        nodes:
          book: {command: sleep 10}

    Source: execvp(3).
    """
    for name, found in facts.commands.items():
        node = index.nodes.get(name)
        if not found and node is not None and node.command is not None:
            yield Finding(("nodes", name, "command"), f"{node.program} was not found here")


@rule("Z604")
def start_order_cycle(index: Index, facts: Facts) -> Iterable[Finding]:
    """Nodes wait for one another by ``depends_on``, so none of them could ever start.

    Bad:
        nodes:
          a: {python: "a:main", depends_on: b}
          b: {python: "b:main", depends_on: a}  # Z604

    Good:
        nodes:
          a: {python: "a:main", depends_on: b}
          b: {python: "b:main"}

    Source: the topology language.
    """
    return ELSEWHERE


@rule("Z605", "warning")
def restart_hides_failure(index: Index, facts: Facts) -> Iterator[Finding]:
    """A process is started again whatever happens, without limit.

    A program that cannot run, for want of a file or a module, is started for ever, and the mesh never fails. With
    ``max_attempts`` it is given up after so many within ``window``.

    Bad:
        nodes:
          feed: {python: "feed:main", restart: {policy: always, max_attempts: unlimited}}  # Z605

    Good:
        nodes:
          feed: {python: "feed:main", restart: {policy: always, max_attempts: 5}}

    Source: systemd.service(5), StartLimitBurst, for the same reason.
    """
    for name, node in index.nodes.items():
        if node.restart.max_attempts is None and node.restart.policy == "always" and not node.external:
            path: Path = ("nodes", name, "restart", "max_attempts")
            message = f"{name} is started for ever, also when it cannot run"
            yield Finding(path, message, "a number of attempts", key=True)


@rule("Z606", "warning")
def grace_shorter_than_linger(index: Index, facts: Facts) -> Iterator[Finding]:
    """A sender's ``linger`` is longer than the grace in which its process must be gone.

    After ``stop.grace`` the process is killed, and what it still held is lost: the linger promises what cannot be kept.

    Bad:
        nodes:
          feed: {python: "feed:main", stop: {grace: 5s}, sockets: {work: {type: PUSH, linger: 30s}}}  # Z606
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", stop: {grace: 40s}, sockets: {work: {type: PUSH, linger: 30s}}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: zmq_setsockopt(3), ZMQ_LINGER.
    """
    shortest = min((node.stop.grace for node in index.nodes.values()), default=0.0) * 1000
    for group, linger in index.writing("linger", lambda linger: isinstance(linger, int) and linger > shortest):
        if not TYPES[group.socket.type].sends:
            continue
        for node, socket in group.places:
            grace = index.nodes[node].stop.grace
            if linger > grace * 1000 and not index.nodes[node].external:
                path: Path = ("nodes", node, "sockets", socket, "linger")
                message = f"linger of {linger / 1000:g}s, but {node} is killed after a grace of {grace:g}s"
                yield Finding(path, message, "a linger within the grace", "or a longer stop: {grace: ...}", key=True)


@rule("Z607", "warning")
def no_room_for_journals(index: Index, facts: Facts) -> Iterator[Finding]:
    """An edge keeps its messages, and the folder for that is on a tmpfs.

    What is there is in memory: it is gone when the machine is started anew, and it takes the room of the programs. The
    folder is that of the user's state (``XDG_STATE_HOME``, else ``~/.local/state``).

    Bad:
        name: in-memory
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, delivery: durable}  # Z607

    Good:
        name: in-memory
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work}

    Source: tmpfs(5).
    """
    for name, edge in index.topology.edges.items():
        if edge.delivery is not None and edge.delivery.kind in ("durable", "replay") and facts.journals == "tmpfs":
            message = "the journals of this edge would be on a tmpfs, in memory"
            yield Finding(("edges", name, "delivery"), message, "", "set XDG_STATE_HOME to a folder on a disk")


@rule("Z608", "info")
def relative_program(index: Index, facts: Facts) -> Iterator[Finding]:
    """The program of a ``command:`` is a relative path.

    It is looked for in the node's ``working_dir``, by default the folder of the file.

    Bad:
        nodes:
          book: {command: ./book --in x}  # Z608

    Good:
        nodes:
          book: {command: /usr/local/bin/book --in x}

    Source: execvp(3).
    """
    for name, node in index.nodes.items():
        if node.command is None:
            continue
        program = node.program
        if "/" in program and not program.startswith(("/", "$")):
            yield Finding(("nodes", name, "command"), f"{program} is looked for in the folder where the node runs")


@rule("Z609", "info")
def grace_sum(index: Index, facts: Facts) -> Iterator[Finding]:
    """Stopping can take longer than a service manager waits.

    A drain goes from sources to sinks, so the graces along the longest way add up. systemd kills after 90 s (docker
    after 10 s, which is said where a grace is written), whatever was still under way.

    Bad:
        nodes:
          feed: {python: "feed:main", stop: {grace: 60s}, sockets: {work: PUSH}}  # Z609
          worker: {python: "worker:main", stop: {grace: 60s}, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", stop: {grace: 3s}, sockets: {work: PUSH}}
          worker: {python: "worker:main", stop: {grace: 5s}, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: systemd.service(5), TimeoutStopSec; docker stop.
    """
    way = _longest_way(index)
    graces = {name: index.nodes[name].stop.grace for name in way}
    longest = sum(graces.values())
    if longest <= DOCKER:
        return
    written = [name for name in way if _writes_grace(index, name)]
    if longest > SYSTEMD or written:
        who = f"systemd kills after {SYSTEMD:g}s" if longest > SYSTEMD else f"docker kills after {DOCKER:g}s"
        worst = max(written, key=graces.__getitem__, default=None)
        # What is written in one place is to blame only where it is most of it.
        blamed = worst is not None and graces[worst] * 2 >= longest
        path: Path = ("nodes", worst, "stop", "grace") if worst is not None and blamed else ("nodes",)
        shown = [f"{name} {graces[name]:g}s" for name in way[:6]] + ["..."] * (len(way) > 6)
        message = f"a drain can take {longest:g}s, one after the other: {', '.join(shown)}; {who} by default"
        yield Finding(path, message, key=True)


def _longest_way(index: Index) -> list[str]:
    """Give the nodes that a drain waits for longest, one after the other: of each group the one of longest grace."""
    until: list[float] = []
    before: list[int | None] = []
    slowest: list[str | None] = []
    for group in index.plan.drain:
        name = max(group.nodes, key=lambda name: index.nodes[name].stop.grace, default=None)
        last = max(group.after, key=until.__getitem__, default=None)
        slowest.append(name)
        before.append(last)
        until.append((index.nodes[name].stop.grace if name else 0.0) + (until[last] if last is not None else 0.0))
    way: list[str] = []
    at = max(range(len(until)), key=until.__getitem__, default=None)
    while at is not None:
        way += [name] if (name := slowest[at]) else []
        at = before[at]
    return way[::-1]


def _writes_grace(index: Index, node: str) -> bool:
    written = "stop" in index.nodes[node].model_fields_set
    return written and index.written("nodes", node, "stop", "grace") is not None


@rule("Z612", "warning")
def main_never_ends(index: Index, facts: Facts) -> Iterator[Finding]:
    """A ``kind: main`` with ``restart: always``.

    The mesh lives until its main nodes are done, and one that is always started again never is.

    Bad:
        nodes:
          report: {python: "report:main", kind: main, restart: always}  # Z612

    Good:
        nodes:
          report: {python: "report:main", kind: main, restart: on-failure}

    Source: the topology language.
    """
    for name, node in index.nodes.items():
        if node.kind == "main" and node.restart.policy == "always":
            message = f"the mesh lives until {name} is done, and it is always started again"
            yield Finding(("nodes", name, "restart"), message, "on-failure or never", key=True)


@rule("Z613", "info")
def index_under_each(index: Index, facts: Facts) -> Iterator[Finding]:
    """``${index}`` in a node with ``each``.

    The number of an item moves when another is added before it; its name, ``${key}``, does not.

    Bad:
        nodes:
          camera:
            python: camera:main
            each: [left, right]
            args: {port: "${index}"}  # Z613

    Good:
        nodes:
          camera:
            python: camera:main
            each: {left: {port: 0}, right: {port: 1}}
            args: {port: "${each.port}"}

    Source: the topology language.
    """
    for name, node in index.nodes.items():
        if node.each is None:
            continue
        for key, value in (("args", node.args), ("env", node.env), ("command", node.command), ("stdin", node.stdin)):
            if path := _numbered(value, ("nodes", name, key)):
                message = "${index} moves when an item is added before it"
                yield Finding(path, message, "", "${key} is the item's name", key=True)
                break


def _numbered(value: Any, path: Path) -> Path:
    """Give where ``${index}`` stands in a value, however deep; empty where it does not."""
    if isinstance(value, str):
        return path if "${index}" in value else ()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    return next((found for key, item in items if (found := _numbered(item, (*path, key)))), ())


@rule("Z614", "warning")
def waits_for_manual(index: Index, facts: Facts) -> Iterator[Finding]:
    """A node waits by ``depends_on`` for one that is only started by hand.

    ``up`` does not start it, nor what waits for it: both come with ``orchestrator start``.

    Bad:
        nodes:
          trial: {python: "trial:main", kind: job, start: manual}
          test: {python: "test:main", depends_on: {trial: done}}  # Z614

    Good:
        nodes:
          trial: {python: "trial:main", kind: job, start: manual}
          test: {python: "test:main", start: manual, depends_on: {trial: done}}

    Source: the topology language.
    """
    active = {name: node for name, node in index.nodes.items() if index.counts.get(name)}
    for name, node in active.items():
        for number, other in enumerate(node.depends_on if node.start != "manual" else ()):
            if other in active and active[other].start == "manual":
                message = f"{name} cannot start before {other} is started by hand"
                hint = f"`start: manual` in {name} too, or none in {other}"
                yield Finding(_waiting(index, name, other, number), message, "", hint)


def _waiting(index: Index, name: str, other: str, number: int) -> Path:
    """Give where a node says that it waits for another one."""
    path: Path = ("nodes", name, "depends_on")
    written = index.written(*path)
    return (*path, number) if isinstance(written, list) else (*path, other) if isinstance(written, dict) else path
