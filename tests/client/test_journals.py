"""Which journals are meant, what they hold, and what making room in them takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.client import journals
from orchestrator.delivery.journal.errors import JournalError
from orchestrator.project.errors import UsageError
from tests.delivery.journal.test_journal import opened, write

KNOWN = [Path("bot-0.fills"), Path("bot-0.orders"), Path("bot-1.orders"), Path("risk.audit")]


@pytest.mark.parametrize(
    ("names", "places"),
    [
        ([], [0, 1, 2, 3]),
        (["bot"], [0, 1, 2]),
        (["bot-0"], [0, 1]),
        (["bot-0.orders"], [1]),
        (["risk", "bot-1", "risk.audit"], [2, 3]),
    ],
)
def test_a_name_is_that_of_a_journal_a_process_or_a_node(names: list[str], places: list[int]) -> None:
    assert journals.named(names, KNOWN, "shop") == [KNOWN[place] for place in places]


def test_a_name_of_none_is_answered_with_those_that_are_there() -> None:
    with pytest.raises(UsageError, match=r"^shop has no journal orders; there are: bot-0\.fills, bot-0\.orders,"):
        journals.named(["bot", "orders"], KNOWN, "shop")
    with pytest.raises(UsageError, match=r"there are: none$"):
        journals.named(["bot"], [], "shop")


HOLD = """\
import fcntl, sys
with open(sys.argv[1], "r+") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def both(tmp_path: Path) -> list[Path]:
    """Two journals that nobody has, with two messages each that no receiver has acknowledged."""
    for name in ("bot-0.orders", "bot-1.orders"):
        made = opened(tmp_path / name)
        write(made, b"buy", b"sell")
        made.close()
    return [tmp_path / "bot-0.orders", tmp_path / "bot-1.orders"]


@pytest.mark.process
def test_nothing_is_removed_from_any_while_a_process_has_one(both: list[Path]) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, both[1] / "lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match=r"^bot-1\.orders: a process has this journal"):
            journals.prune(both, drop=True, agreed=True)
        assert [one.held for one in journals.summaries(both)] == [False, True]
        holder.communicate()
    assert [one.unacknowledged for one in journals.summaries(both)] == [2, 2]


def test_nothing_is_lost_unless_somebody_has_agreed(both: list[Path]) -> None:
    with pytest.raises(UsageError, match="4 messages that no receiver has acknowledged would be lost; say --yes"):
        journals.prune(both, drop=True, agreed=False)
    assert journals.prune(both, drop=False, agreed=False) == (0, 0)
    assert [name for name, _ in journals.messages(both, every=False)] == ["bot-0.orders"] * 2 + ["bot-1.orders"] * 2
    done = journals.prune(both, drop=True, agreed=True)
    assert (done.size > 0, done.lost) == (True, 4)
    assert list(journals.messages(both, every=True)) == []


def test_figures_are_there_only_where_nothing_is_wrong(tmp_path: Path) -> None:
    made = opened(tmp_path / "bot-0.orders")
    write(made, b"buy 100 AAPL")
    made.close()
    [(found, name, faults)] = journals.verified([made.folder])
    assert (found and found.messages, name, faults) == (1, "bot-0.orders", [])
    path = next(made.folder.glob("*.segment"))
    path.write_bytes(path.read_bytes().replace(b"AAPL", b"MSFT"))
    assert [(found, len(faults)) for found, _, faults in journals.verified([made.folder])] == [(None, 1)]


def test_what_cannot_be_read_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"^broken$"), journals.refusals():
        raise JournalError("broken")
