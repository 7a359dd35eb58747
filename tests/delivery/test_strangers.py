"""Another user of the machine at the tcp ports of a mesh: it forges nothing, takes nothing and stops nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zmq

from tests.delivery import strangers
from tests.delivery.durable.test_mesh import end, start
from tests.delivery.stormed import KINDS
from tests.support.meshes import Make, Mesh, edge, mesh
from tests.support.second_user import needs_second_user, second_user

__all__ = ["mesh"]

HERE = Path(__file__).parent

pytestmark = [pytest.mark.process, needs_second_user]


def port_of(made: Mesh, process: str) -> int:
    """Find the port that a process binds, or connects to, in its wiring."""
    wiring = (made.folders.run / "processes" / process / "wiring.json").read_text()
    found = re.search(r"tcp://127\.0\.0\.1:(\d+)", wiring)
    assert found
    return int(found[1])


def grows(made: Mesh, record: Path) -> None:
    """Wait until each sender has had something taken that it has sent from now on."""
    begun = {f"sender-{number}": number_of(record, f"sender-{number}.accepted") for number in range(2)}

    def taken() -> bool:
        text = b"".join(path.read_bytes() for path in record.glob("*.processed"))
        return all(
            any(int(each) > at for each in re.findall(rb"%s \d+ (\d+)\n" % name.encode(), text[-100_000:]))
            for name, at in begun.items()
        )

    made.until(taken, 20)


def number_of(record: Path, name: str) -> int:
    """Give the last number that a sender has written down, -1 for none."""
    path = record / name
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return int(lines[-1].split()[2]) if lines else -1


@pytest.mark.parametrize(
    ("stranger", "turned"),
    [
        ("forge", False),
        ("take", True),
        pytest.param("garble", False, marks=pytest.mark.long),
        pytest.param("garble", True, marks=pytest.mark.long),
    ],
)
def test_at_a_durable_edge(mesh: Make, tmp_path: Path, stranger: str, turned: bool) -> None:
    made = start(mesh, tmp_path, senders=2, receivers=1, transport="tcp", turned=turned, pause=0.001)
    port = port_of(made, "sender-0")
    speak: Callable[..., None] = getattr(strangers, stranger)
    grows(made, tmp_path)
    with second_user() as user:
        ended = user.run(speak, port, "receiver-0.in" if turned else "sender-0.out")
    assert ended.status == 0, ended.text
    grows(made, tmp_path)
    binder = "sender-0" if turned else "receiver-0"
    assert "dropped a message from" in made.text(binder)
    assert not any(process["restarts"] for process in made.ps().values())
    outcome = end(made, tmp_path)
    assert outcome.accepted > 100
    assert outcome.lost == outcome.disorder == outcome.unexplained == []
    assert outcome.twice == 0
    assert outcome.processed == outcome.accepted, "nothing was forged"


@pytest.mark.long
def test_garbage_at_other_edges(mesh: Make, tmp_path: Path) -> None:
    short: dict[str, Any] = {"rcvtimeo": "2ms"}
    made = mesh(
        {
            "client": program("client", work="PUSH", ticks="PUB", prices="PUB", ask="REQ"),
            "server": program(
                "server",
                {"record": str(tmp_path)},
                work={"type": "PULL", **short},
                ticks={"type": "SUB", "subscribe": "t", **short},
                prices={"type": "SUB", "subscribe": "t", **short},
                ask={"type": "REP", **short},
            ),
        },
        {
            name: edge(f"server.{name}", f"client.{name}", "tcp", **more)
            for name, more in {
                "work": {"batch": {}},
                "ticks": {"batch": {}},
                "prices": {"delivery": {"kind": "replay", "from": "beginning"}},
                "ask": {"delivery": {"kind": "retry", "timeout": "500ms"}},
            }.items()
        },
    )
    made.start()
    made.until(made.whole, 30)
    seen = tmp_path / "seen"
    comes(made, seen)
    wiring = json.loads((made.folders.run / "processes/client/wiring.json").read_text())
    with second_user() as user:
        for name, kind in {"work": zmq.PUSH, "ticks": zmq.XPUB, "prices": zmq.XPUB, "ask": zmq.DEALER}.items():
            port = int(wiring["sockets"][name]["connect"][0].rpartition(":")[2])
            ended = user.run(strangers.garble_as, port, int(kind), 300)
            assert ended.status == 0, (name, ended.text)
            comes(made, seen)
            assert re.search(rf"server\.{name}[^:]*: dropped", made.text("server"))
    assert not any(process["restarts"] for process in made.ps().values())
    for line in seen.read_text().splitlines():
        name, body = line.split(" ")
        if name in ("prices", "ask"):
            assert bytes.fromhex(body).isdigit(), line
    made.down()
    made.ended()


def program(name: str, args: dict[str, Any] | None = None, **sockets: Any) -> dict[str, Any]:
    return {"python": f"stormed:{name}", "working_dir": str(HERE), "args": args or {}, "sockets": sockets}


def comes(made: Mesh, seen: Path) -> None:
    """Wait until more has come on each edge than had before."""

    def counts() -> dict[str, int]:
        lines = seen.read_text().splitlines() if seen.exists() else []
        found = dict.fromkeys(KINDS, 0)
        for line in lines:
            name, _, body = line.partition(" ")
            found[name] += bytes.fromhex(body).isdigit()
        return found

    before = counts()
    made.until(lambda: all(count > before[name] + 5 for name, count in counts().items()), 20)
