from __future__ import annotations

from typing import Any, cast

from orchestrator.control.messages import Info, ProcessStatus, Status
from orchestrator.report.status import listing, status


def process(name: str, **values: Any) -> ProcessStatus:
    usual = {
        "name": name,
        "node": name.partition("-")[0],
        "state": "ready",
        "pid": 41100,
        "generation": 1,
        "restarts": 0,
        "uptime": 242.3,
        "exit": None,
        "cpu": 2.0,
        "memory": 4_000_000,
        "links": {"ticks": {"up": 1, "declared": 1}, "orders": {"up": 1, "declared": 1}},
    }
    return cast(ProcessStatus, usual | values)


def document(*processes: ProcessStatus) -> Status:
    return {
        "version": 1,
        "mesh": "market",
        "files": ["topology.yaml"],
        "state": "up",
        "uptime": 242.3,
        "problem": "",
        "processes": list(processes),
    }


GONE = {"state": "failed", "pid": None, "uptime": None, "restarts": 5, "cpu": None, "memory": None}
ERROR = {"status": 1, "signal": None, "ago": 12.2, "reason": ["Traceback", "KeyError: 'NVDA'"]}


def test_processes_that_are_alike_share_a_line() -> None:
    bots = [process(f"bot-{number}") for number in range(24)]
    bots[9] = process("bot-9", **GONE, exit=ERROR)
    bots[12] = process(
        "bot-12", state="unresponsive", pid=41116, cpu=100.0, since=7.2, doing="its main thread computes"
    )
    feed = process("feed", links={"ticks": {"up": 23, "declared": 24}}, cpu=12.0, memory=9_000_000)
    assert status(document(feed, *bots)) == [
        "market  up 4 min  topology.yaml",
        "NAME      STATE         PID    UPTIME  RESTARTS  CPU   MEM    LINKS",
        "feed      ready         41100  4m02s   0         12%   9 MB   ticks 23/24",
        "bot (22)  ready         -      4m02s   0         44%   88 MB  ticks 22/22, orders 22/22",
        "bot-9     failed        -      -       5         -     -      exit 1, 12 s ago: KeyError: 'NVDA'",
        "bot-12    unresponsive  41116  4m02s   0         100%  4 MB   no answer for 7s: its main thread computes",
    ]


def test_how_many_others_processes_have_started_is_said() -> None:
    rows = status(document(process("feed", count=8), process("bot-0", count=3), process("bot-1", count=1)))
    assert [row[:28] for row in rows[1:]] == [
        "NAME     STATE  PID       UP",
        "feed     ready  41100 +7  4m",
        "bot (2)  ready  +2        4m",
    ]


def test_each_process_has_a_line_when_asked() -> None:
    rows = status(document(process("bot-0"), process("bot-1")), each=True)
    assert [row.split()[0] for row in rows[2:]] == ["bot-0", "bot-1"]


def test_those_with_other_links_restarts_or_exits_stand_apart() -> None:
    half = process("bot-1", links={"ticks": {"up": 0, "declared": 1}, "orders": {"up": 1, "declared": 1}})
    restarted = process("bot-2", restarts=1, exit=ERROR)
    rows = status(document(process("bot-0"), half, restarted, process("bot-3", exit=ERROR)))
    assert [row.split("  ")[0] for row in rows[2:]] == ["bot (2)", "bot-1", "bot-2"]


def test_those_that_failed_in_the_same_way_share_a_line() -> None:
    gone = [process(f"bot-{number}", **GONE, exit=ERROR | {"ago": number + 1.0}) for number in range(3)]
    other = process("bot-3", **GONE, exit={"status": None, "signal": "SIGKILL", "ago": 70.0, "reason": None})
    rows = status(document(*gone, other))
    assert rows[2].endswith("exit 1, 1 s ago: KeyError: 'NVDA'")
    assert rows[3].endswith("SIGKILL, 1 min ago")
    assert len(rows) == 4


def test_what_a_program_wrote_is_not_obeyed() -> None:
    assert "\x1b" not in "".join(status(document(process("a", **GONE, exit=ERROR | {"reason": "\x1b[2J"}))))


def test_trouble_is_red_where_there_is_color() -> None:
    rows = status(document(process("a"), process("b", state="failed")), color=True)
    assert not rows[2].startswith("\x1b")
    assert rows[3].startswith("\x1b[31m")


def test_a_mesh_without_processes() -> None:
    assert len(status(document())) == 2


def test_listing() -> None:
    info: Info = {
        "mesh": "market",
        "files": ["/x/topology.yaml"],
        "state": "up",
        "pid": 1,
        "keeper": 2,
        "plan": "",
        "since": 1000.0,
        "problem": "",
    }
    assert listing([info], ["old"], now=1300.0) == [
        "NAME    STATE  UPTIME  FILES",
        "market  up     5 min   /x/topology.yaml",
        "old     ended  -       -",
    ]
    assert listing([]) == []


def test_what_cannot_be_written_down_is_said() -> None:
    made = document(process("feed"))
    assert not any("kept" in line for line in status(made))
    made["problem"] = "/state: No space left on device"
    assert status(made)[1].startswith("! /state: No space left on device: the mesh goes on")
