"""Whoever dies, the mesh goes on: nodes keep their pids, endpoints their sockets, lines their place in the log."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from orchestrator.contract import exits, folders
from orchestrator.supervisor.runtime.processes import UNSEEN_AFTER
from orchestrator.supervisor.runtime.store import VERSION
from tests.support.waiting import until

from .bench import inodes
from .meshes import Mesh, pair

pytestmark = pytest.mark.process


@pytest.fixture
def pids(mesh: Mesh) -> dict[str, int]:
    mesh.start(pair())
    mesh.up()
    return mesh.pids()


def flows(mesh: Mesh) -> None:
    """Wait until both bots hear what the feed says from now on."""
    before = {bot: len(mesh.log(bot)) for bot in ("bot-0", "bot-1")}
    until(lambda: all(len(mesh.log(bot)) > count + 5 for bot, count in before.items()), why=mesh.text)


def without_gap(lines: list[str]) -> bool:
    numbers = [int(line.split()[1]) for line in lines]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_all_messages_arrive_from_the_first_one_on(mesh: Mesh, pids: dict[str, int]) -> None:
    flows(mesh)
    assert mesh.down() == 0
    for bot in ("bot-0", "bot-1"):
        assert mesh.log(bot)[0] == "A 0"
        assert without_gap(mesh.log(bot))


def test_a_supervisor_that_dies_is_replaced_and_no_line_is_missing(mesh: Mesh, pids: dict[str, int]) -> None:
    for _ in range(3):
        mesh.replaced("pid")
        assert mesh.pids() == pids
        flows(mesh)
    mesh.up()
    assert mesh.down() == 0
    assert without_gap(mesh.log("bot-0"))
    assert not mesh.events("exited") or {each["will"] for each in mesh.events("exited")} == {"stopped"}


def test_a_keeper_that_dies_is_replaced(mesh: Mesh, pids: dict[str, int]) -> None:
    listener = inodes(mesh.ask("info")["keeper"]) & inodes(pids["feed"])
    assert len(listener) == 1
    for _ in range(3):
        mesh.replaced("keeper")
        mesh.up()
        assert mesh.pids() == pids
        flows(mesh)
        until(lambda: inodes(mesh.ask("info")["keeper"]) & inodes(pids["feed"]) == listener)
    # The new one can do what the old one could.
    os.kill(pids["bot-1"], signal.SIGKILL)
    until(lambda: mesh.processes()["bot-1"]["generation"] == 2)
    mesh.up()
    assert mesh.down() == 0


def test_keepers_that_die_as_soon_as_they_live(mesh: Mesh, pids: dict[str, int]) -> None:
    info = mesh.ask("info")
    supervisor = psutil.Process(info["pid"])
    died = {info["keeper"]}
    os.kill(info["keeper"], signal.SIGKILL)

    def next_one() -> bool:
        for child in supervisor.children():
            if child.pid not in died:
                died.add(child.pid)
                child.kill()
                return True
        return False

    for _ in range(3):
        until(next_one, why=mesh.text)
    until(lambda: mesh.ask("info")["keeper"] not in died, why=mesh.text)
    mesh.up()
    assert mesh.pids() == pids
    assert mesh.down() == 0


def test_a_start_whose_answer_nobody_heard(mesh: Mesh, pids: dict[str, int]) -> None:
    info = mesh.ask("info")
    # The keeper is held up while the supervisor asks it for a start, and the supervisor while it answers.
    os.kill(info["keeper"], signal.SIGSTOP)
    # Already when it had written down how the process ended, and before it told.
    ended = exits.Exit("bot-1", 1, pids["bot-1"], exits.start_ticks(pids["bot-1"]), signal.SIGKILL, time.time())
    exits.append(mesh.folders.exits, ended)
    os.kill(pids["bot-1"], signal.SIGKILL)
    until(lambda: any(each["process"] == "bot-1" for each in mesh.events("exited")), why=mesh.text)
    until(lambda: json.loads(mesh.folders.file("bot-1", "launch.json").read_text())["generation"] == 2)
    until(lambda: asleep(info["pid"]))
    os.kill(info["pid"], signal.SIGSTOP)
    os.kill(info["keeper"], signal.SIGCONT)
    keeper = psutil.Process(info["keeper"])
    known = {*pids.values(), info["pid"]}
    until(lambda: {each.pid for each in keeper.children()} - known)
    (started,) = {each.pid for each in keeper.children()} - known
    os.kill(info["pid"], signal.SIGKILL)
    mesh.up()
    assert mesh.pids()["bot-1"] == started
    assert mesh.processes()["bot-1"]["generation"] == 2
    assert mesh.down() == 0


def test_an_end_that_a_busy_keeper_has_yet_to_see(mesh: Mesh, pids: dict[str, int]) -> None:
    info = mesh.ask("info")
    os.kill(info["keeper"], signal.SIGSTOP)
    os.kill(pids["bot-1"], signal.SIGKILL)
    until(lambda: psutil.Process(pids["bot-1"]).status() == psutil.STATUS_ZOMBIE)
    # It is longer at it than anybody waits for an end that no keeper saw.
    later = time.monotonic() + 3 * UNSEEN_AFTER
    until(lambda: time.monotonic() > later)
    os.kill(info["keeper"], signal.SIGCONT)
    until(lambda: mesh.events("exited"), why=mesh.text)
    assert mesh.events("exited")[0]["status"] == -signal.SIGKILL
    assert mesh.down() == 0


def asleep(pid: int) -> bool:
    """Tell whether a process waits for events: it has done what it had to do."""
    return psutil.Process(pid).status() == psutil.STATUS_SLEEPING


def test_a_listener_outlives_its_keeper_and_its_node(mesh: Mesh, pids: dict[str, int]) -> None:
    path = mesh.folders.socket("feed.ticks")
    mesh.replaced("keeper")
    os.kill(pids["feed"], signal.SIGKILL)
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(path)
        until(lambda: mesh.processes()["feed"]["generation"] == 2)
        peer.settimeout(20)
        assert peer.recv(1) == b"\xff", "the greeting of ZMTP"
        # It hangs up on a mechanism that there is not (RFC 23); else the drain may find a reader that never read.
        peer.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NONSENSE".ljust(20, b"\0") + bytes(32))
        while peer.recv(256):
            pass
    mesh.up()
    assert mesh.down() == 0


def test_both_die_and_all_are_adopted(mesh: Mesh, pids: dict[str, int]) -> None:
    info = mesh.ask("info")
    for pid in (info["keeper"], info["pid"]):
        os.kill(pid, signal.SIGSTOP)
    for pid in (info["keeper"], info["pid"]):
        os.kill(pid, signal.SIGKILL)
    mesh.keepers[0].wait(20)
    assert all(os.path.exists(f"/proc/{pid}") for pid in pids.values())
    mesh.start(pair())
    mesh.up()
    assert mesh.pids() == pids
    flows(mesh)
    until(lambda: inodes(mesh.ask("info")["keeper"]) & inodes(pids["feed"]))
    assert mesh.down() == 0


def test_an_end_that_nobody_saw(mesh: Mesh, pids: dict[str, int]) -> None:
    info = mesh.ask("info")
    victims = (info["keeper"], info["pid"])
    for pid in victims:
        os.kill(pid, signal.SIGSTOP)
    for pid in (*victims, pids["bot-1"]):
        os.kill(pid, signal.SIGKILL)
    mesh.keepers[0].wait(20)
    mesh.start(pair())
    until(lambda: mesh.processes()["bot-1"]["generation"] == 2)
    mesh.up()
    now = mesh.pids()
    assert (now["feed"], now["bot-0"]) == (pids["feed"], pids["bot-0"])
    assert [each["status"] for each in mesh.events("exited")] == [None]
    assert mesh.down() == 0


def test_an_end_while_there_is_no_supervisor_is_known(mesh: Mesh, pids: dict[str, int]) -> None:
    supervisor = mesh.ask("info")["pid"]
    os.kill(supervisor, signal.SIGSTOP)
    os.kill(pids["bot-1"], signal.SIGSEGV)
    until(lambda: exits.read(mesh.folders.exits))
    os.kill(supervisor, signal.SIGKILL)
    until(lambda: mesh.processes()["bot-1"]["generation"] == 2)
    mesh.up()
    assert [each["status"] for each in mesh.events("exited")] == [-signal.SIGSEGV]
    assert mesh.down() == 0


def test_nothing_is_left_after_the_end(mesh: Mesh, pids: dict[str, int]) -> None:
    everybody = [*pids.values(), mesh.ask("info")["keeper"], mesh.ask("info")["pid"]]
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(mesh.folders.supervisor)
        assert mesh.down() == 0
        mesh.close()
    assert (mesh.folders.state / "keeper.log").read_text() == ""
    assert not mesh.folders.run.exists()
    assert not any(os.path.exists(f"/proc/{pid}") for pid in everybody)


def test_a_mesh_starts_anew_after_its_end(mesh: Mesh, pids: dict[str, int]) -> None:
    assert mesh.down() == 0
    mesh.close()
    mesh.start(pair())
    mesh.up()
    assert mesh.processes()["feed"]["generation"] == 1
    assert len(mesh.events("begin")) == 2
    assert mesh.down() == 0


@pytest.fixture
def tcp(mesh: Mesh) -> Iterator[Mesh]:
    mesh.start(pair("tcp"))
    mesh.up()
    yield mesh
    assert mesh.down() == 0


def test_a_port_is_kept_whoever_dies(tcp: Mesh) -> None:
    def port() -> str:
        return next(line for line in wiring().split('"') if line.startswith("tcp://"))

    def wiring() -> str:
        return tcp.folders.file("feed", "wiring.json").read_text()

    before = port()
    for who in ("feed", "keeper", "pid", "feed"):
        if who == "feed":
            generation = tcp.processes()["feed"]["generation"]
            os.kill(tcp.pids()["feed"], signal.SIGKILL)
            until(lambda generation=generation: tcp.processes()["feed"]["generation"] > generation)  # type: ignore[misc]
        else:
            tcp.replaced(who)
        tcp.up()
        flows(tcp)
        assert port() == before


def test_descriptors_do_not_grow(mesh: Mesh, pids: dict[str, int]) -> None:
    def count(who: str) -> int:
        return len(os.listdir(f"/proc/{mesh.ask('info')[who]}/fd"))

    def death(number: int) -> None:
        os.kill(mesh.pids()["bot-0"], signal.SIGKILL)
        until(lambda: mesh.processes()["bot-0"]["generation"] == number)
        mesh.up()

    death(2)
    before = count("keeper"), count("pid")
    for number in range(3, 6):
        death(number)
    # A client's connection may still be on its way out.
    until(lambda: count("keeper") <= before[0] and count("pid") <= before[1])
    assert mesh.down() == 0


def test_a_run_folder_that_is_gone_ends_who_is_left(mesh: Mesh, pids: dict[str, int]) -> None:
    info = mesh.ask("info")
    everybody = [psutil.Process(pid) for pid in (*pids.values(), info["keeper"])]
    shutil.rmtree(mesh.folders.run)
    os.kill(info["pid"], signal.SIGKILL)
    until(lambda: not any(map(lives, everybody)), why=mesh.text)
    assert "is gone, so all end" in mesh.text()


def test_a_run_folder_and_a_keeper_that_are_gone_end_the_mesh(mesh: Mesh, pids: dict[str, int]) -> None:
    info = mesh.ask("info")
    everybody = [psutil.Process(pid) for pid in (*pids.values(), info["pid"])]
    shutil.rmtree(mesh.folders.run)
    os.kill(info["keeper"], signal.SIGKILL)
    until(lambda: not any(map(lives, everybody)), why=mesh.text)
    assert mesh.events("draining")[0]["reason"] == f"{mesh.folders.run} is gone"


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # between the two
        return False


def rewrite(mesh: Mesh, change: Callable[[bytes], bytes]) -> None:
    mesh.folders.journal.write_bytes(change(mesh.folders.journal.read_bytes()))


SPOILS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "lost": (lambda text: b"", "tells nothing"),
    "of another version": (lambda text: text.replace(b'"version":%d' % VERSION, b'"version":99'), "of version 99"),
    "garbage": (lambda text: b"\0" * len(text), "tells nothing"),
}


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("both", [False, True], ids=["supervisor", "both"])
def test_a_state_that_cannot_be_read(mesh: Mesh, pids: dict[str, int], spoil: str, both: bool) -> None:
    change, said = SPOILS[spoil]
    info = mesh.ask("info")
    for pid in (info["keeper"], info["pid"]):
        os.kill(pid, signal.SIGSTOP)
    rewrite(mesh, change)
    if both:
        for pid in (info["keeper"], info["pid"]):
            os.kill(pid, signal.SIGKILL)
        mesh.keepers[0].wait(20)
        mesh.start(pair())
    else:
        os.kill(info["pid"], signal.SIGKILL)
        os.kill(info["keeper"], signal.SIGCONT)
    mesh.up()
    assert mesh.pids() == pids
    assert any(said in each["text"] for each in mesh.events("note")), mesh.text()
    flows(mesh)
    # The next one reads what this one has written.
    mesh.replaced("pid")
    mesh.up()
    assert mesh.pids() == pids
    assert len([each for each in mesh.events("note") if "state.jsonl" in each["text"]]) <= 2
    assert mesh.down() == 0


def test_a_state_with_a_torn_line(mesh: Mesh, pids: dict[str, int]) -> None:
    supervisor = mesh.ask("info")["pid"]
    os.kill(supervisor, signal.SIGSTOP)
    rewrite(mesh, lambda text: text + b'{"name":"feed","pi')
    os.kill(supervisor, signal.SIGKILL)
    until(lambda: any("1 lines cannot be read" in each["text"] for each in mesh.events("note")), why=mesh.text)
    mesh.up()
    assert mesh.pids() == pids
    assert mesh.down() == 0


def test_a_state_of_an_earlier_boot(mesh: Mesh) -> None:
    folders.make(mesh.folders)
    record = '{"name":"feed","state":"ready","generation":7,"pid":1,"ticks":1}'
    mesh.folders.journal.write_text(f'{{"version":{VERSION},"boot":"earlier","begun":1.0,"ended":false}}\n{record}\n')
    mesh.start(pair())
    mesh.up()
    assert {each["generation"] for each in mesh.processes().values()} == {1}
    assert any("ended with the machine" in each["text"] for each in mesh.events("note")), mesh.text()
    assert mesh.down() == 0
