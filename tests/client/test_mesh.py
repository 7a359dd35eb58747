"""A mesh for programs, in this very process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.client import Mesh
from orchestrator.client.errors import MeshEndedError, MeshError, MeshTimeoutError
from orchestrator.project.errors import UsageError
from tests.support.waiting import until

TOPOLOGY = """\
name: market
nodes:
  feed: {python: feed:main, sockets: {ticks: PUB}}
  bot: {python: bot:main, replicas: "${bots}", sockets: {ticks: {type: SUB, subscribe: ""}}}
  late: {python: feed:idle, start: manual}
edges:
  ticks: {bind: feed.ticks, connect: bot.ticks}
vars: {bots: 1}
"""
FEED = """\
def main(node):
    while not node.stopping.wait(0.005):
        node.socket("ticks").send(b"AAPL 130")

def idle(node):
    node.stopping.wait()
"""
BOT = "def main(node):\n    print('begins', flush=True)\n    for _ in node.messages('ticks'):\n        pass\n"


@pytest.fixture
def folder(home: Path) -> Iterator[Path]:
    """The working folder, with a topology; whatever runs of it ends with the test."""
    for name, text in (("topology.yaml", TOPOLOGY), ("feed.py", FEED), ("bot.py", BOT)):
        Path(name).write_text(text)
    yield home
    mesh = Mesh("market")
    if mesh.runs:
        mesh.down(now=True)


@pytest.mark.process
def test_a_mesh_is_brought_up_looked_at_changed_and_ended(folder: Path) -> None:
    gc.unfreeze()  # what a command that ran in this process has frozen
    mesh = Mesh.up("topology.yaml", sets={"bots": 2}, within=30)
    assert (gc.get_freeze_count(), gc.isenabled()) == (0, True)
    assert (repr(mesh), mesh.runs) == ("Mesh('market')", True)
    assert Mesh.up("topology.yaml", sets={"bots": 2}).info()["pid"] == mesh.info()["pid"]  # it runs already
    assert mesh.processes("bot") == ["bot-0", "bot-1"]
    assert {each["name"]: each["state"] for each in mesh.ps()["processes"] if each["name"] != "late"} == {
        "feed": "ready",
        "bot-0": "ready",
        "bot-1": "ready",
    }
    assert [record.text for record in mesh.logs("bot")] == ["begins", "begins"]
    assert next(mesh.tap("ticks")).parts == [b"AAPL 130"]

    assert mesh.stop("bot-1")["bot-1"]["state"] == "stopped"
    assert mesh.start("bot-1")["bot-1"]["state"] == "ready"
    assert mesh.restart("bot")["bot-0"]["generation"] == 2
    assert mesh.kill("bot-0", signal="TERM") == ["bot-0"]
    until(lambda: any(event["event"] == "exited" for event in mesh.events("bot-0", last=3)))
    with pytest.raises(MeshTimeoutError, match=r"market: not over after 0\.05 s: feed"):
        mesh.wait_end("feed", within=0.05)
    with pytest.raises(UsageError, match="no process nobody; nodes: feed, bot, late"):
        mesh.stop("nobody")

    assert mesh.down()["status"] == 0
    assert not mesh.runs
    assert mesh.wait_end().status == 0
    assert [event["event"] for event in mesh.events(last=1)] == ["ended"]
    assert {each["state"] for each in mesh.last_run()["processes"] if each["name"] != "late"} == {"stopped"}
    with pytest.raises(UsageError, match="market is not running"):
        mesh.ps()


@pytest.mark.process
def test_what_does_not_come_up_is_said_and_a_mesh_that_ends_meanwhile_too(folder: Path) -> None:
    Path("bot.py").write_text("def main(node): ...\n\nraise SystemExit(3)\n")
    Path("topology.yaml").write_text(TOPOLOGY.replace('replicas: "${bots}"', "restart: never"))
    with pytest.raises(MeshError, match="bot: failed, exited with status 3"):
        Mesh.up("topology.yaml", within=30)
    assert issubclass(MeshEndedError, MeshError)


def test_what_is_wrong_is_raised_with_nothing_started(folder: Path) -> None:
    Path("topology.yaml").write_text("nodes: {a: {comand: 'true'}}\n")
    with pytest.raises(UsageError, match=r"topology.yaml:1:13: error"):
        Mesh.up("topology.yaml")
    with pytest.raises(UsageError, match="is not running"):
        Mesh("market").ps()
    with pytest.raises(UsageError, match="never ran"):
        Mesh("market").processes()
