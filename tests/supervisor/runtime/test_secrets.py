"""The secrets of edges: one file a mesh, for its user alone, and the same for whoever is started later."""

from __future__ import annotations

from pathlib import Path

from orchestrator.contract import folders, wiring
from orchestrator.contract.folders import Folders
from orchestrator.delivery import proof
from orchestrator.plan import model
from orchestrator.plan.addresses import resolve
from orchestrator.supervisor.runtime import launch_files, secrets
from tests.support.topologies import node, plan

NODES = {
    "shop": node(2, orders="PUSH", more="PUSH"),
    "book": node(None, orders="PULL", more="PULL"),
    "other": node(None, more="PULL"),
    "client": node(None, ask="REQ"),
    "queue": {"device": "queue", "sockets": {"in": "ROUTER", "out": "DEALER"}},
    "server": node(None, answer="REP"),
    "plain": node(None, out="PUSH", **{"in": "PULL"}),
}
EDGES = {
    "orders": {"bind": "book.orders", "connect": "shop.orders", "delivery": "durable"},
    "more": {"bind": "book.more", "connect": "shop.more", "delivery": "durable"},
    "others": {"bind": "other.more", "connect": "shop.more", "delivery": "durable"},
    "ask": {"bind": "queue.in", "connect": "client.ask", "delivery": "retry"},
    "answer": {"bind": "server.answer", "connect": "queue.out", "delivery": "retry"},
    "plain": {"bind": "plain.in", "connect": "plain.out"},
}


def test_a_secret_is_made_once_and_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    (tmp_path / "secret.new").write_text("of one who was killed")
    made = secrets.of(path, "orders")
    assert len(bytes.fromhex(made)) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) == secrets.SIZE
    assert secrets.of(path, "orders") == made
    assert secrets.of(path, "ticks") != made
    assert secrets.of(tmp_path / "another", "orders") != made


def test_who_shares_a_socket_or_a_queue_shares_a_secret(tmp_path: Path) -> None:
    of = Folders(tmp_path / "r" / "m", tmp_path / "s" / "m")
    folders.make(of)
    made = plan(NODES, EDGES)
    endpoints = resolve(made.endpoints, of.socket, {})
    found = {}
    for process in made.processes:
        (of.run / "processes" / process.name).mkdir()
        launch_files.prepare(made, process.name, 1, endpoints, of)
        given = wiring.load(of.file(process.name, "wiring.json").read_bytes())
        for name, socket in given.sockets.items():
            said = socket.durable or socket.retry or {}
            found[f"{process.name}.{name}"] = said.get("secret", "")
    orders, more, ask = found["book.orders"], found["book.more"], found["server.answer"]
    assert len({orders, more, ask, ""}) == 4
    assert found["shop-0.orders"] == found["shop-1.orders"] == orders
    assert found["shop-0.more"] == found["other.more"] == more
    assert found["client.ask"] == ask
    assert found["plain.out"] == found["plain.in"] == ""
    for secret in {orders, more, ask}:
        assert secret.encode() not in model.dump(made)
        holders = {path.name for path in tmp_path.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()}
        assert holders == {"wiring.json"}


def test_a_token_is_keyed_blake2s_of_its_parts() -> None:
    made = proof.token(b"k" * 32, b"H", b"a")
    assert len(made) == proof.TOKEN_SIZE
    assert made != proof.token(b"l" * 32, b"H", b"a")
    assert made != proof.token(b"k" * 32, b"Ha")
    assert proof.proves(b"k" * 32, made, b"H", b"a")
    assert not proof.proves(b"k" * 32, made[:-1], b"H", b"a")
    assert not proof.proves(b"k" * 32, b"", b"H", b"a")
    assert proof.proves(b"", b"whatever", b"H", b"a"), "where there is no secret none is asked for"
