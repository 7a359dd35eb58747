"""The fixture ``mesh``, in a pytest of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.process

TOPOLOGY = """\
vars: {word: hello}
nodes:
  echo:
    python: echo:main
    args: {word: "${word}"}
    sockets: {ask: REP, said: PUB}
edges:
  ask: {bind: echo.ask, connect: [], endpoint: "ipc://${env.HERE}/ask"}
  said: {bind: echo.said, connect: [], endpoint: "ipc://${env.HERE}/said"}
"""
ECHO = """\
def main(node, word):
    print("begins", flush=True)
    for message in node.messages("ask"):
        node.socket("ask").send(word.encode() + b" " + message)
        node.socket("said").send(message)
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "echo.topology.yaml").write_text(TOPOLOGY)
    (tmp_path / "echo.py").write_text(ECHO)
    return tmp_path


def pytest_in(folder: Path, test: str, **more: object) -> subprocess.Popen[str]:
    (folder / "test_it.py").write_text(test)
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "orchestrator.pytest_plugin", "-p", "no:cacheprovider", "-x", "-s"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
        | {"HERE": str(folder)},
    )


def left(folder: Path) -> list[psutil.Process]:
    """Give the processes of the meshes of a test that are still there."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HERE") == str(folder) and "pytest" not in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


def gone(folder: Path) -> bool:
    until = time.monotonic() + 20
    while left(folder):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_a_test_talks_to_a_mesh(here: Path) -> None:
    running = pytest_in(
        here,
        """\
import zmq

def test_it(mesh):
    echo = mesh("echo.topology.yaml", sets={"word": "hi"})
    heard = echo.socket("echo.said", rcvtimeo=5000)
    ask = echo.socket("echo.ask", rcvtimeo=5000)
    assert ask.type == zmq.REQ
    ask.send(b"you")
    assert ask.recv() == b"hi you"
    assert echo.ps()["echo"]["state"] == "ready"
    assert echo.log("echo") == ["begins"]
    echo.kill("echo")
    echo.wait(lambda: echo.log("echo") == ["begins", "begins"])
    assert echo.down() == 0
""",
    )
    said = running.communicate(timeout=60)[0]
    assert running.returncode == 0, said
    assert gone(here)


def test_it_ends_with_a_test_that_fails(here: Path) -> None:
    running = pytest_in(here, "def test_it(mesh):\n    mesh('echo.topology.yaml')\n    assert False\n")
    assert running.wait(60) == 1
    assert gone(here)


def test_it_ends_with_a_pytest_that_is_killed(here: Path) -> None:
    test = "import time\ndef test_it(mesh):\n    mesh('echo.topology.yaml')\n    print('UP', flush=True)\n"
    test += "    time.sleep(60)\n"
    running = pytest_in(here, test)
    assert running.stdout is not None
    for line in running.stdout:
        if "UP" in line:
            break
    assert left(here)
    running.send_signal(signal.SIGKILL)
    running.wait(10)
    assert gone(here)


def test_a_mesh_that_does_not_come_up_fails_the_test_with_what_it_said(here: Path) -> None:
    (here / "echo.py").write_text(f"raise RuntimeError('no echo today')\n{ECHO}")
    running = pytest_in(here, "def test_it(mesh):\n    mesh('echo.topology.yaml', within=5)\n")
    said = running.communicate(timeout=60)[0]
    assert running.returncode == 1
    assert "echo.topology.yaml is not up:" in said
    assert "RuntimeError: no echo today" in said, said
    assert "running.py" not in said
    assert gone(here)


def test_what_binds_nothing_is_told(here: Path) -> None:
    test = """\
import pytest

def test_it(mesh):
    echo = mesh("echo.topology.yaml")
    with pytest.raises(LookupError, match="echo.nothing is no socket"):
        echo.socket("echo.nothing")
"""
    running = pytest_in(here, test)
    said = running.communicate(timeout=60)[0]
    assert running.returncode == 0, said
    assert gone(here)


DESK = """\
nodes:
  exchange: {external: true, sockets: {orders: ROUTER, prices: PUB}}
  desk: {python: desk:main, sockets: {orders: DEALER, prices: {type: SUB, subscribe: ""}, said: PUSH}}
  audit: {external: true, sockets: {said: PULL}}
edges:
  orders: {bind: exchange.orders, connect: desk.orders, endpoint: "tcp://127.0.0.1:7411"}
  prices: {bind: exchange.prices, connect: desk.prices, endpoint: "tcp://127.0.0.1:7412"}
  said: {bind: desk.said, connect: audit.said, endpoint: "ipc:///tmp/desk-said"}
"""
FAST = "nodes: {desk: {args: {word: fast}}}\n"
PROGRAM = """\
def main(node, word="slow"):
    node.socket("orders").send(word.encode())
    for message in node.messages("prices"):
        node.socket("said").send(message)
"""


def test_two_of_one_mesh_run_side_by_side_and_a_test_stands_in_for_what_is_external(here: Path) -> None:
    (here / "desk.topology.yaml").write_text(DESK)
    (here / "fast.overlay.yaml").write_text(FAST)
    (here / "desk.py").write_text(PROGRAM)
    test = """\
import pytest
import zmq

def test_it(mesh):
    one = mesh("desk.topology.yaml")
    two = mesh("desk.topology.yaml", "fast.overlay.yaml")
    assert one.address("exchange.orders") != two.address("exchange.orders")
    for each, word in ((one, b"slow"), (two, b"fast")):
        orders = each.standing_in("exchange.orders", rcvtimeo=10000)
        assert orders.type == zmq.ROUTER
        assert orders.recv_multipart()[1] == word
        prices = each.standing_in("exchange.prices", sndtimeo=10000)
        heard = each.standing_in("audit.said", rcvtimeo=20)
        assert (prices.type, heard.type) == (zmq.PUB, zmq.PULL)
        def flows():
            prices.send(word)
            return heard.poll(20) and heard.recv() == word
        each.wait(flows)
    with pytest.raises(LookupError, match="desk.orders is no socket of an external node"):
        one.standing_in("desk.orders")
    assert one.down() == 0
"""
    running = pytest_in(here, test)
    said = running.communicate(timeout=60)[0]
    assert running.returncode == 0, said
    assert gone(here)


def test_a_type_is_a_word_and_addresses_stay_where_that_is_wanted(here: Path) -> None:
    test = """\
import os
import zmq

def test_it(mesh):
    echo = mesh("echo.topology.yaml", free_addresses=False)
    assert os.path.exists(os.environ["HERE"] + "/ask")
    asked = echo.socket("echo.ask", "DEALER")
    assert asked.type == zmq.DEALER
"""
    running = pytest_in(here, test)
    said = running.communicate(timeout=60)[0]
    assert running.returncode == 0, said
    assert gone(here)


BOOK = """\
nodes:
  desk: {python: book:desk, sockets: {orders: PUSH, kept: PUSH}}
  book: {python: book:main, sockets: {orders: PULL, kept: PULL}}
edges:
  orders: {bind: book.orders, connect: desk.orders}
  kept: {bind: book.kept, connect: desk.kept, delivery: durable}
"""
BOOK_PROGRAM = """\
def desk(node):
    node.stopping.wait()

def main(node):
    for message in node.messages("orders"):
        print("filled", message.decode(), flush=True)
"""


def test_what_a_test_feeds_does_not_hold_up_the_end(here: Path) -> None:
    (here / "book.topology.yaml").write_text(BOOK)
    (here / "book.py").write_text(BOOK_PROGRAM)
    test = """\
import pytest

def test_it(mesh):
    desk = mesh("book.topology.yaml")
    orders = desk.socket("book.orders")
    orders.send(b"one")
    with pytest.raises(LookupError, match="book.kept: plain messages are dropped on an edge with durable; overlay"):
        desk.socket("book.kept")
    assert desk.down() == 0
    assert orders.closed
    assert desk.log("book") == ["filled one"]
"""
    running = pytest_in(here, test)
    said = running.communicate(timeout=60)[0]
    assert running.returncode == 0, said
    assert gone(here)
