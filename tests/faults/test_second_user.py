"""The second user of the tests is one: it has other ids, and nothing that is ours alone."""

from __future__ import annotations

import os
import pwd
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.support.second_user import needs_second_user, second_user

pytestmark = [pytest.mark.process, needs_second_user]


def read(path: Path) -> None:
    print(os.getuid(), os.getgid(), os.getgroups())
    print(path.read_text())


def test_it_has_other_ids_and_cannot_read_what_is_ours(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t")
    secret.chmod(0o600)
    with second_user() as user:
        assert user.uid != os.getuid()
        ended = user.run(read, secret)
        assert ended.status == 1
        assert ended.text.startswith(f"{user.uid} {user.gid} []\n")
        assert "PermissionError" in ended.text
        assert "s3cr3t\n" not in ended.text
        assert user.run(sys.exit, 3).status == 3
        assert user.run(print, "well").text == "well\n"
        assert user.run(time.sleep, 60, seconds=0.1).status == -signal.SIGALRM
        with user.start(time.sleep, 60) as running:
            assert Path(f"/proc/{running.pid}").stat().st_uid in (0, user.uid)  # of root while it is being made
    with pytest.raises(KeyError):
        pwd.getpwnam(user.name)
