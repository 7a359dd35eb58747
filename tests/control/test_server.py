from __future__ import annotations

import json
import select
import socket
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from orchestrator.client import connection
from orchestrator.client.connection import Refused, Unreachable
from orchestrator.control import server, verbs
from orchestrator.control.messages import Message
from orchestrator.control.server import LIMIT
from orchestrator.control.verbs import Info
from tests.support.waiting import until

from .conftest import HistoryServer


def echo(request: Message) -> Message:
    return {"ok": request}


@contextmanager
def connected(path: str) -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_UNIX)) as sock:
        sock.settimeout(5)
        sock.connect(path)
        yield sock


def lines(sock: socket.socket) -> list[Message]:
    """All that comes until the server hangs up."""
    data = b""
    try:
        while part := sock.recv(65536):
            data += part
    except ConnectionResetError:
        pass  # closed while it had unread data of ours
    return [json.loads(line) for line in data.splitlines()]


def test_answers_one_request(serve: HistoryServer) -> None:
    with serve(echo) as path, connected(path) as sock:
        sock.sendall('{"verb": "info", "ü": [1, null]}\n'.encode())
        sock.shutdown(socket.SHUT_WR)
        assert lines(sock) == [{"ok": {"verb": "info", "ü": [1, None]}}]


def test_answers_many_requests_of_one_connection_in_order(serve: HistoryServer) -> None:
    with serve(echo) as path, connected(path) as sock:
        sock.sendall(b'{"n": 1}\n{"n": 2}\n{"n"')
        sock.sendall(b": 3}\n")
        sock.shutdown(socket.SHUT_WR)
        assert lines(sock) == [{"ok": {"n": 1}}, {"ok": {"n": 2}}, {"ok": {"n": 3}}]


def test_only_its_user_can_open_the_socket(serve: HistoryServer) -> None:
    with serve(echo) as path:
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600


def test_another_uid_is_turned_away(serve: HistoryServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(echo) as path:
        uid = server.os.geteuid()
        monkeypatch.setattr(server.os, "geteuid", lambda: uid + 1)
        with pytest.raises(Refused, match=f"belongs to uid {uid + 1}, you are uid {uid}"):
            connection.ask(path, Info())


def test_a_request_that_cannot_be_read_is_refused_by_its_field(serve: HistoryServer) -> None:
    def answer(request: Message) -> Message:
        return {"ok": repr(verbs.decode(request))}

    with serve(answer) as path, connected(path) as sock:
        sock.sendall(b'{"verb": "env"}\n{"verb": "own", "pid": "1"}\n{"verb": 1}\n{"verb": "own", "pid": 1, "x": 2}\n')
        sock.shutdown(socket.SHUT_WR)
        assert lines(sock) == [
            {"error": "env: process: is missing"},
            {"error": "own: pid: '1' is not a whole number"},
            {"error": "unknown verb 1"},
            {"ok": "Own(pid=1)"},
        ]


def test_an_answer_that_cannot_be_read_is_refused(serve: HistoryServer) -> None:
    with serve(lambda _: {"ok": {"mesh": 1}}) as path, pytest.raises(Refused) as refused:
        connection.ask(path, Info())
    assert str(refused.value) == "its answer cannot be read: info: mesh: 1 is not text"


def test_a_long_line_is_refused_and_hung_up(serve: HistoryServer) -> None:
    with serve(echo) as path, connected(path) as sock:
        sock.sendall(b'{"verb": "' + b"x" * LIMIT + b'"}\n')
        assert lines(sock) == [{"error": f"a request of more than {LIMIT} bytes"}]


def test_a_line_without_end_is_refused_before_it_is_whole(serve: HistoryServer) -> None:
    with serve(echo) as path, connected(path) as sock:
        sock.sendall(b"x" * (LIMIT + 2))
        assert "more than" in lines(sock)[0]["error"]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"nonsense\n", "not JSON"),
        (b"[1]\n", "not a JSON object"),
        (b"\xff\n", "not JSON"),
        (b"[" * 100_000 + b"\n", "not JSON"),
    ],
)
def test_what_is_no_request_gets_an_error_and_may_try_again(serve: HistoryServer, sent: bytes, error: str) -> None:
    with serve(echo) as path, connected(path) as sock:
        sock.sendall(sent + b'{"n": 1}\n')
        sock.shutdown(socket.SHUT_WR)
        first, second = lines(sock)
        assert error in first["error"]
        assert second == {"ok": {"n": 1}}


def test_an_exception_is_told_and_the_server_lives(serve: HistoryServer) -> None:
    def answer(request: Message) -> Message:
        return {"ok": 1 / request["n"]}

    with serve(answer) as path:
        with pytest.raises(Refused, match="ZeroDivisionError: division by zero"):
            connection.exchange(path, {"n": 0})[0]
        assert connection.exchange(path, {"n": 2})[0] == 0.5


def test_500_idle_connections_keep_nobody_out(serve: HistoryServer) -> None:
    with serve(echo) as path:
        idle = [socket.socket(socket.AF_UNIX) for _ in range(500)]
        for number, sock in enumerate(idle):
            sock.connect(path)
            sock.sendall(b"{}\n" if number % 2 else b'{"half')
            assert connection.exchange(path, {"n": number})[0] == {"n": number}
        for sock in idle:
            sock.close()


def test_who_has_waited_longest_makes_room(serve: HistoryServer) -> None:
    with serve(echo) as path, connected(path) as first:
        first.sendall(b"{}\n")
        assert first.recv(100)
        others = [socket.socket(socket.AF_UNIX) for _ in range(server.CONNECTIONS)]
        for sock in others:
            sock.connect(path)
            sock.sendall(b"{}\n")
            assert sock.recv(100)
        assert first.recv(1) == b""
        others[-1].sendall(b"{}\n")
        assert others[-1].recv(100)
        for sock in others:
            sock.close()


def test_who_waits_for_an_answer_is_not_put_out_and_there_are_no_more_than_the_limit(serve: HistoryServer) -> None:
    def answer(request: Message) -> Message:
        return {"ok": "x" * 500_000} if "much" in request else {"ok": 1}

    with serve(answer) as path:
        waiting = [socket.socket(socket.AF_UNIX) for _ in range(server.CONNECTIONS)]
        for sock in waiting:  # none reads what is more than the kernel holds
            sock.connect(path)
            sock.sendall(b'{"much": 1}\n')
            assert sock.recv(1, socket.MSG_PEEK)
        with pytest.raises(Refused, match="100 clients wait for answers"):
            connection.ask(path, Info())
        waiting[0].close()
        until(lambda: asked(path))
        for sock in waiting:
            sock.close()


def asked(path: str) -> bool:
    with suppress(Refused, Unreachable):
        return connection.exchange(path, {})[0] == 1
    return False


def test_who_does_not_read_is_hung_up_on(serve: HistoryServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PATIENCE", 0.1)
    with serve(lambda _: {"ok": "x" * 10_000_000}) as path, connected(path) as sock:
        sock.sendall(b"{}\n")
        until(lambda: poll(sock) & select.POLLHUP != 0)


def poll(sock: socket.socket) -> int:
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return dict(poller.poll(100)).get(sock.fileno(), 0)


def test_a_long_answer_arrives_whole(serve: HistoryServer) -> None:
    with serve(lambda _: {"ok": ["x" * 1000] * 5000}) as path:
        assert connection.exchange(path, {})[0] == ["x" * 1000] * 5000


def test_close_hangs_up_and_removes_the_socket(serve: HistoryServer) -> None:
    with serve(echo) as path, connected(path) as sock:
        sock.sendall(b"{}\n")
        assert sock.recv(100)
        socket_file = Path(path)
    assert not socket_file.exists()


def test_takes_the_place_of_a_dead_servers_socket(serve: HistoryServer, tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(tmp_path / "s"))
    with serve(echo) as path:
        assert connection.exchange(path, {})[0] == {}


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="No such file"):
        connection.exchange(str(tmp_path / "s"), {})[0]
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(tmp_path / "s"))
    with pytest.raises(Unreachable, match="refused"):
        connection.exchange(str(tmp_path / "s"), {})[0]
    assert not connection.reachable(str(tmp_path / "s"))


def test_somebody_who_does_not_answer(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        with pytest.raises(Unreachable, match=r"no answer within 0\.05 s"):
            connection.exchange(str(tmp_path / "s"), {}, timeout=0.05)[0]
        assert connection.reachable(str(tmp_path / "s"))
