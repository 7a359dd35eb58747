"""The pipeline's programs by hand-made sockets."""

from __future__ import annotations

import pytest
import zmq

from orchestrator.node import Node
from tests.topologies.programs import load

ventilator, worker, sink = (load("pipeline", program) for program in ("ventilator", "worker", "sink"))


@pytest.mark.parametrize(("number", "steps"), [(1, 0), (2, 1), (3, 7), (27, 111), (6171, 261)])
def test_steps(number: int, steps: int) -> None:
    assert worker.steps(number) == steps


def test_pipeline_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    push, pull = {"type": "PUSH", "sndhwm": 0}, {"type": "PULL", "rcvhwm": 0}
    tasks, results = "inproc://tasks", "inproc://results"
    with zmq.Context() as context, Node.standalone({"results": pull | {"bind": results}}, context=context) as last:
        with Node.standalone({"tasks": push | {"bind": tasks}}, context=context) as first:
            ends = {"tasks": pull | {"connect": tasks}, "results": push | {"connect": results}}
            workers = [Node.standalone(ends, name="worker", index=n, count=2, context=context) for n in range(2)]
            for node in workers:
                node.__enter__()
            ventilator.main(first, tasks=100)
            for node in workers:
                node.stop()
                worker.main(node)
                node.__exit__(None, None, None)
        sink.main(last, tasks=100)
    assert capsys.readouterr().out.splitlines() == [
        "100 tasks are out",
        "worker-0 50 results",
        "worker-1 50 results",
        "100 of 100 results; the longest way to 1 has 118 steps, from 97",
    ]


def test_ventilator_stops_when_told(capsys: pytest.CaptureFixture[str]) -> None:
    with Node.standalone({"tasks": {"type": "PUSH", "bind": "inproc://tasks"}}) as node:
        node.stop()
        ventilator.main(node, tasks=100)  # Nobody takes them: it would wait for ever.
    assert capsys.readouterr().out == ""
