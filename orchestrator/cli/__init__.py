"""The command line: parses, calls, prints. What a verb needs is imported when it runs, so that help comes at once."""

from __future__ import annotations

import gc
import os
import sys

from orchestrator.client.errors import MeshError
from orchestrator.contract.folders import FolderError
from orchestrator.contract.statuses import INTERRUPTED
from orchestrator.project.errors import UsageError
from orchestrator.report import streams

PROGRAMS = ("orchestrator", "orch", "__main__.py")
"""The files by which this command is started."""


def main() -> None:
    """Run the command; a mistake of whoever typed it is told in one line, with exit status 2."""
    # What it loads makes many objects and little garbage: looking for that would take a sixth of its time.
    gc.set_threshold(200_000)
    _speak_utf8()
    streams.fill()
    status = _status()
    if status == INTERRUPTED:
        streams.hurry()
    status = streams.verdict(status)
    if status == INTERRUPTED:
        # Python would kill itself by SIGINT where the interrupt came while a string was executed, as dataclasses do.
        os._exit(INTERRUPTED)
    gc.freeze()  # nothing is collected at the end either
    sys.exit(status)


def _speak_utf8() -> None:
    """Begin anew where names of files are not UTF-8 (PEP 540): what a topology says is the same bytes everywhere."""
    ours = os.path.basename(sys.argv[0]) in PROGRAMS
    if sys.getfilesystemencoding() != "utf-8" and sys.executable and ours:
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _status() -> int:
    """Run the verb; return the status to exit with. What its surroundings lack is told in one line."""
    try:
        _check_folder()
        if sys.argv[1:2] == ["up"] and sys.platform == "linux" and not {"-h", "--help"} & {*sys.argv}:
            from orchestrator.client import launch

            launch.prestart_early()  # it loads while the command line and the topology are read
        from orchestrator.cli import verbs

        verbs.app(*sys.argv[1:2])()
    except (UsageError, FolderError) as mistake:
        print(mistake, file=sys.stderr)
        return 2
    except MeshError as error:
        print(error, file=sys.stderr)
        return 1
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except streams.Unwritten:
        pass  # the verdict tells
    except OSError as error:
        where = f"{os.fsdecode(error.filename)}: " if error.filename else ""
        print(f"{where}{error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def _check_folder() -> None:
    """Raise UsageError where the working folder is gone: all that is looked for begins there."""
    try:
        os.getcwd()
    except OSError as error:
        raise UsageError(f"the current folder is gone ({error.strerror}); change to one that is there") from None
