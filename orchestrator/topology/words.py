"""Words that are not ours, and ours whose time has not come: what is answered when somebody writes them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

NOT_YET: dict[str, frozenset[str]] = {
    "Node": frozenset({"device"}),
    "Edge": frozenset({"delivery", "batch", "security"}),
    "EdgeDefaults": frozenset({"delivery", "batch", "security"}),
}
"""Keys of the language that this version knows and refuses, by the part they stand in."""

LATER: dict[str, frozenset[str]] = {
    "delivery": frozenset({"retry", "durable", "replay"}),
    "security": frozenset({"curve"}),
}
"""Values of the language whose time has not come, by key."""

ALREADY = {"delivery": "plain", "batch": "off", "security": "none"}
"""Keys whose time has not come, with the value that changes nothing."""

_NODE = {
    "environment": "`env`",
    "after": "`depends_on`",
    "requires": "`depends_on`",
    "wants": "`depends_on`",
    "depends": "`depends_on`",
    "dependencies": "`depends_on`",
    "healthcheck": "`ready` or `live`",
    "health_check": "`ready` or `live`",
    "readiness_probe": "`ready`",
    "readinessProbe": "`ready`",
    "startupProbe": "`ready`",
    "liveness_probe": "`live`",
    "livenessProbe": "`live`",
    "image": "`python` or `command`",
    "build": "`python` or `command`",
    "container_name": "the node's own name",
    "entrypoint": "`command`",
    "cmd": "`command`",
    "exec": "`command`",
    "run": "`command`",
    "script": "`python: module:callable`, or `command`",
    "module": "`python: module:callable`",
    "arguments": "`args`",
    "parameters": "`args`",
    "params": "`args`",
    "kwargs": "`args`",
    "availability": "`restart`",
    "restart_policy": "`restart`",
    "restartPolicy": "`restart`",
    "deploy": "`replicas`",
    "scale": "`replicas`",
    "numprocesses": "`replicas`",
    "instances": "`replicas`",
    "count": "`replicas`",
    "cwd": "`working_dir`",
    "workdir": "`working_dir`",
    "workingDir": "`working_dir`",
    "directory": "`working_dir`",
    "ports": "`sockets`, and edges between them",
    "expose": "`sockets`",
    "links": "edges",
    "stop_signal": "`stop: {signal: TERM}`",
    "stop_grace_period": "`stop: {grace: 10s}`",
    "terminationGracePeriodSeconds": "`stop: {grace: 10s}`",
    "shutdown": "`stop`",
    "namespace": "the mesh's `name`",
    "logging": "`logs`, at the top of the file",
    "type": "`kind`",
    "mem_limit": "`limits: {memory: 512MiB}`",
}
FOREIGN: dict[str, dict[str, str]] = {
    "Topology": {
        "services": "`nodes`",
        "processes": "`nodes`",
        "programs": "`nodes`",
        "components": "`nodes`",
        "containers": "`nodes`",
        "variables": "`vars`",
        "environment": "`defaults: {node: {env: {...}}}`",
        "env": "`defaults: {node: {env: {...}}}`",
        "connections": "`edges`",
        "links": "`edges`",
        "conduits": "`edges`",
        "networks": "`edges`",
        "includes": "`include`",
        "imports": "`include`",
        "volumes": "nothing: nodes see the files of this machine",
        "secrets": "`env_file`, in a node",
        "logging": "`logs`",
        "log": "`logs`",
    },
    "Node": _NODE,
    "Common": _NODE,
    "Edge": {
        "from": "`connect`, or `bind` if it binds",
        "to": "`bind`, or `connect` if it connects",
        "source": "`connect`, or `bind` if it binds",
        "target": "`bind`, or `connect` if it connects",
        "server": "`bind`",
        "client": "`connect`",
        "address": "`endpoint`",
        "url": "`endpoint`",
        "protocol": "`transport`",
        "pattern": "`pairing`; the sockets' types are the pattern",
    },
    "Restart": {"condition": "`policy`", "backoff": "`delay`", "retries": "`max_attempts`"},
    "Ready": {"timeout": "`within`"},
    "Stop": {"timeout": "`grace`", "timeout_seconds": "`grace`"},
    "Logs": {"max-size": "`max_size`", "max-file": "`files`", "max_files": "`files`"},
    "Socket": {"kind": "`type`", "topics": "`subscribe`", "topic": "`subscribe`", "hwm": "`sndhwm` and `rcvhwm`"},
}
"""Words of other systems and what we write instead, by the part they stand in."""


RIVAL = 0.12
"""A second word that is so little less alike than the first, as difflib measures it, may be meant as well."""


def like(word: str, known: Iterable[str]) -> str:
    """Give the known word that is nearest to one that is not, ``a or b`` where two are; empty when none is near."""
    word = word[:100]
    near = get_close_matches(word, list(known), 2)
    if len(near) == 2:
        first, second = (SequenceMatcher(None, each, word).ratio() for each in near)
        if second > first - RIVAL:
            return " or ".join(near)
    return near[0] if near else ""
