from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contract import folders
from orchestrator.contract.folders import PATH_LIMIT, FolderError, Folders

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.@", min_size=1, max_size=250)
DEEPEST = PATH_LIMIT - len("/~123456789012")
"""Longest run folder whose sockets all have paths that the kernel takes."""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def made(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "run" / "mesh", tmp_path / "state" / "mesh")


def test_folders_are_made_for_their_user_alone(made: Folders) -> None:
    old = os.umask(0)
    try:
        folders.make(made)
    finally:
        os.umask(old)
    for folder in (made.run, made.run.parent, made.state, made.state.parent, made.logs, made.run / "processes"):
        assert mode(folder) == 0o700, folder


def test_folders_may_be_there_already(made: Folders) -> None:
    folders.make(made)
    made.plan.write_text("kept")
    folders.make(made)
    assert made.plan.read_text() == "kept"


@pytest.mark.parametrize("which", ["run", "state"])
def test_a_folder_that_is_open_to_others_is_refused(made: Folders, which: str) -> None:
    folder: Path = getattr(made, which)
    folder.mkdir(parents=True, mode=0o700)
    folder.parent.chmod(0o700)
    folder.chmod(0o750)
    with pytest.raises(FolderError, match=r"open to others \(mode 750\); chmod 700"):
        folders.make(made)


def test_a_parent_that_is_open_to_others_is_refused(made: Folders) -> None:
    made.run.parent.mkdir(parents=True)
    made.run.parent.chmod(0o777)
    with pytest.raises(FolderError, match="open to others"):
        folders.make(made)


def test_a_link_is_refused_even_to_a_folder_of_ours(made: Folders, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    made.run.parent.mkdir(parents=True, mode=0o700)
    made.run.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match="link or a file"):
        folders.make(made)
    assert not any((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("blocking", ["file", "dangling link"])
def test_what_is_no_folder_is_refused(made: Folders, tmp_path: Path, blocking: str) -> None:
    made.run.parent.mkdir(parents=True, mode=0o700)
    if blocking == "file":
        made.run.touch()
    else:
        made.run.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FolderError, match="link or a file"):
        folders.make(made)


def test_a_folder_of_somebody_else_is_refused(made: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    made.run.mkdir(parents=True)
    made.run.parent.chmod(0o700)
    made.run.chmod(0o700)
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    with pytest.raises(FolderError, match=f"belongs to uid {owner}, not to you"):
        folders.make(made)


def test_the_deepest_run_folder_has_sockets_that_the_kernel_takes() -> None:
    deep = Folders(Path("/" + "r" * (DEEPEST - 1)), Path("/s"))
    for path in (deep.keeper, deep.supervisor, deep.control("p" * 60), deep.notify("p" * 60), deep.socket("e" * 90)):
        assert len(path) <= PATH_LIMIT


def test_a_run_folder_that_is_too_deep_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / ("r" * (DEEPEST - len(str(tmp_path)) - len("//m"))) / "mm"
    with pytest.raises(FolderError, match=r"too long for sockets inside it; set XDG_RUNTIME_DIR"):
        folders.make(Folders(deep, tmp_path / "state" / "mesh"))
    assert not deep.parent.exists()


@given(NAMES, NAMES, st.integers(2, DEEPEST))
def test_socket_paths_are_short_and_distinct(one: str, other: str, depth: int) -> None:
    made = Folders(Path("/" + "r" * (depth - 1)), Path("/s"))
    paths = {made.socket(one), made.socket(other)}
    assert all(len(os.fsencode(path)) <= PATH_LIMIT for path in paths)
    assert len(paths) == len({one, other})


def test_a_long_name_has_the_same_path_each_time() -> None:
    made = Folders(Path("/run/user/1000/orchestrator/m"), Path("/s"))
    path = made.control("p" * 100)
    assert path == made.control("p" * 100)
    assert path.startswith("/run/user/1000/orchestrator/m/~")


def test_no_endpoint_is_named_like_a_control_socket() -> None:
    made = Folders(Path("/r/m"), Path("/s/m"))
    assert made.control("feed") == "/r/m/feed@control"
    # An endpoint is PROCESS.SOCKET, with @ and a number behind its second address.
    assert made.control("feed") not in {made.socket("feed.control"), made.socket("feed.control@1")}


def test_roots_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    monkeypatch.setenv("XDG_STATE_HOME", "/home/u/state")
    assert folders.of("m") == Folders(Path("/run/user/1/orchestrator/m"), Path("/home/u/state/orchestrator/m"))


def test_roots_without_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/u")
    made = folders.of("m")
    assert made.run == Path(tempfile.gettempdir(), f"orchestrator-{os.getuid()}", "m")
    assert made.state == Path("/home/u/.local/state/orchestrator/m")
