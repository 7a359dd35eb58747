from __future__ import annotations

import os
import socket

from orchestrator.contract.peer import credentials


def test_the_kernel_tells_who_is_at_the_other_end() -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        assert credentials(one) == (os.getpid(), os.getuid(), os.getgid())


def test_of_a_socket_that_is_no_unix_socket_nobody_is_known() -> None:
    with socket.socket() as sock:
        assert credentials(sock).pid == 0
