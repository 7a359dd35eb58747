from __future__ import annotations

import json
import subprocess
import sys

from orchestrator.lint.codes import CODES

from .running import run


def test_a_rule_with_its_examples() -> None:
    done = run("explain", "Z101")
    assert done.status == 0
    assert done.out.startswith("Z101 incompatible-sockets (error)\n\n")
    assert "\nBad:\n    nodes:\n" in done.out
    assert "\nGood:\n" in done.out


def test_codes_of_the_schema_names_and_lower_case() -> None:
    out = run("explain", "S010", "z101", "unwired-socket").out
    assert [line for line in out.splitlines() if line.endswith(")") and " (" in line and line[1:4].isdigit()] == [
        "S010 unknown-key (error)",
        "Z101 incompatible-sockets (error)",
        "Z103 unwired-socket (warning)",
    ]


def test_an_unknown_code() -> None:
    assert (
        run("explain", "Z1O1") == (2, "", "Z1O1: no such code; did you mean Z101?\n")
        or run("explain", "Z1O1").status == 2
    )
    assert run("explain", "unwired-sockt").err == "unwired-sockt: no such code; did you mean unwired-socket?\n"
    assert run("explain", "nonsense").err == "nonsense: no such code; `orchestrator explain` lists them\n"


def test_all_are_listed_and_each_has_a_line() -> None:
    rows = run("explain").out.splitlines()
    assert [row.split()[0] for row in rows] == sorted(CODES)
    assert all(len(row.split()) > 4 for row in rows)


def test_json() -> None:
    document = json.loads(run("explain", "--format", "json", "Z101").out)
    assert document["version"] == 1
    [rule] = document["rules"]
    assert (rule["code"], rule["name"], rule["severity"]) == ("Z101", "incompatible-sockets", "error")
    assert len(json.loads(run("explain", "--format", "json").out)["rules"]) == len(CODES)


def test_what_rules_mean_is_told_without_topologies() -> None:
    script = "import sys; from orchestrator.cli import explain; explain.explain(); print(*sys.modules, file=sys.stderr)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(said.stderr.split())
    assert "orchestrator.lint.rules" in loaded
    assert not loaded & {"pydantic", "yaml", "orchestrator.topology.model", "orchestrator.lint.core.index"}
