"""The links of a plan, read of its model and of the document that it is on disk."""

from __future__ import annotations

import json
import subprocess
import sys

from hypothesis import given

from orchestrator.plan.links import ExternalLink, Peer, links, links_of_document
from orchestrator.plan.model import Plan, dump
from tests.supervisor.policy.test_any_events import plans
from tests.supervisor.runtime.test_outside_monitor import plan as plan_with_external


def check(plan: Plan) -> None:
    found = links_of_document(json.loads(dump(plan)))
    assert found == links(plan)
    assert list(found.peers) == [each.name for each in plan.processes]
    assert found.binders == {each.name: each.process for each in plan.endpoints if each.process}


@given(plans())
def test_the_document_says_what_the_model_says(plan: Plan) -> None:
    check(plan)


def test_so_it_does_of_external_programs() -> None:
    check(plan_with_external())
    found = links_of_document(json.loads(dump(plan_with_external())))
    assert found.external == [
        ExternalLink("risk", "gateway", "exchange.orders", binds=False),
        ExternalLink("feed", "ticks", "feed.ticks", binds=True),
    ]
    assert found.peers["bot-1"] == [Peer("ticks", "ticks", "feed", "ticks", "feed.ticks", binds=False)]
    assert [(peer.process, peer.binds) for peer in found.peers["feed"]] == [("bot-0", True), ("bot-1", True)]


def test_reading_a_document_loads_no_model() -> None:
    code = "import sys, orchestrator.plan.links; print('orchestrator.plan.model' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
