"""Z6, programs against the file: what ``python:`` nodes say in Python, read and never imported."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping

from orchestrator.lint.core.facts import Facts, Program
from orchestrator.lint.core.index import Index, Place
from orchestrator.lint.core.registry import Finding, Path, rule
from orchestrator.lint.programs import loops
from orchestrator.lint.programs import module as program
from orchestrator.lint.programs.module import Signature
from orchestrator.topology.problems import Severity
from orchestrator.topology.words import like

MOST_NAMES = 8
"""So many names of a module are listed in a message."""


def polls(node: str, facts: Facts) -> bool:
    """Tell whether a node's module polls, and so can have a timeout of its own."""
    found = facts.programs.get(node)
    return found is not None and found.text is not None and program.module(found.text).polls


def proxies(node: str, facts: Facts) -> bool:
    """Tell whether a node's module runs one of zmq's proxies, in whatever thread."""
    found = facts.programs.get(node)
    return found is not None and found.text is not None and program.module(found.text).proxies


def is_multipart(index: Index, place: Place, facts: Facts) -> bool:
    """Tell whether a node's program says that messages of a socket have several parts."""
    found = facts.programs.get(place[0])
    if found is None or found.text is None:
        return False
    use = program.use(found.text, _callable(index, place[0]))
    return use is not None and place[1] in use.multipart


@rule("Z602")
def callable_not_found(index: Index, facts: Facts) -> Iterator[Finding]:
    """The callable of a ``python:`` node is not there.

    The module is found by its path, as an import would find it, and read; nothing of it is run. Where its package is
    not installed here it is information, unless a module beside the file has nearly that name.

    Bad:
        nodes:
          feed: {python: "feed:mian"}  # Z602

        # feed.py
        def main(node):
            print(node.process)

    Good:
        nodes:
          feed: {python: "feed:main"}

        # feed.py
        def main(node):
            print(node.process)

    Source: the topology language.
    """
    for found, names in _programs(index, facts):
        wanted = _callable(index, names[0])
        message, hint, certain = _why_not(found, wanted)
        surely = [name for name in names if certain and index.nodes[name].interpreter is None]
        for name in surely if message else ():
            yield Finding(("nodes", name, "python"), message, "", hint)
        if message and not surely:
            more = f", for {names[0]} and {len(names) - 1} more" if len(names) > 1 else ""
            yield Finding(("nodes", names[0], "python"), f"{message}{more}", "", hint, "info")


def _why_not(found: Program, wanted: str) -> tuple[str, str, bool]:
    """Tell why a callable cannot be found, what to do, and whether that is certain; nothing where it is there."""
    if found.text is None:
        near = like(found.missing, found.beside)
        hint = f"did you mean {near}?" if near else "" if found.package else "is its package installed?"
        return f"no module {found.missing} here", hint, bool(near or found.package)
    module = program.module(found.text)
    if module.error is not None:
        return f"{_file(found)}:{module.error} is not Python", "", True
    if module.open or module.find(wanted) is not None:
        return "", "", True
    public = [each for each in module.names if not each.startswith("_")]
    near = like(wanted, public)
    hint = f"did you mean {near}?" if near else f"it has {', '.join(public[:MOST_NAMES]) or 'nothing to call'}"
    return f"{_file(found)} has no {wanted}", hint, True


@rule("Z603")
def callable_signature(index: Index, facts: Facts) -> Iterator[Finding]:
    """``args`` that the callable does not take, or lacks.

    It is called with the node and ``args`` as keywords.

    Bad:
        nodes:
          feed:
            python: feed:main
            args: {rat: 1000}  # Z603

        # feed.py
        def main(node, *, rate=100):
            print(rate)

    Good:
        nodes:
          feed:
            python: feed:main
            args: {rate: 1000}

        # feed.py
        def main(node, *, rate=100):
            print(rate)

    Source: the topology language.
    """
    for found, names in _programs(index, facts):
        wanted = _callable(index, names[0])
        signature = program.module(found.text).signature(wanted) if found.text is not None else None
        if signature is None:
            continue
        known, needed = set(signature.names), set(signature.needed)
        for name in names:
            args = index.nodes[name].args.keys()
            if not signature.node or not needed <= args or not (signature.more or args <= known):
                yield from _misfits(name, index.nodes[name].args, wanted, signature)


def _misfits(name: str, args: Mapping[str, object], wanted: str, signature: Signature) -> Iterator[Finding]:
    path: Path = ("nodes", name, "python")
    if not signature.node:
        yield Finding(path, f"{wanted} takes no node", f"def {wanted}(node, ...)")
        return
    for key in () if signature.more else [key for key in args if key not in signature.names]:
        near = like(key, signature.names)
        hint = f"did you mean {near}?" if near else f"it takes {', '.join(signature.names) or 'none'}"
        yield Finding(("nodes", name, "args", key), f"{wanted} does not take {key}", "", hint, key=True)
    lacking = [each for each in signature.needed if each not in args]
    if lacking:
        where: Path = ("nodes", name, "args") if args else path
        yield Finding(where, f"{wanted} needs {', '.join(lacking)}", "", "write it in args", key=bool(args))


@rule("Z610")
def proxy_in_main_thread(index: Index, facts: Facts) -> Iterator[Finding]:
    """``zmq.proxy`` or ``zmq.device`` runs in the main thread of a ``python:`` node.

    The library wakes the main thread by a signal, and libzmq's proxy does not survive that: it is in the middle of a
    message, and goes on with the next. Run it in a second thread, or write the loop: poll, receive, send.

    Bad:
        nodes:
          queue: {python: "queue_program:main", sockets: {front: ROUTER, back: DEALER}}  # Z610
          client: {python: "client:main", sockets: {ask: REQ}}
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: queue.front, connect: client.ask}
          work: {bind: queue.back, connect: server.answer}

        # queue_program.py
        import zmq

        def main(node):
            zmq.proxy(node.socket("front"), node.socket("back"))

    Good:
        nodes:
          queue: {python: "queue_program:main", sockets: {front: ROUTER, back: DEALER}}
          client: {python: "client:main", sockets: {ask: REQ}}
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: queue.front, connect: client.ask}
          work: {bind: queue.back, connect: server.answer}

        # queue_program.py
        import threading
        import zmq

        def main(node):
            threading.Thread(target=relay, args=(node,), daemon=True).start()
            node.stopping.wait()

        def relay(node):
            with node.thread_socket("front") as front, node.thread_socket("back") as back:
                try:
                    zmq.proxy(front, back)
                except zmq.ContextTerminated:
                    pass  # the node leaves

    Source: zmq_proxy(3); measured: under signals 472 of 30,000 messages lost, 944 mangled; in a thread none.
    """
    for found, names in _programs(index, facts):
        use = program.use(found.text, _callable(index, names[0])) if found.text is not None else None
        for name in names if use is not None and use.proxies else ():
            line = min(use.proxies) if use is not None else 0
            message = f"{_file(found)}:{line} runs a proxy in the main thread, where signals mangle messages"
            hint = "a second thread with node.thread_socket, or a loop of poll, receive and send"
            yield Finding(("nodes", name, "python"), message, "", hint)


@rule("Z611")
def undeclared_socket(index: Index, facts: Facts) -> Iterator[Finding]:
    """A program asks its node for a socket that the file does not declare.

    It is information where the program asks under a condition, or where it has the socket in another node. So is a
    declared socket that a program never asks for.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}  # Z611
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

        # feed.py
        def main(node):
            node.socket("prices").send(b"1")

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

        # feed.py
        def main(node):
            node.socket("ticks").send(b"1")

    Source: the topology language.
    """
    for found, names in _programs(index, facts):
        use = program.use(found.text, _callable(index, names[0])) if found.text is not None else None
        if use is None:
            continue
        asked = use.sockets.keys()
        for name in names:
            declared = index.nodes[name].sockets
            if not asked <= declared.keys():
                elsewhere = {socket for other in names for socket in index.nodes[other].sockets}
                yield from _undeclared(name, found, use, declared, use.certain - elsewhere)
            for socket in declared.keys() - asked if use.whole and len(asked) < len(declared) else ():
                message = f"{_file(found)} never asks for socket {socket}"
                yield Finding(("nodes", name, "sockets", socket), message, severity="info", key=True)


def _undeclared(
    name: str, found: Program, use: program.Use, declared: Mapping[str, object], certain: Collection[str]
) -> Iterator[Finding]:
    for socket, line in use.sockets.items():
        if socket not in declared:
            near = like(socket, declared)
            hint = f"did you mean {near}?" if near else f"declared: {', '.join(declared) or 'none'}"
            message = f"{_file(found)}:{line} asks for socket {socket[:70]!r}, which {name} does not declare"
            severity: Severity | None = None if socket in certain else "info"
            yield Finding(("nodes", name, "python"), message, "", hint, severity)


@rule("Z615", "warning")
def never_asks_to_stop(index: Index, facts: Facts) -> Iterator[Finding]:
    """A program loops without end, and never asks its node whether it is to stop.

    A drain wakes what receives: ``node.messages`` and ``node.multipart`` end, ``recv`` raises ``zmq.Again``. A loop
    that only sends is not woken: it is waited for until ``stop.grace`` is over, and then killed. It is to look at
    ``node.stopping``, best by waiting with it in the place of sleeping.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}  # Z615
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

        # feed.py
        import time

        def main(node):
            ticks = node.socket("ticks")
            while True:
                ticks.send(b"AAPL 130.31")
                time.sleep(0.5)

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

        # feed.py
        def main(node):
            ticks = node.socket("ticks")
            while not node.stopping.wait(0.5):
                ticks.send(b"AAPL 130.31")

    Source: docs/node.md, "Receiving, and the end".
    """
    for found, names in _programs(index, facts):
        line = loops.endless(found.text, _callable(index, names[0])) if found.text is not None else None
        for name in names if line is not None else ():
            stop = index.nodes[name].stop
            if stop.drain:
                message = f"{_file(found)}:{line} loops without end and never looks at node.stopping"
                hint = f"`while not node.stopping.wait(0.5):`; as it is a drain waits {stop.grace:g} s, then kills it"
                yield Finding(("nodes", name, "python"), message, "", hint)


def _programs(index: Index, facts: Facts) -> Iterable[tuple[Program, list[str]]]:
    """Give each module with the nodes that name the same callable of it."""
    if index.programs is None:
        index.programs = {}
        for name, found in facts.programs.items():
            node = index.nodes.get(name)
            if node is not None and node.python is not None:
                index.programs.setdefault((found.file, node.python), (found, []))[1].append(name)
    return index.programs.values()


def _callable(index: Index, node: str) -> str:
    """Give the part of ``module:callable`` behind the colon."""
    return (index.nodes[node].python or "").partition(":")[2]


def _file(found: Program) -> str:
    return os.path.basename(found.file)
