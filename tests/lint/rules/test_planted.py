"""Every rule on a family of its own: one fault is planted into a random sound topology, and found where it is."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.lint.rules import RULES
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from tests.lint.examples import findings
from tests.lint.meshes import Mesh, sound
from tests.lint.plants import ANYWHERE, PLANTS
from tests.lint.rules.test_rules import BY_COMMENTS

FEW = settings(max_examples=8, database=None, suppress_health_check=list(HealthCheck))


def found_in(mesh: Mesh) -> list[Diagnostic]:
    with tempfile.TemporaryDirectory() as folder:
        return findings({"topology.yaml": mesh.text(), **mesh.files}, Path(folder))


@given(sound())
def test_a_sound_topology_has_no_error_and_no_warning(mesh: Mesh) -> None:
    assert [str(each) for each in found_in(mesh) if each.severity != "info"] == []


def test_there_is_a_fault_for_every_rule() -> None:
    assert set(PLANTS) | BY_COMMENTS == set(RULES)


@pytest.mark.parametrize("code", sorted(PLANTS))
@FEW
@given(data=st.data())
def test_a_planted_fault_is_found_where_it_is(code: str, data: st.DataObject) -> None:
    mesh = data.draw(sound())
    place = PLANTS[code](data.draw, mesh)
    found = found_in(mesh)
    assert [str(each) for each in found if each.severity == "error" and each.code != code] == []
    ours = [each for each in found if each.code == code]
    assert ours
    if place != ANYWHERE:
        assert place in {each.path for each in ours}
        shown = next(each for each in ours if each.path == place)
        key = re.findall(r"[\w-]+", place)[-1]
        assert place.endswith("]") or f'"{key}"' in mesh.text().splitlines()[shown.line - 1]
    if RULES[code].severity == "error":
        assert {each.path for each in ours if each.severity == "error"} <= {place}
