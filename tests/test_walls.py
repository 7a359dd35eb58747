"""Which part of the package may know which: the list that docs/design.md explains, held against every import."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "orchestrator"

ARROWS = {
    "zeromq": set(),
    "contract": set(),
    "topology": {"zeromq"},
    "schema": {"topology", "zeromq"},
    "plan": {"topology", "zeromq", "contract"},
    "delivery": {"contract"},
    "node": {"contract", "zeromq", "delivery"},
    "devices": {"contract", "node"},
    "observe": set(),
    "tap": {"plan.model", "delivery.frame", "delivery.journal", "delivery.replay"},
    "keeper": {"contract", "zeromq", "node.host"},
    "control": {"contract"},
    "supervisor": {
        "plan.model",
        "plan.addresses",
        "plan.links",
        "plan.order",
        "plan.wiring",
        "control",
        "contract",
        "observe",
        "zeromq",
    },
    "lint": {"plan", "topology", "zeromq"},
    "report": {"topology.diagnostics", "topology.parse", "lint.core", "control", "contract", "zeromq"},
    "project": {"topology", "schema", "plan", "lint", "report", "contract", "zeromq"},
    "client": {
        "project",
        "topology",
        "plan",
        "control",
        "report",
        "contract",
        "delivery",
        "observe",
        "tap",
    },
    "cli": {
        "client",
        "project",
        "topology",
        "schema",
        "plan",
        "lint",
        "control",
        "report",
        "contract",
        "zeromq",
        "delivery.journal",
        "devices.recording",
        "tap",
    },
    "pytest_plugin": {"client", "project", "report", "contract"},
}
"""For each part, the parts, or single modules of one, that it imports; nothing imports the command line."""

HEAVY = {"pydantic", "yaml", "psutil", "typer", "zmq"}
LIGHT = {
    "orchestrator.zeromq.options": set(),
    "orchestrator.contract.wiring": set(),
    "orchestrator.plan.model": set(),
    "orchestrator.plan.wiring": set(),
    "orchestrator.client.connection": set(),
    "orchestrator.cli": set(),
    "orchestrator.cli.verbs": {"typer"},
    "orchestrator.node": {"zmq"},
    "orchestrator.node.host": {"zmq"},
    "orchestrator.supervisor.policy.events": set(),
    "orchestrator.supervisor.supervisor": set(),
}
"""What importing a module may load beside the standard library."""


def imports(file: Path) -> Iterator[str]:
    """Give what a file imports of this package, as ``part.module``, wherever the import stands."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, *rest = name.split(".")
            if first == "orchestrator" and rest:
                yield ".".join(rest[:2])


def allowed(name: str, arrows: set[str]) -> bool:
    return name.split(".")[0] in {*arrows, "errors"} or name in arrows


def test_every_part_is_listed() -> None:
    assert {each.name for each in PACKAGE.iterdir() if (each / "__init__.py").exists()} == set(ARROWS)


@pytest.mark.parametrize("part", ARROWS)
def test_imports_follow_the_arrows(part: str) -> None:
    found = {(str(file.relative_to(ROOT)), name) for file in (PACKAGE / part).rglob("*.py") for name in imports(file)}
    assert found or part in ("zeromq", "contract", "observe")
    wrong = sorted(f"{file}: {name}" for file, name in found if not allowed(name, ARROWS[part] | {part}))
    assert wrong == []


def test_the_wall_sees_a_wrong_import(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text("def late():\n    from orchestrator.topology import load\n    import orchestrator.plan.build\n")
    assert [name for name in imports(file) if not allowed(name, ARROWS["supervisor"])] == [
        "topology.load",
        "plan.build",
    ]


@pytest.mark.parametrize("module", LIGHT)
def test_importing_loads_no_more_than_it_must(module: str) -> None:
    script = f"import sys, {module}; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY & set(said.stdout.split()) == LIGHT[module]


def test_the_package_itself_loads_nothing() -> None:
    script = "import sys; before = set(sys.modules); import orchestrator; print(*(set(sys.modules) - before))"
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["orchestrator"]


def test_every_forked_node_is_spared_what_the_keeper_does_not_need() -> None:
    script = "import sys, orchestrator.keeper.__main__, orchestrator.node.host; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(said.stdout.split())
    assert not loaded & {"asyncio", "subprocess", "logging", *HEAVY - {"zmq"}}
    assert not {name for name in loaded if name.startswith(("orchestrator.plan", "orchestrator.supervisor"))}
