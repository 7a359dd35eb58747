"""Findings that are milder, or graver, than their rule: by what else the file or the machine says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.lint.docs import TOPOLOGY
from tests.lint.examples import findings
from tests.lint.meshes import Mesh
from tests.lint.plants import external


def said(mesh: Mesh, code: str, folder: Path) -> list[str]:
    """Give the severities of what a rule finds."""
    return [each.severity for each in findings({TOPOLOGY: mesh.text(), **mesh.files}, folder) if each.code == code]


def programmed(text: str, **keys: Any) -> Mesh:
    """Give a mesh of one node with a program of its own."""
    mesh = Mesh(files={"planted.py": text})
    mesh.node(python="planted:main", **keys)
    return mesh


def test_an_unwired_socket_of_a_command_may_be_its_own_business(tmp_path: Path) -> None:
    mesh = Mesh()
    mesh.node({"x": "PUB"}, command="sleep 1")
    assert said(mesh, "Z103", tmp_path) == ["info"]


@pytest.mark.parametrize(("host", "severity"), [("*", "error"), ("0.0.0.0", "warning"), ("[::]", "warning")])
def test_zero_works_on_linux(host: str, severity: str, tmp_path: Path) -> None:
    mesh = Mesh()
    external(mesh, "PUB", {"type": "SUB", "subscribe": "", "ipv6": True}, endpoint=f"tcp://{host}:9000")
    assert said(mesh, "Z204", tmp_path) == [severity]


def test_a_relative_path_that_all_resolve_in_one_folder(tmp_path: Path) -> None:
    mesh = Mesh()
    mesh.pair("PUB", "SUB", endpoint="ipc://x")
    assert said(mesh, "Z211", tmp_path) == ["info"]


@pytest.mark.parametrize("options", [{"rcvtimeo": "1s"}, {"req_relaxed": True}])
def test_a_timeout_ends_a_lockstep_and_a_circle(options: dict[str, Any], tmp_path: Path) -> None:
    mesh = Mesh()
    one, _, _ = mesh.pair("REP", {"type": "REQ", **options})
    mesh.nodes[one]["replicas"] = 2
    assert said(mesh, "Z305", tmp_path) == ["info"]
    mesh = Mesh()
    a, b = (mesh.node({"ask": {"type": "REQ", **options}, "answer": "REP"}) for _ in range(2))
    mesh.edge(f"{a}.answer", f"{b}.ask")
    mesh.edge(f"{b}.answer", f"{a}.ask")
    assert said(mesh, "Z303", tmp_path) == ["info"]


def test_a_program_that_polls_has_a_timeout(tmp_path: Path) -> None:
    mesh = programmed("def main(node):\n    node.socket('x').poll(1)\n")
    server = mesh.node({"x": "REP"}, replicas=2)
    mesh.nodes["node0"]["sockets"] = {"x": "REQ"}
    mesh.edge(f"{server}.x", "node0.x")
    assert said(mesh, "Z305", tmp_path) == ["info"]
    assert said(mesh, "Z306", tmp_path) == []


def test_a_number_that_nothing_collides_with_yet(tmp_path: Path) -> None:
    mesh = Mesh()
    _, other, _ = mesh.pair("PUB", {"type": "SUB", "subscribe": "${process}"})
    mesh.nodes[other]["replicas"] = 10
    assert said(mesh, "Z318", tmp_path) == ["info"]
    mesh.nodes[other]["replicas"] = 11
    assert said(mesh, "Z318", tmp_path) == ["warning"]
    del mesh.nodes[other]["replicas"]
    mesh.nodes[other]["each"] = ["left", "leftmost"]
    assert said(mesh, "Z318", tmp_path) == ["warning"]
    mesh.nodes[other]["each"] = ["left", "right"]
    assert said(mesh, "Z318", tmp_path) == []


@pytest.mark.parametrize(
    ("bind", "connect"),
    [
        ("PUB", {"type": "SUB", "subscribe": "", "sndtimeo": 5}),
        ("PULL", {"type": "PUSH", "rcvhwm": 5}),
        ({"type": "PULL", "sndhwm": 5}, "PUSH"),
        ({"type": "XPUB", "conflate": True}, "SUB"),
        ({"type": "PULL", "immediate": True}, "PUSH"),
        ("PULL", {"type": "PUSH", "backlog": 5}),
        ("PULL", {"type": "PUSH", "multicast_hops": 5}),
    ],
)
def test_an_option_without_effect(bind: Any, connect: Any, tmp_path: Path) -> None:
    mesh = Mesh()
    mesh.pair(bind, connect)
    assert said(mesh, "Z402", tmp_path) == ["info"]


def test_tcp_options_on_ipc(tmp_path: Path) -> None:
    declared = {"type": "PUSH", "tcp_keepalive": True}
    for keys, expected in (({"transport": "ipc"}, ["info"]), ({}, []), ({"transport": "tcp"}, [])):
        mesh = Mesh()
        mesh.pair("PULL", declared, **keys)
        assert said(mesh, "Z402", tmp_path) == expected


def test_no_limit_towards_programs_of_others(tmp_path: Path) -> None:
    mesh = Mesh()
    external(mesh, "PULL", {"type": "PUSH", "sndhwm": 0}, endpoint="tcp://127.0.0.1:9000")
    assert said(mesh, "Z404", tmp_path) == ["warning"]


def test_our_library_can_let_a_router_see_a_death(tmp_path: Path) -> None:
    mesh = Mesh()
    mesh.pair("ROUTER", {"type": "DEALER", "routing_id": "x"})
    assert said(mesh, "Z413", tmp_path) == ["info"]


def test_docker_waits_ten_seconds(tmp_path: Path) -> None:
    mesh = Mesh()
    one, _, _ = mesh.pair("PULL", "PUSH")
    assert said(mesh, "Z609", tmp_path) == []
    mesh.nodes[one]["stop"] = {"grace": "5s"}
    assert said(mesh, "Z609", tmp_path) == ["info"]


def test_a_socket_that_the_program_never_asks_for(tmp_path: Path) -> None:
    mesh = programmed("def main(node): ...\n")
    mesh.nodes["node0"]["sockets"] = {"x": "PUB"}
    assert said(mesh, "Z611", tmp_path) == ["info"]


def test_a_callable_of_several_nodes_may_ask_for_what_one_of_them_has(tmp_path: Path) -> None:
    mesh = programmed("def main(node):\n    node.socket('x')\n")
    assert said(mesh, "Z611", tmp_path) == ["error"]
    mesh.node({"x": "PUB"}, python="planted:main")
    assert said(mesh, "Z611", tmp_path) == ["info"]


def test_a_secret_is_no_switch_number_path_or_variable(tmp_path: Path) -> None:
    values = {
        "ALLOW_EMPTY_PASSWORD": "yes",
        "DB_PASSWORD": "/run/secrets/db",
        "API_KEY": "${env.API_KEY:-}",
        "SECRET": "",
        "PASSWORD_FILE": "password.txt",
    }
    mesh = programmed("def main(node, token): ...\n", env=values, args={"token": "AAPL"})
    assert said(mesh, "Z502", tmp_path) == []


def test_values_are_never_shown(tmp_path: Path) -> None:
    mesh = programmed("def main(node): ...\n", env={"PASSWORD": "correct-horse"})
    (found,) = findings({TOPOLOGY: mesh.text()}, tmp_path)[-1:]
    assert found.code == "Z502"
    assert "horse" not in str(found)


def test_a_range_goes_on_from_node_to_node(tmp_path: Path) -> None:
    mesh = Mesh()
    one, other = mesh.node({"control": "REP"}, replicas=2), mesh.node({"control": "REP", "status": "PUB"})
    both = [f"{one}.control", f"{other}.control"]
    mesh.edge(both, [], endpoint="tcp://127.0.0.1:20000-20002")
    status = mesh.edge(f"{other}.status", [], endpoint="tcp://127.0.0.1:20003")
    assert said(mesh, "Z107", tmp_path) == []
    mesh.edges[status]["endpoint"] = "tcp://127.0.0.1:20002"
    assert said(mesh, "Z107", tmp_path) == ["error"]


def test_a_tree_has_leaves_and_no_circle(tmp_path: Path) -> None:
    mesh = Mesh()
    meter = mesh.node({"below": "PULL", "above": "PUSH"}, replicas=7)
    edge = mesh.edge(f"{meter}.below", f"{meter}.above", pairing="tree")
    assert said(mesh, "Z304", tmp_path) == said(mesh, "Z111", tmp_path) == []
    mesh.edges[edge]["pairing"] = "ring"
    assert said(mesh, "Z304", tmp_path) == ["info"]


@pytest.mark.parametrize(("grace", "path"), [("60s", "nodes.n0.stop.grace"), ("5s", "nodes")])
def test_one_grace_is_blamed_for_what_is_its_own(grace: str, path: str, tmp_path: Path) -> None:
    nodes = [f"n{number}: {{python: 'a:b', sockets: {{into: PULL, out: PUSH}}}}" for number in range(1, 4)]
    nodes.insert(0, f"n0: {{python: 'a:b', stop: {{grace: {grace}}}, sockets: {{out: PUSH}}}}")
    edges = [f"e{number}: {{bind: n{number}.into, connect: n{number - 1}.out}}" for number in range(1, 4)]
    text = "\n  ".join(["nodes:", *nodes]) + "\n" + "\n  ".join(["edges:", *edges]) + "\n"
    found = [each for each in findings({TOPOLOGY: text}, tmp_path) if each.code == "Z609"]
    assert [each.path for each in found] == [path]
    assert "n0 " + grace in found[0].message


@pytest.mark.parametrize(
    ("bind", "connect", "moving", "codes"),
    [
        ("PUSH", "PULL", "connect", ["Z118"]),
        ("PUSH", "PULL", "", ["Z314"]),
        ("PULL", "PUSH", "bind", ["Z307"]),
        ("DEALER", "REP", "connect", ["Z118"]),
        ("PUB", {"type": "SUB", "subscribe": ""}, "bind", ["Z110"]),
        ("REP", "REQ", "connect", []),
    ],
)
def test_of_one_edge_one_thing_is_said(bind: Any, connect: Any, moving: str, codes: list[str], tmp_path: Path) -> None:
    mesh = Mesh()
    one, other, _ = mesh.pair(bind, connect)
    if moving:
        mesh.nodes[one if moving == "bind" else other]["replicas"] = 2
    found = findings({TOPOLOGY: mesh.text()}, tmp_path)
    assert [each.code for each in found if each.code in ("Z110", "Z118", "Z307", "Z314", "Z319")] == codes


def test_who_asks_anew_and_devices_lose_nothing_with_a_peer(tmp_path: Path) -> None:
    mesh = Mesh()
    _, other, _ = mesh.pair("PUSH", "PULL", delivery="durable")
    mesh.nodes[other]["replicas"] = 2
    assert said(mesh, "Z118", tmp_path) == said(mesh, "Z314", tmp_path) == []
    mesh = Mesh()
    worker, source = mesh.node({"x": "PULL"}, replicas=2), mesh.node({"x": "PUSH"})
    mesh.nodes["queue"] = {"device": "streamer"}
    mesh.edge("queue.frontend", f"{source}.x")
    mesh.edge("queue.backend", f"{worker}.x")
    found = findings({TOPOLOGY: mesh.text()}, tmp_path)
    assert [each.code for each in found if each.code in ("Z118", "Z307", "Z314")] == []


@pytest.mark.parametrize(
    ("kind", "peer", "count"), [("PUB", "SUB", 0), ("PUSH", "PULL", 0), ("PULL", "PUSH", 1), ("REP", "REQ", 1)]
)
def test_who_only_sends_gets_no_messages_of_strangers(kind: str, peer: str, count: int, tmp_path: Path) -> None:
    mesh = Mesh()
    mesh.pair(kind, peer, endpoint="tcp://*:5000", security="none")
    assert len(said(mesh, "Z412", tmp_path)) == count


def test_a_program_without_sockets_is_on_no_edge_by_intent(tmp_path: Path) -> None:
    mesh = Mesh()
    mesh.node()
    assert said(mesh, "Z104", tmp_path) == []


@pytest.mark.parametrize(
    ("delivery", "stop", "count"),
    [
        ("retry", {}, 0),  # as it is by default: nobody chose it
        ("retry", {"grace": "10s"}, 1),
        ("retry", {"grace": "11s"}, 0),
        ({"kind": "retry", "attempts": 6}, {}, 1),
        ({"kind": "retry", "attempts": 4}, {}, 0),
        ({"kind": "retry", "timeout": "2s"}, {}, 1),
    ],
)
def test_retries_against_the_grace(delivery: Any, stop: dict[str, str], count: int, tmp_path: Path) -> None:
    mesh = Mesh()
    _, other, _ = mesh.pair("REP", "REQ", delivery=delivery)
    mesh.nodes[other]["stop"] = stop
    assert said(mesh, "Z123", tmp_path) == ["warning"] * count


def test_a_command_with_the_library_has_gate_and_options(tmp_path: Path) -> None:
    for ready, codes in ((None, ["Z319", "Z416"]), ("library", [])):
        mesh = Mesh()
        one, _, _ = mesh.pair({"type": "PUB", "sndhwm": 5}, "SUB")
        mesh.nodes[one] = {"command": "sleep 1", "sockets": mesh.nodes[one]["sockets"]} | (
            {"ready": ready} if ready else {}
        )
        found = findings({TOPOLOGY: mesh.text()}, tmp_path)
        assert sorted(each.code for each in found if each.code in ("Z319", "Z416")) == codes


def test_a_command_outside_of_the_mesh_or_for_nobody_of_it_needs_no_gate(tmp_path: Path) -> None:
    mesh = Mesh()
    one = mesh.node({"x": "PUB"}, command="sleep 1")
    mesh.edge(f"{one}.x", [], endpoint="tcp://127.0.0.1:5000", security="none")
    assert said(mesh, "Z319", tmp_path) == []


def test_what_replaces_and_leaves_nobody_without_an_edge_is_fine(tmp_path: Path) -> None:
    below = """
nodes:
  feed: {python: "feed:main", sockets: {ticks: PUB}}
  bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
edges:
  ticks: {bind: feed.ticks, connect: bot.ticks}
"""
    log = 'nodes: {log: {python: "log:main", sockets: {ticks: {type: SUB, subscribe: ""}}}'
    for over, count in (
        (log + "}\nedges: {ticks: {connect: log.ticks}}\n", 1),
        (log + "}\nedges: {ticks: {connect: [bot.ticks, log.ticks]}}\n", 0),
        (log + ", bot: null}\nedges: {ticks: {connect: log.ticks}}\n", 0),
        (log + "}\nedges: {ticks: {connect: log.ticks}, other: {bind: feed.ticks, connect: bot.ticks}}\n", 0),
    ):
        files = {TOPOLOGY: f"include: below.yaml\n{over}", "below.yaml": below}
        assert len([each for each in findings(files, tmp_path) if each.code == "Z124"]) == count


@pytest.mark.parametrize(
    ("written", "annotation", "count"),
    [("${index}.5", "float", 1), ("${index}", "float", 0), ("${index}", "int", 0), ("w${index}", "str", 0)],
)
def test_what_a_variable_makes_of_an_argument(written: str, annotation: str, count: int, tmp_path: Path) -> None:
    mesh = programmed(f"def main(node, *, load: {annotation}): ...\n", replicas=2, args={"load": written})
    assert said(mesh, "Z617", tmp_path) == ["warning"] * count
