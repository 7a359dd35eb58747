"""Every exception of the package is an OrchestratorError, and stays what it was caught as besides."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from orchestrator.contract.messages import BadMessage
from orchestrator.delivery.drained import DrainedError
from orchestrator.devices.recording import BadRecording
from orchestrator.errors import OrchestratorError
from orchestrator.zeromq.endpoints import TooLong

ROOT = Path(__file__).parents[1]
FOREIGN = {name for name, each in vars(builtins).items() if isinstance(each, type) and issubclass(each, BaseException)}
FOREIGN |= {"zmq.Again", "zmq.ZMQError"}


def rootless(text: str) -> Iterator[str]:
    """Yield the exceptions in a text that derive from those of others alone."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base) for base in node.bases}
            if bases and bases <= FOREIGN:
                yield node.name


def test_every_exception_has_the_root() -> None:
    found = [name for file in (ROOT / "orchestrator").rglob("*.py") for name in rootless(file.read_text())]
    assert found == ["OrchestratorError"]


def test_one_without_the_root_is_found() -> None:
    text = "class A(Exception): ...\nclass B(OrchestratorError, ValueError): ...\nclass C(zmq.Again): ...\nclass D: ..."
    assert list(rootless(text)) == ["A", "C"]


@pytest.mark.parametrize(
    ("made", "caught_as"),
    [(DrainedError(), zmq.Again), (BadMessage(), ValueError), (TooLong(), ValueError), (BadRecording(), ValueError)],
)
def test_it_stays_what_it_was_caught_as(made: Exception, caught_as: type[Exception]) -> None:
    for kind in (caught_as, OrchestratorError):
        with pytest.raises(kind):
            raise made
