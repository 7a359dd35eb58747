from __future__ import annotations

import json

import pytest

from orchestrator.contract import launch
from orchestrator.contract.codec import BadMessage
from orchestrator.contract.launch import Launch

ORDER = Launch(
    process="bot-3",
    generation=2,
    python="bot:run",
    command=(),
    args={"fast": 5, "Ä": ["x"]},
    env={"A": "b"},
    working_dir="/home/u",
    stdin="",
    stdout="/run/m/out",
    stderr="/run/m/err",
    wiring="/run/m/wiring.json",
    control="/run/m/bot-3@control",
    listeners={"bot-3.orders": 4},
    search=("/home/u/mesh",),
)


def test_an_order_comes_back_as_it_was() -> None:
    assert launch.load(ORDER.dump()) == ORDER


@pytest.mark.parametrize("text", ["", "{", '{"command": ["a"]}', '{"command": 1}', "[]", "{}"])
def test_what_is_no_order_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"launch order|Expecting"):
        launch.load(text)


def test_an_order_with_more_than_we_know_is_refused() -> None:
    # Keeper and supervisor are of one installation: what is unknown here would be carried out wrongly.
    with pytest.raises(BadMessage, match=r"^launch order: sandbox: is unknown$"):
        launch.load(json.dumps({**json.loads(ORDER.dump()), "sandbox": {}}))
