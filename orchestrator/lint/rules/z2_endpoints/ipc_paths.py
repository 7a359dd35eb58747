"""Paths of ipc."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z2_endpoints.written import once
from orchestrator.zeromq.endpoints import ABSTRACT_LIMIT, IPC_PATH_LIMIT

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Severity


@rule("Z202")
def ipc_path_too_long(index: TopologyView) -> Iterator[RuleHit]:
    """An ipc path is longer than the kernel takes.

    A path holds at most 107 bytes, an abstract name 106 behind its ``@``. Paths that the launcher makes always fit.

    Why it matters: the bind fails with ENAMETOOLONG, and no peer ever connects.

    Bad:
        vars: {deep: a-long-name-of-a-folder-in-a-folder}
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks:
            bind: feed.ticks
            connect: bot.ticks
            endpoint: ipc:///var/lib/${deep}/${deep}/${deep}/${node}.ticks  # Z202

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "ipc:///run/feed.ticks"}

    Source: unix(7); zmq_ipc(7); measured: ENAMETOOLONG.
    """
    told: set[str] = set()
    for each in index.addresses:
        if each.edge not in told and (message := too_long(each.text)):
            told.add(each.edge)
            yield RuleHit(each.path, message, "", "without endpoint a short one is chosen")


def too_long(text: str) -> str:
    """Return by how much an ipc address is too long; empty where it is not."""
    if not text.startswith("ipc://"):
        return ""
    address = text.removeprefix("ipc://")
    abstract = address.startswith("@")
    size, limit = len(address.encode(errors="replace")), ABSTRACT_LIMIT + 1 if abstract else IPC_PATH_LIMIT
    what = "name" if abstract else "path"
    return f"an ipc {what} of {size - abstract} bytes; at most {limit - abstract}" if size > limit else ""


@rule("Z211", "warning")
def relative_ipc(index: TopologyView) -> Iterator[RuleHit]:
    """An ipc path is relative.

    Where all of them run in one folder it is information.

    Why it matters: each process resolves it in the folder where it runs, so peers in different folders miss each other.

    Bad:
        nodes:
          feed: {python: "feed:main", working_dir: one, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "ipc://ticks"}  # Z211

    Good:
        nodes:
          feed: {python: "feed:main", working_dir: one, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "ipc:///tmp/ticks"}

    Source: zmq_ipc(7), unix(7).
    """
    for each in once(index):
        if not each.text.startswith("ipc://") or each.text.startswith(("ipc:///", "ipc://@", "ipc://*")):
            continue
        ends = (each.end, *index.ends[each.edge][1])
        folders = {_folder(index, end.node) for end in ends}
        apart = len(folders) > 1 or None in folders
        severity: Severity | None = None if apart else "info"
        message = f"{each.text} is resolved in the folder where each process runs"
        yield RuleHit(each.path, message, "ipc:///PATH", "without endpoint one is chosen", severity)


def _folder(index: TopologyView, node: str) -> str | None:
    """Give where a node's processes run; None where nobody knows."""
    declared = index.nodes[node]
    if declared.external or "${" in (declared.working_dir or ""):
        return None
    return os.path.normpath(os.path.join(declared.folder, declared.working_dir or ""))
