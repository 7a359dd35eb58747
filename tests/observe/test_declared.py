"""What plan.json declares, against what the plan's model says."""

from __future__ import annotations

import json

from hypothesis import given

from orchestrator.observe.declared import declared
from orchestrator.plan.links import links
from orchestrator.plan.model import Plan, dump
from orchestrator.supervisor.runtime import outside_monitor
from tests.supervisor.policy.test_any_events import plans
from tests.supervisor.runtime.test_outside_monitor import plan as plan_with_external


def check(plan: Plan) -> None:
    found = declared(json.loads(dump(plan)))
    assert list(found.peers) == list(links(plan))
    assert {
        name: [(peer.edge, peer.endpoint, peer.process, peer.binds) for peer in peers]
        for name, peers in links(plan).items()
    } == found.peers
    assert found.far == outside_monitor.links(plan)
    assert found.binders == {each.name: each.process for each in plan.endpoints if each.process}


@given(plans())
def test_the_links_are_those_of_the_model(plan: Plan) -> None:
    check(plan)


def test_so_are_those_to_external_programs() -> None:
    check(plan_with_external())
    assert len(declared(json.loads(dump(plan_with_external()))).far) == 2
