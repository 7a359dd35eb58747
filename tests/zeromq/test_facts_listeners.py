"""What libzmq and the kernel do with listening sockets: the keeper holds them over their node's death."""

from __future__ import annotations

import array
import errno
import fcntl
import os
import socket as kernel
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import zmq

from tests.support.sockets import Context, Socket, bind, enter, event, monitored, receive
from tests.support.waiting import until

READER = """if True:
    import sys, zmq
    fd, address, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    pull = zmq.Context().socket(zmq.PULL)
    pull.setsockopt(zmq.USE_FD, fd)
    pull.bind(address)
    while True:
        with open(path, "ab") as file:
            file.write(pull.recv())
"""
"""A node that takes an inherited listening descriptor and writes what it receives into a file."""


def listening(transport: str, folder: str) -> tuple[kernel.socket, str]:
    """Make a listening socket as the keeper does, and give its endpoint."""
    if transport == "ipc":
        made = kernel.socket(kernel.AF_UNIX)
        made.bind(f"{folder}/x")
        address = f"ipc://{folder}/x"
    else:
        made = kernel.socket(kernel.AF_INET)
        made.setsockopt(kernel.SOL_SOCKET, kernel.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{made.getsockname()[1]}"
    made.listen()
    return made, address


def taking(context: Context, listener: kernel.socket, address: str) -> Socket:
    """Bind a PULL to a copy of a listening descriptor; libzmq closes the one it gets."""
    pull = context.socket(zmq.PULL)
    pull.setsockopt(zmq.USE_FD, os.dup(listener.fileno()))
    pull.bind(address)
    return pull


@pytest.mark.process
@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_a_listening_descriptor_outlives_the_process_that_binds_it(
    context: Context, folder: str, transport: str
) -> None:
    listener, address = listening(transport, folder)
    received = Path(folder, "received")
    received.touch()

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", READER, str(listener.fileno()), address, str(received)]
        return subprocess.Popen(command, pass_fds=[listener.fileno()])

    with listener, context.socket(zmq.PUSH) as push:
        push.reconnect_ivl = 10
        push.connect(address)
        push.send(b"1")
        first = start()
        until(lambda: received.read_bytes() == b"1")
        first.kill()
        first.wait()
        enter(push)
        push.send(b"2")  # nobody lives; the connection waits in the kernel's backlog
        second = start()
        try:
            until(lambda: received.read_bytes() == b"12")
        finally:
            second.kill()
            second.wait()


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_peers_are_not_refused_while_nobody_has_the_descriptor(context: Context, folder: str, transport: str) -> None:
    listener, address = listening(transport, folder)
    with (
        listener,
        context.socket(zmq.PUSH) as push,
        monitored(push, zmq.EVENT_CONNECTED | zmq.EVENT_CLOSED | zmq.EVENT_CONNECT_RETRIED) as reader,
    ):
        push.connect(address)
        push.send(b"x")
        assert event(reader) == zmq.Event.CONNECTED
        with taking(context, listener, address) as pull:
            assert receive(pull) == b"x"
            assert not reader.poll(0)


def test_close_leaves_the_file_of_a_named_ipc_endpoint(context: Context, folder: str) -> None:
    listener, address = listening("ipc", folder)
    with listener:
        taking(context, listener, address).close()
        with context.socket(zmq.PULL) as pull:
            pull.bind(f"ipc://{folder}/plain")
        context.term()  # closing has ended
    assert stat.S_ISSOCK(os.stat(f"{folder}/x").st_mode)
    assert stat.S_ISSOCK(os.stat(f"{folder}/plain").st_mode)


def test_a_second_binder_steals_an_ipc_path_silently(context: Context, folder: str) -> None:
    with context.socket(zmq.PULL) as first, context.socket(zmq.PULL) as second, context.socket(zmq.PUSH) as push:
        first.bind(f"ipc://{folder}/x")
        second.bind(f"ipc://{folder}/x")
        push.connect(f"ipc://{folder}/x")
        push.send(b"x")
        assert receive(second) == b"x"
        assert not first.poll(0)


def test_a_bound_socket_that_does_not_listen_reserves_its_port(context: Context) -> None:
    with kernel.socket() as reserved, kernel.socket() as other:
        reserved.setsockopt(kernel.SOL_SOCKET, kernel.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        # a careless program cannot have it
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
        # it is refused while nobody listens
        with kernel.socket() as client:
            assert client.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
        for _ in range(2):  # the one that it is kept for can, and so can its next incarnation
            with context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
                bind(pull, f"tcp://127.0.0.1:{port}")
                push.connect(f"tcp://127.0.0.1:{port}")
                push.send(b"x")
                assert receive(pull) == b"x"


def connections(path: str) -> list[int]:
    """List this process's descriptors of connections of an ipc endpoint, as a node finds them."""
    found = []
    for fd in map(int, os.listdir("/proc/self/fd")):
        with suppress(OSError):
            if not stat.S_ISSOCK(os.fstat(fd).st_mode):
                continue
            with kernel.socket(fileno=os.dup(fd)) as copy:
                if copy.family == kernel.AF_UNIX and path in (copy.getsockname(), peer(copy)) and not listens(copy):
                    found.append(fd)
    return found


def listens(copy: kernel.socket) -> bool:
    return bool(copy.getsockopt(kernel.SOL_SOCKET, kernel.SO_ACCEPTCONN))


def peer(copy: kernel.socket) -> str | None:
    try:
        return str(copy.getpeername())
    except OSError:
        return None


def test_both_ends_of_an_ipc_connection_are_found_by_the_bound_path(context: Context, folder: str) -> None:
    with context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        pull.bind(f"ipc://{folder}/x")
        push.connect(f"ipc://{folder}/x")
        push.send(b"x")
        receive(pull)
        found = connections(f"{folder}/x")
        assert len(found) == 2
        names = set()
        for fd in found:
            with kernel.socket(fileno=os.dup(fd)) as copy:
                names.add((copy.getsockname(), copy.getpeername()))
        assert names == {(f"{folder}/x", ""), ("", f"{folder}/x")}


def test_what_is_unread_in_a_connection_is_counted(folder: str) -> None:
    """SIOCOUTQ on the sending end of a unix connection is 0 once the peer has read everything."""
    left, right = kernel.socketpair(kernel.AF_UNIX)
    with left, right:
        unread = array.array("i", [0])

        def left_over() -> int:
            fcntl.ioctl(left, 0x5411, unread)  # SIOCOUTQ, which is TIOCOUTQ
            return unread[0]

        assert left_over() == 0
        left.send(b"x" * 100)
        assert left_over() > 0
        right.recv(50)
        assert left_over() > 0
        right.recv(50)
        assert left_over() == 0


def unix_sockets(path: str) -> list[int]:
    """Give the inodes of /proc/net/unix with a path, without listening ones."""
    lines = [line.split(maxsplit=7) for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    listens = 0x10000  # __SO_ACCEPTCON in the column Flags
    return [int(line[6]) for line in lines if line[7:] == [path] and not int(line[3], 16) & listens]


def test_a_connection_that_waits_to_be_accepted_has_inode_0(folder: str) -> None:
    listener, _ = listening("ipc", folder)
    with listener, kernel.socket(kernel.AF_UNIX) as client:
        client.connect(f"{folder}/x")
        assert unix_sockets(f"{folder}/x") == [0]
        accepted, _ = listener.accept()
        with accepted:
            assert unix_sockets(f"{folder}/x") == [os.fstat(accepted.fileno()).st_ino]
