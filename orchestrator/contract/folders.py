"""Where a mesh keeps what: the run folder (sockets, FIFOs, locks, wiring) and the state folder.

Paths of Unix sockets hold at most 107 bytes (unix(7)), so a long name is replaced by a digest of it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrator.errors import OrchestratorError

PATH_LIMIT = 107
DIGEST_LENGTH = 12

RUN, STATE = "XDG_RUNTIME_DIR", "XDG_STATE_HOME"
"""The variables that say where the two kinds of folders are."""

OTHER = "another folder, which you can write"


class FolderError(OrchestratorError):
    """A folder cannot be ours: somebody else could reach into it, or it has a name or a place that will not do."""


class Folders(NamedTuple):
    """The two folders of one mesh."""

    run: Path
    state: Path

    def socket(self, name: str) -> str:
        """Return the path of a Unix socket of this mesh, short enough for the kernel."""
        path = f"{self.run}/{name}"
        if len(os.fsencode(path)) > PATH_LIMIT:
            from hashlib import blake2s  # it loads OpenSSL, and hardly any mesh is so deep

            path = f"{self.run}/~{blake2s(name.encode(), digest_size=DIGEST_LENGTH // 2).hexdigest()}"
        return path

    def control(self, process: str) -> str:
        """Return the path of a process's control socket; no endpoint has a name like it."""
        return self.socket(f"{process}@control")

    def notify(self, process: str) -> str:
        """Return the path of a process's NOTIFY_SOCKET."""
        return self.socket(f"{process}@notify")

    def file(self, process: str, name: str) -> Path:
        """Return the path of a file of one process: out, err, wiring.json, launch.json."""
        return Path(self.run, "processes", process, name)

    @property
    def keeper(self) -> str:
        """The socket on which the keeper hears the supervisor."""
        return f"{self.run}/keeper"

    @property
    def supervisor(self) -> str:
        """The socket on which the supervisor hears clients."""
        return f"{self.run}/supervisor"

    @property
    def lock(self) -> Path:
        """The file whose lock the living keeper holds."""
        return self.run / "lock"

    @property
    def environment(self) -> Path:
        """The environment of whoever ran ``up``, as JSON."""
        return self.run / "environment"

    @property
    def secret(self) -> Path:
        """What the secrets of edges are made from: random, for this user alone, and gone with the mesh."""
        return self.run / "secret"

    @property
    def looks(self) -> Path:
        """What the last ``ps`` saw of each pid, as JSON: the seconds of cpu that it had used, and when."""
        return self.run / "looks"

    @property
    def owner(self) -> Path:
        """The process at whose death the mesh drains, as JSON: its pid and its start time in clock ticks."""
        return self.run / "owner"

    @property
    def plan(self) -> Path:
        """What runs, as JSON."""
        return self.state / "plan.json"

    @property
    def journal(self) -> Path:
        """Every change of a process's state, a line each."""
        return self.state / "state.jsonl"

    @property
    def exits(self) -> Path:
        """Every exit that a keeper saw, a line each, written before it is told."""
        return self.state / "exits.jsonl"

    @property
    def events(self) -> Path:
        """What happened, for people and clients, a line each."""
        return self.state / "events.jsonl"

    @property
    def past_events(self) -> Path:
        """What happened before that file was begun anew."""
        return self.state / "events.jsonl.1"

    @property
    def keeper_log(self) -> Path:
        """What keeper and supervisor print, which is nothing while all is well."""
        return self.state / "keeper.log"

    @property
    def journals(self) -> Path:
        """The messages of edges that keep them: a folder for each socket, ``process.socket``."""
        return self.state / "journals"

    @property
    def logs(self) -> Path:
        """What the processes wrote."""
        return self.state / "logs"


def run_root() -> Path:
    """Return the folder that holds the run folders of this user's meshes. Raise FolderError."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    if base:
        root = Path(base, "orchestrator")
    else:
        from tempfile import gettempdir

        with _said(RUN):
            root = Path(gettempdir(), f"orchestrator-{os.getuid()}")
    if any(map(str.isspace, str(root))):
        raise FolderError(
            f"{root}: has a space, which parts the addresses that programs are told; set {RUN} to {OTHER}"
        )
    return _usable(root, RUN)


def state_root() -> Path:
    """Return the folder that holds the state folders of this user's meshes. Raise FolderError."""
    try:
        base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    except RuntimeError:
        raise FolderError(f"nobody knows your home folder; set HOME or {STATE}") from None
    return _usable(base / "orchestrator", STATE)


def of(mesh: str) -> Folders:
    """Return the folders of a mesh, which need not exist. Raise FolderError where others could reach into one."""
    found = Folders(run_root() / mesh, state_root() / mesh)
    for variable, folder in ((RUN, found.run), (STATE, found.state)):
        _check_what_is_there(folder, variable)
    return found


def from_argv_or_stdin(arguments: Sequence[str]) -> Folders:
    """Return the folders that a process of ours is called with, or is told on its standard input: it is warm by then.

    What a process prints that was told goes to the keeper's log from then on. Raise SystemExit where nobody tells it.
    """
    if not arguments:
        arguments = sys.stdin.readline().split("\0")[:2]
        if len(arguments) < 2:
            raise SystemExit(0)
        log = os.open(Folders(Path(arguments[0]), Path(arguments[1])).keeper_log, os.O_WRONLY | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
    return Folders(Path(arguments[0]), Path(arguments[1]))


def announcement(folders: Folders) -> bytes:
    """Return the line that tells a waiting process its folders."""
    return f"{folders.run}\0{folders.state}\0\n".encode()


def make(folders: Folders) -> None:
    """Create both folders, for this user alone. Raise FolderError where they cannot be, or others could reach in."""
    if len(os.fsencode(folders.run)) + DIGEST_LENGTH + 2 > PATH_LIMIT:
        raise FolderError(f"{folders.run}: too long for sockets inside it; set {RUN} to a shorter folder")
    for variable, folder in ((RUN, folders.run), (STATE, folders.state)):
        with _said(variable):
            folder.parent.parent.mkdir(parents=True, exist_ok=True)
            for each in (folder.parent, folder):
                with contextlib.suppress(FileExistsError):
                    each.mkdir(mode=0o700)
                check(each)
    (folders.run / "processes").mkdir(mode=0o700, exist_ok=True)
    folders.logs.mkdir(mode=0o700, exist_ok=True)


def check(folder: Path) -> None:
    """Raise FolderError where somebody else could reach into a folder, FileNotFoundError where it is not there."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise FolderError(f"{folder}: is not a folder of its own (a link or a file); remove it")
    if found.st_uid != os.getuid():
        raise FolderError(f"{folder}: belongs to uid {found.st_uid}, not to you (uid {os.getuid()}); remove it")
    if found.st_mode & 0o077:
        raise FolderError(f"{folder}: is open to others (mode {found.st_mode & 0o777:o}); chmod 700 it")


def _usable(root: Path, variable: str) -> Path:
    """Return a root back. Raise FolderError where its name will not do, or what is there is not ours alone."""
    if not root.is_absolute():
        raise FolderError(f"{root}: is no absolute path; set {variable} to one")
    try:
        str(root).encode()
    except UnicodeEncodeError:
        raise FolderError(f"{root}: has a name that is not UTF-8; set {variable} to {OTHER}") from None
    _check_what_is_there(root, variable)
    return root


def _check_what_is_there(folder: Path, variable: str) -> None:
    if not hasattr(os, "getuid"):
        return  # a system on which no mesh runs
    with _said(variable), contextlib.suppress(FileNotFoundError):
        check(folder)


@contextlib.contextmanager
def _said(variable: str) -> Iterator[None]:
    """Raise FolderError in the place of OSError, with the variable that puts the folder elsewhere."""
    try:
        yield
    except OSError as error:
        where = f"{os.fsdecode(error.filename)}: " if error.filename else ""
        why = "is no folder" if isinstance(error, FileExistsError) else error.strerror or str(error)
        raise FolderError(f"{where}{why}; set {variable} to {OTHER}") from None
