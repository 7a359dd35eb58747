from __future__ import annotations

import pytest

from orchestrator.plan.addresses import resolve
from orchestrator.plan.build import build
from orchestrator.plan.model import Plan, Probe, dump, load
from orchestrator.plan.wiring import probe_of
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.load import load as read

TEXT = """\
name: probes
nodes:
  web:
    command: ./web
    replicas: 2
    ready: {ready}
    sockets: {{ask: REP}}
  client: {{python: "client:main", sockets: {{ask: REQ}}}}
edges:
  ask: {{bind: web.ask, connect: client.ask}}
"""


def planned(ready: str) -> Plan:
    return build(read(["-"], {}, {}, stdin=TEXT.format(ready=ready)))


def asked(ready: str) -> list[Probe | None]:
    plan = load(dump(planned(ready)))
    endpoints = resolve(plan.endpoints, lambda name: f"/run/{name}", {})
    return [probe_of(plan, f"web-{number}", "ready", endpoints) for number in range(2)]


def test_each_process_is_asked_at_its_own_address() -> None:
    assert asked('{http: "http://127.0.0.1:808${index}/${process}"}') == [
        Probe(http="http://127.0.0.1:8080/web-0"),
        Probe(http="http://127.0.0.1:8081/web-1"),
    ]


def test_a_command_is_split_and_knows_the_endpoints() -> None:
    words = ("./ping", "to web-0", "ipc:///run/web-0.ask")
    assert asked("{command: './ping \"to ${process}\" ${endpoint.ask}'}")[0] == Probe(command=words)


def test_a_pattern_keeps_what_is_no_variable() -> None:
    assert asked('{log: "^${process} listens on $"}')[1] == Probe(log="^web-1 listens on $")


def test_what_is_not_asked_has_no_probe() -> None:
    assert asked("listening") == [None, None]


def test_an_unknown_endpoint_is_told_where_it_stands() -> None:
    with pytest.raises(InvalidTopologyError) as found:
        planned('{command: "./ping ${endpoint.asks}"}')
    [problem] = found.value.problems
    assert (problem.code, problem.path, problem.line) == ("Z102", "nodes.web.ready.command", 6)
