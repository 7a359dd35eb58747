"""Another user of the machine at the tcp ports of a mesh: it forges nothing, takes nothing and stops nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.delivery import strangers
from tests.delivery.durable.test_mesh import end, start
from tests.faults.second_user import needs_second_user, second_user
from tests.promises.conftest import Make, mesh
from tests.promises.meshes import Mesh

__all__ = ["mesh"]

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
    lines = (record / name).read_text().split("\n")[:-1]
    return int(lines[-1].split()[2])


@pytest.mark.parametrize(
    ("stranger", "turned"),
    [("forge", False), ("garble", False), ("take", True), pytest.param("garble", True, marks=pytest.mark.long)],
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
