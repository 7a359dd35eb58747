"""Words that are not ours, and ours whose time has not come: what is answered when somebody writes them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

RESERVED_KEYS: dict[str, frozenset[str]] = {
    "Edge": frozenset({"security"}),
    "EdgeDefaults": frozenset({"security"}),
}
"""Keys of the language that this version knows and refuses, by the part they stand in."""

RESERVED_VALUES: dict[str, frozenset[str]] = {
    "security": frozenset({"curve"}),
}
"""Values of the language whose time has not come, by key."""

NEUTRAL_VALUES = {"security": "none"}
"""Keys whose time has not come, with the value that changes nothing."""

TOP = (
    "name", "version", "nodes", "edges", "logs", "lint", "defaults", "vars", "include", "templates", "module",
)  # fmt: skip
"""The keys of a topology, and the one that is reserved."""

_FILES = "nothing: nodes see the files of this machine"
_USER = "nothing: a mesh runs as the user who calls `up`"
_MACHINE = "nothing: nodes run on this machine as it is"
_TERMINAL = "nothing: no node has a terminal; `orchestrator run` gives it yours"
_LOGS = "`logs`, at the top of the file"
_PROBE = "`ready`, or `live`"
_SOCKETS = "`sockets`, and edges between them"
_NODE = {
    # docker compose
    "environment": "`env`",
    "after": "`depends_on`",
    "requires": "`depends_on`",
    "wants": "`depends_on`",
    "depends": "`depends_on`",
    "dependencies": "`depends_on`",
    "healthcheck": "`ready` or `live`",
    "health_check": "`ready` or `live`",
    "image": "`python` or `command`",
    "build": "`python` or `command`",
    "container_name": "the node's own name",
    "entrypoint": "`command`",
    "restart_policy": "`restart`",
    "deploy": "`replicas`, `limits` or `resources`",
    "scale": "`replicas`",
    "ports": _SOCKETS,
    "expose": "`sockets`",
    "links": "edges",
    "external_links": "edges",
    "networks": "edges",
    "network_mode": "edges",
    "stop_signal": "`stop: {signal: TERM}`",
    "stop_grace_period": "`stop: {grace: 10s}`",
    "logging": _LOGS,
    "mem_limit": "`limits: {memory: 512MiB}`",
    "mem_reservation": "`resources: {memory: 512MiB}`",
    "memswap_limit": "`limits: {memory: 512MiB}`",
    "ulimits": "`limits: {nofile: 65536}`",
    "cpus": "`cpu: {cores: [0, 1]}`, or `resources: {cpu: 1}`",
    "cpu_count": "`cpu: {cores: [0, 1]}`, or `resources: {cpu: 1}`",
    "cpuset": "`cpu: {cores: [0, 1]}`",
    "cpu_shares": "`cpu: {nice: 5}`",
    "cpu_rt_runtime": "`cpu: {realtime: 80}`",
    "gpus": "`resources: {gpu: 1}`",
    "labels": "`resources: {labels: {...}}`, or a key that begins with x-",
    "annotations": "a key that begins with x-",
    "description": "a comment, or a key that begins with x-",
    "secrets": "`env_file`",
    "configs": "`env_file`, or `args`",
    "volumes": _FILES,
    "volumes_from": _FILES,
    "tmpfs": _FILES,
    "user": _USER,
    "group_add": _USER,
    "privileged": _USER,
    "cap_add": _USER,
    "cap_drop": _USER,
    "security_opt": _USER,
    "hostname": "`resources: {host: ...}`",
    "dns": _MACHINE,
    "extra_hosts": _MACHINE,
    "platform": _MACHINE,
    "runtime": _MACHINE,
    "sysctls": _MACHINE,
    "shm_size": _MACHINE,
    "devices": _MACHINE,
    "init": "nothing: processes are reaped, and die with the mesh",
    "tty": _TERMINAL,
    "stdin_open": _TERMINAL,
    "develop": "nothing: see `up --watch`",
    "post_start": "a node of `kind: job`, with `depends_on` this one",
    "pre_stop": "nothing: a node is drained before it is stopped",
    # process-compose
    "availability": "`restart`",
    "readiness_probe": "`ready`",
    "liveness_probe": "`live`",
    "ready_log_line": "`ready: {log: ...}`",
    "launch_timeout_seconds": "`ready: {within: 60s}`",
    "shutdown": "`stop`",
    "namespace": "the mesh's `name`",
    "disabled": "`start: manual`, or `profiles`",
    "is_disabled": "`start: manual`, or `profiles`",
    "is_daemon": "nothing: a program stays in the foreground",
    "is_foreground": "`start: manual`",
    "is_tty": _TERMINAL,
    "log_location": _LOGS,
    "log_configuration": _LOGS,
    # Kubernetes
    "readinessProbe": "`ready`",
    "startupProbe": "`ready`",
    "livenessProbe": "`live`",
    "restartPolicy": "`restart`",
    "workingDir": "`working_dir`",
    "envFrom": "`env_file`",
    "terminationGracePeriodSeconds": "`stop: {grace: 10s}`",
    "nodeName": "`resources: {host: ...}`",
    "nodeSelector": "`resources: {labels: {...}}`",
    "affinity": "`resources: {labels: {...}}`",
    "initContainers": "a node of `kind: job`, and `depends_on: {it: done}`",
    "lifecycle": "`stop`, or `ready`",
    "volumeMounts": _FILES,
    "securityContext": _USER,
    "template": "`extends`",
    # supervisord, circus, systemd and habits
    "cmd": "`command`",
    "exec": "`command`",
    "run": "`command`",
    "script": "`python: module:callable`, or `command`",
    "module": "`python: module:callable`",
    "callable": "`python: module:callable`",
    "arguments": "`args`",
    "parameters": "`args`",
    "params": "`args`",
    "kwargs": "`args`",
    "numprocesses": "`replicas`",
    "numprocs": "`replicas`",
    "instances": "`replicas`",
    "count": "`replicas`",
    "foreach": "`each`",
    "for_each": "`each`",
    "matrix": "`each`",
    "cwd": "`working_dir`",
    "workdir": "`working_dir`",
    "directory": "`working_dir`",
    "autostart": "`start: manual`",
    "autorestart": "`restart`",
    "startsecs": "`ready: {within: 60s}`",
    "startretries": "`restart: {max_attempts: 5}`",
    "stopsignal": "`stop: {signal: TERM}`",
    "stopwaitsecs": "`stop: {grace: 10s}`",
    "graceful_timeout": "`stop: {grace: 10s}`",
    "timeout": "`stop: {grace: 10s}`, or `ready: {within: 60s}`",
    "shell": "`command: [bash, -c, ...]`",
    "stdout_logfile": _LOGS,
    "stderr_logfile": _LOGS,
    "priority": "`depends_on`, or `cpu: {nice: 5}`",
    "nice": "`cpu: {nice: 5}`",
    "type": "`kind`",
    "host": "`resources: {host: ...}`",
    "gpu": "`resources: {gpu: 1}`",
    "memory": "`limits: {memory: 512MiB}`",
    "stdout": _LOGS,
    "stderr": _LOGS,
}
_NODE |= {
    # yMMSL
    "implementation": "`python` or `command`",
    "executable": "`command`",
    "multiplicity": "`replicas`",
    "virtual_env": "`interpreter`",
    "execution_model": "nothing: processes of this machine start side by side",
    "mpi_processes": "`replicas`",
    "threads": "`cpu: {cores: [0, 1]}`, or `resources: {cpu: 1}`",
    "cores_per_mpi_process": "`cpu: {cores: [0, 1]}`, or `resources: {cpu: 1}`",
    "keeps_state_for_next_use": "nothing: a node keeps its state itself",
    "checkpoints": "nothing: a node keeps its state itself",
    # dora
    "id": "the node's own name",
    "path": "`python` or `command`",
    "source": "`python` or `command`",
    "custom": "`python` or `command`",
    "inputs": _SOCKETS,
    "outputs": _SOCKETS,
    "operator": "a node of its own, with `python: module:callable`",
    "operators": "a node of its own for each, with `python: module:callable`",
    "git": "`working_dir`, of what is there already",
    "branch": "`working_dir`, of what is there already",
    "send_stdout_as": _LOGS,
    "_unstable_deploy": "`resources: {host: ...}`",
    # ODC, DDS and FairMQ
    "exe": "`command`",
    "task": "`command`",
    "collection": "`extends`",
    "channels": _SOCKETS,
    "properties": "edges",
    "requirements": "`resources`",
    "assets": "`env_file`, or `args`",
    "triggers": "`restart`",
    "nmin": "`replicas`",
    "n_min": "`replicas`",
    "expendable": "`critical: false`",
}
_CHECK = {
    "test": "`command`",
    "exec": "`command`",
    "httpGet": "`http`",
    "http_get": "`http`",
    "url": "`http`",
    "tcpSocket": "`ready: listening`",
    "tcp_socket": "`ready: listening`",
    "log_line": "`log`",
    "pattern": "`log`",
    "period": "`interval`",
    "period_seconds": "`interval`",
    "periodSeconds": "`interval`",
    "start_interval": "`interval`",
    "start_period": "`within`, in ready",
    "initial_delay_seconds": "nothing: it is asked from the start, until `within` is over",
    "initialDelaySeconds": "nothing: it is asked from the start, until `within` is over",
    "failure_threshold": "`retries`, in live",
    "failureThreshold": "`retries`, in live",
    "success_threshold": "nothing: one success is enough",
    "successThreshold": "nothing: one success is enough",
    "disable": "nothing: leave it out",
}
OTHER_SYSTEMS_KEYS: dict[str, dict[str, str]] = {
    "Topology": {
        "services": "`nodes`",
        "processes": "`nodes`",
        "programs": "`nodes`",
        "components": "`nodes`",
        "containers": "`nodes`",
        "variables": "`vars`",
        "environment": "`defaults: {node: {env: {...}}}`",
        "env": "`defaults: {node: {env: {...}}}`",
        "env_file": "`defaults: {node: {env_file: ...}}`",
        "connections": "`edges`",
        "links": "`edges`",
        "conduits": "`edges`",
        "networks": "`edges`",
        "includes": "`include`",
        "imports": "`include`",
        "extends": "`include`",
        "volumes": _FILES,
        "secrets": "`env_file`, in a node",
        "configs": "`env_file`, or `args`, in a node",
        "logging": "`logs`",
        "log": "`logs`",
        "log_location": "`logs`",
        "log_configuration": "`logs`",
        "apiVersion": "`version`, or nothing",
        "metadata": "`name`",
        "spec": "`nodes` and `edges`",
        "kind": "nothing: every file is a topology",
        "profiles": "`profiles`, in a node",
        # yMMSL
        "ymmsl_version": "`version: 1`, or nothing",
        "model": "`nodes` and `edges`",
        "models": "`nodes` and `edges`",
        "implementations": "`python` or `command`, in each node",
        "custom_implementations": "`python` or `command`, in each node",
        "settings": "`args`, in a node",
        "resources": "`resources`, in a node",
        "checkpoints": "nothing: a node keeps its state itself",
        "resume": "nothing: a node keeps its state itself",
        "description": "a comment, or a key that begins with x-",
        # dora
        "dataflow": "`nodes` and `edges`",
        "operators": "`nodes`",
        "communication": "`transport`, in an edge",
        "deploy": "`resources: {host: ...}`, in a node",
        "_unstable_deploy": "`resources: {host: ...}`, in a node",
        # ODC, DDS and FairMQ
        "topology": "nothing: the file is one",
        "main": "`nodes`",
        "fairMQOptions": "`nodes` and `edges`",
        "devices": "`nodes`",
        "decltask": "`nodes`",
        "decltasks": "`nodes`",
        "task": "`nodes`",
        "tasks": "`nodes`",
        "collection": "`templates`",
        "collections": "`templates`",
        "declcollection": "`templates`",
        "group": "`replicas`, in a node",
        "groups": "`replicas`, in a node",
        "properties": "`edges`",
        "property": "`edges`",
        "channels": "`edges`",
    },
    "Node": _NODE,
    "NodeBase": _NODE,
    "Edge": {
        "from": "`connect`, or `bind` if it binds",
        "to": "`bind`, or `connect` if it connects",
        "source": "`connect`, or `bind` if it binds",
        "target": "`bind`, or `connect` if it connects",
        "server": "`bind`",
        "client": "`connect`",
        "address": "`endpoint`",
        "url": "`endpoint`",
        "port": "`endpoint`",
        "protocol": "`transport`",
        "pattern": "`pairing`; the sockets' types are the pattern",
        "type": "nothing: the sockets' types say it",
        "curve": "`security`",
        "encryption": "`security`",
        "sender": "`connect`, or `bind` if it binds",
        "receiver": "`bind`, or `connect` if it connects",
        "method": "`bind` and `connect`",
    },
    "Delivery": {
        # earlier words of this language
        "times": "`attempts`",
        "hand_over_after": "`reassign_after`",
        "retries": "`attempts`",
        "max_attempts": "`attempts`",
    },
    "Restart": {
        "condition": "`policy`",
        "restart": "`policy`",
        "backoff": "`delay`",
        "backoff_seconds": "`delay`",
        "retries": "`max_attempts`",
        "max_restarts": "`max_attempts`",
        "exit_on_end": "`critical: true`, or `kind: main`, in the node",
    },
    "Ready": {"wired": "`library`"}
    | {"timeout": "`within`", "timeout_seconds": "`within`", "retries": "`within`"}
    | _CHECK,
    "Live": {"timeout_seconds": "`timeout`", "timeoutSeconds": "`timeout`", "within": "`timeout`"} | _CHECK,
    "Stop": {
        "timeout": "`grace`",
        "timeout_seconds": "`grace`",
        "command": "`signal`: the library drains, a program gets the signal",
    },
    "Limits": {
        "mem": "`memory`",
        "rss": "`memory`",
        "cpu": "`cpu`, in the node",
        "cpus": "`cpu`, in the node",
        "open_files": "`nofile`",
        "fds": "`nofile`",
    },
    "Cpu": {"affinity": "`cores`", "cpuset": "`cores`", "priority": "`nice`, or `realtime`", "rt": "`realtime`"},
    "Resources": {
        "cpus": "`cpu`",
        "gpus": "`gpu`",
        "mem": "`memory`",
        "limits": "`limits`, in the node",
        "requests": "`cpu` and `memory`",
        "reservations": "`cpu` and `memory`",
    },
    "Logs": {"max-size": "`max_size`", "max-file": "`files`", "max_files": "`files`"},
    "Socket": {
        "kind": "`type`",
        "topics": "`subscribe`",
        "topic": "`subscribe`",
        "hwm": "`sndhwm` and `rcvhwm`",
        "queue_size": "`rcvhwm`",
        "address": "`endpoint`, in an edge",
        "method": "`bind` and `connect`, in an edge",
        "sndBufSize": "`sndhwm`",
        "rcvBufSize": "`rcvhwm`",
        "sndKernelSize": "`sndbuf`",
        "rcvKernelSize": "`rcvbuf`",
        "rateLogging": "nothing: `orchestrator top` shows rates",
    },
}
"""Words of other systems and what we write instead, by the part they stand in."""

OF_OTHERS = frozenset(word for words in OTHER_SYSTEMS_KEYS.values() for word in words)
"""All of these words, which are no slips wherever they stand."""

_CONDITIONS = {
    "service_started": "started",
    "service_healthy": "ready",
    "service_completed_successfully": "done",
    "process_started": "started",
    "process_healthy": "ready",
    "process_log_ready": "ready",
    "process_completed": "done",
    "process_completed_successfully": "done",
    "healthy": "ready",
}
OTHER_SYSTEMS_VALUES: dict[str, dict[str, str]] = {
    "policy": {
        "no": "never",
        "unless-stopped": "always",
        "Always": "always",
        "OnFailure": "on-failure",
        "on_failure": "on-failure",
        "exit_on_failure": "on-failure, and `critical: true`",
        "Never": "never",
    },
    "depends_on": _CONDITIONS,
    "ready": {"wired": "library"},  # an earlier word of this language
}
"""Values of other systems and what we write instead, by key."""


RIVAL = 0.12
"""A second word that is so little less alike than the first, as difflib measures it, may be meant as well."""


def near(word: str, known: Iterable[str]) -> list[str]:
    """Return the known word that is nearest to one that is not; two where both may be meant, none when none is near."""
    word = word[:100]
    found = get_close_matches(word, list(known), 2)
    if len(found) == 2:
        first, second = (SequenceMatcher(None, each, word).ratio() for each in found)
        if second > first - RIVAL:
            return found
    return found[:1]


def like(word: str, known: Iterable[str]) -> str:
    """Return the known word that is nearest to one that is not, ``a or b`` where two are; empty when none is near."""
    return " or ".join(near(word, known))
