"""Which part of the package may know which, as docs/explanation/design.md says; no circles; no room too large."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.import_graph import circle, graph, libraries, rooms

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "orchestrator"
DESIGN = (ROOT / "docs" / "explanation" / "design.md").read_text()

ALWAYS = {"errors", "compat", "shortlist", "identity_map"}
"""What every part may use."""

LIBRARIES = {
    "pyzmq": "zmq",
    "PyYAML": "yaml",
    "pydantic": "pydantic",
    "psutil": "psutil",
    "typer": "typer",
    "rich": "rich",
}
"""What the table calls libraries, and how they are imported."""

HEAVY = {"pydantic", "yaml", "psutil", "typer", "zmq", "rich"}
LIGHT = {
    "orchestrator.zeromq.options": set(),
    "orchestrator.contract.wiring": set(),
    "orchestrator.plan.model": set(),
    "orchestrator.plan.wiring": set(),
    "orchestrator.client": set(),
    "orchestrator.client.mesh": set(),
    "orchestrator.client.connection": set(),
    "orchestrator.cli": set(),
    "orchestrator.cli.verbs": {"typer"},
    "orchestrator.node": {"zmq"},
    "orchestrator.node.host": {"zmq"},
    "orchestrator.supervisor.policy.events": set(),
    "orchestrator.supervisor.supervisor": set(),
}
"""What importing a module may load beside the standard library."""

MOST_FILES, MOST_LINES, MOST_LINES_OF_A_CLASS, MOST_LINES_OF_RULES = 34, 500, 250, 250
TOO_LARGE: set[str] = set()
"""What is still larger; it only becomes less."""


def table(text: str) -> dict[str, set[str]]:
    """Return what each part may use, as the table of layers says, in its order."""
    rows = text.partition("| part |")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", rows, re.MULTILINE)
    return {part: {word.strip("`") for word in used.split(", ")} - {"nothing"} for part, used in cells}


ARROWS = table(DESIGN)
IMPORTS = graph(PACKAGE)


@cache
def used(part: str) -> set[str]:
    """Return what a part imports of others, as ``part.module``, and of libraries."""
    inside = {name for name in IMPORTS if name.split(".")[1:2] == [part]}
    others = {other.partition(".")[2] for name in inside for other in IMPORTS[name] - inside}
    known = {module: library for library, module in LIBRARIES.items()}
    found = {name for file in (PACKAGE / part).rglob("*.py") for name in libraries(file)}
    return {other for other in others if other not in {"", *ALWAYS}} | {known[name] for name in found & set(known)}


def covers(arrow: str, name: str) -> bool:
    return name == arrow or name.startswith(f"{arrow}.")


def wrong(arrows: dict[str, set[str]]) -> Iterator[str]:
    """Yield what parts use though the table does not say so, and what it says though no part uses it."""
    for part, allowed in arrows.items():
        for name in sorted(used(part)):
            if not any(covers(arrow, name) for arrow in allowed):
                yield f"{part} imports {name}"
        for arrow in sorted(allowed):
            if not any(covers(arrow, name) for name in used(part)):
                yield f"{part} does not import {arrow}"


def upward(arrows: dict[str, set[str]]) -> Iterator[str]:
    """Yield the arrows that do not lead to a part that stands earlier in the table."""
    parts = list(arrows)
    for place, part in enumerate(parts):
        yield from (f"{part}: {arrow}" for arrow in arrows[part] if arrow.partition(".")[0] in parts[place:])


def too_large(package: Path) -> Iterator[str]:
    """Yield the folders, files and classes of a package that are larger than they may be."""
    for folder in (package, *filter(Path.is_dir, package.rglob("*"))):
        if len(list(folder.glob("*.py"))) > MOST_FILES:
            yield folder.relative_to(package.parent).as_posix()
    for file in package.rglob("*.py"):
        name, text = file.relative_to(package.parent).as_posix(), file.read_text()
        most = MOST_LINES_OF_RULES if "/rules/" in name else MOST_LINES
        if text.count("\n") > most:
            yield name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and (node.end_lineno or 0) - node.lineno >= MOST_LINES_OF_A_CLASS:
                yield f"{name}: {node.name}"


def test_every_part_is_in_the_table() -> None:
    assert {each.name for each in PACKAGE.iterdir() if (each / "__init__.py").exists()} == set(ARROWS)
    assert {each.stem for each in PACKAGE.glob("*.py")} == {"__init__", "__main__", *ALWAYS}
    assert not any(IMPORTS[f"orchestrator.{name}"] for name in ALWAYS)


def test_imports_are_what_the_table_says() -> None:
    assert list(wrong(ARROWS)) == []


def test_what_the_table_says_too_much_or_too_little_is_found() -> None:
    more = re.sub(r"(\| `supervisor` \|.*) \|\n", r"\1, `topology` |\n", DESIGN)
    less = re.sub(r"(\| `lint` \|.*)`zeromq`(.*) \|\n", r"\1`schema`\2 |\n", DESIGN)
    assert list(wrong(table(more))) == ["supervisor does not import topology"]
    assert {"lint imports zeromq.endpoints", "lint does not import schema"} <= set(wrong(table(less)))
    no_yaml = re.sub(r"(\| `topology` \|.*), PyYAML(.*) \|\n", r"\1\2 |\n", DESIGN)
    assert list(wrong(table(no_yaml))) == ["topology imports PyYAML"]


def test_no_part_uses_one_above_it() -> None:
    assert list(upward(ARROWS)) == []
    assert list(upward({"low": {"high.part"}, "high": {"low"}})) == ["low: high.part"]


def test_only_the_command_line_ends_commands() -> None:
    assert [part for part, used in ARROWS.items() if "typer" in used] == ["cli"]


def test_no_circle_of_files() -> None:
    assert circle(IMPORTS) == []


def test_no_circle_of_rooms() -> None:
    found = {package: circle(inside) for package, inside in rooms(IMPORTS)}
    assert {package: each for package, each in found.items() if each} == {}


@pytest.mark.parametrize(
    "back",
    [
        "from planted import first",
        "from planted.first import thing",
        "from . import first",
        "from .first import thing",
        "import planted.first as other",
        "def late():\n    from planted.first import thing",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from planted.first import thing",
    ],
)
def test_a_planted_circle_is_found(tmp_path: Path, back: str) -> None:
    folder = tmp_path / "planted"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "first.py").write_text("from planted.second import thing\n")
    (folder / "second.py").write_text("import os\n")
    assert circle(graph(folder)) == []
    (folder / "second.py").write_text(back)
    assert set(circle(graph(folder))) == {"planted.first", "planted.second"}


def test_a_planted_circle_of_rooms_is_found() -> None:
    imports: dict[str, set[str]] = {"p": set(), "p.a.one": {"p.b.one"}, "p.b.two": {"p.a.two"}, "p.b.one": set()}
    assert circle(imports) == []
    assert [package for package, inside in rooms({**imports, "p.a.two": set()}) if circle(inside)] == ["p"]


def test_no_room_is_too_large() -> None:
    assert set(too_large(PACKAGE)) == TOO_LARGE


def test_what_is_too_large_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "planted"
    (folder / "rules").mkdir(parents=True)
    for number in range(MOST_FILES):
        (folder / f"n{number}.py").touch()
    (folder / "n0.py").write_text("x = 1\n" * MOST_LINES)
    (folder / "n1.py").write_text("class Just:\n" + "    x = 1\n" * (MOST_LINES_OF_A_CLASS - 1))
    (folder / "rules" / "r.py").write_text("x = 1\n" * MOST_LINES_OF_RULES)
    assert list(too_large(folder)) == []
    (folder / "n0.py").write_text("x = 1\n" * (MOST_LINES + 1))
    (folder / "n1.py").write_text("class Just:\n" + "    x = 1\n" * MOST_LINES_OF_A_CLASS)
    (folder / "rules" / "r.py").write_text("x = 1\n" * (MOST_LINES_OF_RULES + 1))
    (folder / "one_more.py").touch()
    assert set(too_large(folder)) == {"planted", "planted/n0.py", "planted/n1.py: Just", "planted/rules/r.py"}


def test_memory_addresses_are_keys_in_one_module_alone() -> None:
    using = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for each in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "id"
    }
    assert using == {"identity_map.py"}


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
