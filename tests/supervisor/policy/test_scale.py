"""What the policy does for a process does not grow with the number of processes."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from orchestrator.contract.node_messages import Gate, Hello, SocketsReady
from orchestrator.supervisor.policy import events
from orchestrator.supervisor.policy.effects import Ask, Effect
from tests.support.plans import World, node, plan

FEW, MANY = 50, 400


def life(count: int) -> int:
    """Bring up processes one by one, let them end one by one; give the number of calls that took."""
    world = World(plan(node("store"), node("bot", count, depends_on={"store": "ready"}, kind="job")))
    gates: dict[str, int] = {}
    calls = 0

    def profile(frame: Any, event: str, _arg: Any) -> None:
        nonlocal calls
        # A plain pass over the processes is cheap, and is none.
        calls += event == "call" and not frame.f_code.co_name.startswith("<")

    def do(effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Ask) and isinstance(effect.request, Gate):
                gates[effect.process] = effect.request.id

    mesh, now = world.mesh, world.now
    sys.setprofile(profile)
    try:
        do(events.begin(mesh, now))
        for names in (["store"], [f"bot-{number}" for number in range(count)]):
            for pid, name in enumerate(names, 1):
                do(events.on_started(mesh, name, pid, 1, now))
            for name in names:
                do(events.on_message(mesh, name, Hello(1, "gate"), now))
            for name in names:
                do(events.on_message(mesh, name, SocketsReady(gates[name]), now))
        assert mesh.up
        for name in names:
            do(events.on_exit(mesh, name, 0, [], now))
    finally:
        sys.setprofile(None)
    assert all(mesh.processes[name].state == "done" for name in names)
    return calls


def test_calls_grow_with_the_number_of_processes_and_no_faster() -> None:
    assert life(MANY) / life(FEW) < 2 * MANY / FEW
