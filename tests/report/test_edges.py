from __future__ import annotations

from orchestrator.control.messages import Edges, EdgeStatus
from orchestrator.report.edges import edges, rates


def edge(received: int | None, up: int = 24, waiting: int = 0) -> EdgeStatus:
    transport = "ipc" if received is None else "tcp"
    return {"links": {"up": up, "declared": 24}, "transport": transport, "bytes": received, "waiting": waiting}


def look(time: float, **all_: EdgeStatus) -> Edges:
    return {"time": time, "edges": all_}


def test_rates_are_between_two_looks() -> None:
    before, now = look(1.0, ticks=edge(1000), orders=edge(None)), look(3.0, ticks=edge(5000), orders=edge(None))
    assert rates(None, now) == {"ticks": None, "orders": None}
    assert rates(before, now) == {"ticks": 2000.0, "orders": None}


def test_what_a_connection_took_along_is_no_negative_rate() -> None:
    assert rates(look(1.0, ticks=edge(1000)), look(2.0, ticks=edge(10))) == {"ticks": 0.0}


def test_the_table() -> None:
    document = look(1.0, ticks=edge(1000), orders=edge(None, up=23, waiting=4200))
    assert edges(document, {"ticks": 2_000_000.0, "orders": None}) == [
        "EDGE    LINKS  TRANSPORT  BYTES/S  WAITING",
        "ticks   24/24  tcp        2 MB     0 B",
        "orders  23/24  ipc        -        4 kB",
    ]
    assert "\x1b[31m" in edges(document, {"ticks": None, "orders": None}, color=True)[2]
    assert edges(look(1.0), {}) == []
