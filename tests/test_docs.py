"""The documentation: its topologies load, its Python compiles, its links lead somewhere, its lists are the code's."""

from __future__ import annotations

import configparser
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from orchestrator.cli.verbs import app
from orchestrator.plan.build import build
from orchestrator.topology.diagnostics.hints import RESERVED_KEYS, RESERVED_VALUES
from orchestrator.topology.load import load

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("topologies/*/README.md")])
RULES = ROOT / "docs/reference/rules.md"
"""Its examples are bad on purpose; tests/lint checks them."""

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


def blocks(language: str) -> list[tuple[str, str]]:
    """Give every block of a language, and where it begins."""
    return [
        (f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}", found[2])
        for page in PAGES
        if page != RULES
        for text in [page.read_text()]
        for found in BLOCK.finditer(text)
        if found[1] == language
    ]


FILE = re.compile(r"# (\S+\.yaml)\n")


def topologies() -> list[tuple[str, str]]:
    """Give every block that is a whole topology: one that has nodes, and no first line that names its file."""
    found = blocks("yaml")
    return [each for each in found if re.search(r"^nodes:", each[1], re.MULTILINE) and not FILE.match(each[1])]


def together() -> list[tuple[str, tuple[dict[str, str], list[str]]]]:
    """Give topologies of several files: those that blocks name in their first line, and how a command names them."""
    found = []
    for page in (page for page in PAGES if page != RULES and page.parent.name != "tutorial"):
        files: dict[str, str] = {}
        for block in BLOCK.finditer(page.read_text()):
            if block[1] == "yaml" and (name := FILE.match(block[2])):
                files[name[1]] = block[2]
            elif block[1] == "sh" and files:
                found.append((str(page.relative_to(ROOT)), (files, re.findall(r"-f (\S+)", block[2]))))
                files = {}
        assert not files, f"{page}: no command says how {list(files)} go together"
    return found


def named(found: Sequence[tuple[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("text", [text for _, text in found], ids=[place for place, _ in found])


def test_there_is_something_to_check() -> None:
    pages = {place.partition(":")[0] for place, _ in topologies()}
    assert {"README.md", "docs/reference/language.md"} <= pages
    assert any(place.startswith("docs/how-to/write-a-node.md") for place, _ in blocks("python"))


@named(topologies())
def test_topology_loads_and_can_be_planned(text: str, tmp_path: Path) -> None:
    file = tmp_path / "example.topology.yaml"
    file.write_text(text)
    plan = build(load([file], {}, {}))
    assert len(plan.processes) > 0


@named(together())
def test_topology_of_several_files_loads(text: tuple[dict[str, str], list[str]], tmp_path: Path) -> None:
    files, order = text
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    for number in range(1, len(order) + 1):
        assert build(load([tmp_path / name for name in order[:number]], {}, {})).processes


@named(blocks("python"))
def test_python_compiles(text: str) -> None:
    compile(text, "example", "exec")


@named([(place, text) for place, text in blocks("python") if "def test_" in text])
def test_python_that_is_a_test_passes(text: str) -> None:
    scope: dict[str, Any] = {}
    exec(compile(text, "example", "exec"), scope)
    for name in [name for name in scope if name.startswith("test_")]:
        if not scope[name].__code__.co_argcount:  # those with fixtures are run in tests/pytest_plugin
            scope[name]()


@named(blocks("c"))
def test_c_is_out_of_the_tested_program(text: str) -> None:
    program = (ROOT / "tests/programs/relay.c").read_text().splitlines()
    assert [line for line in text.splitlines() if line.strip() and line not in program] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", [ROOT / "docs/explanation/reliability.md"], ids=["reliability"])
def test_tests_that_are_named_exist(page: Path) -> None:
    files = re.findall(r"`(tests/\S+\.py)`", page.read_text())
    assert len(files) > 20
    texts = {file: (ROOT / file).read_text() for file in files}
    for name in re.findall(r"`(test_\w+)`", page.read_text()):
        assert any(f"def {name}(" in text for text in texts.values()), name


def anchors(page: Path) -> set[str]:
    """Give the anchors of a page's headings, made as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_what_is_not_supported_yet_is_listed() -> None:
    section = (ROOT / "docs/reference/language.md").read_text().partition("## Not supported yet")[2]
    listed = set(re.findall(r"`(\w+)`", section.partition("\n\n`security:")[0])) - {"delivery"}
    assert listed == frozenset().union(*RESERVED_KEYS.values(), *RESERVED_VALUES.values())


def commands() -> dict[str, Any]:
    root: Any = typer.main.get_command(app())
    found: dict[str, Any] = root.commands
    return found


@pytest.mark.parametrize("verb", commands())
def test_every_flag_is_in_the_page_of_commands(verb: str) -> None:
    section = re.search(
        rf"^### {verb}\n(.*?)(?=^##)", (ROOT / "docs/reference/commands.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert section is not None
    shown = [each for each in commands()[verb].params if not getattr(each, "hidden", False)]
    flags = {flag for each in shown for flag in each.opts if flag.startswith("--")}
    assert flags - {"--help"} == set(re.findall(r"`(--[a-z-]+)", section[1]))


def test_what_the_commands_say_of_themselves_is_in_their_page() -> None:
    made = module("docs/reference/generate_commands.py")
    assert made.PAGE.read_text() == made.page(made.PAGE.read_text()), "run: python docs/reference/generate_commands.py"


def module(path: str) -> Any:
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


COMMAND = re.compile(r"(?<![\w./-])orchestrator (\w+)((?: [^\s|&;`)#>]+)*)")


def written() -> list[tuple[str, str, list[str]]]:
    """Return each command of this package in blocks and between backticks: page, verb, flags."""
    found = []
    for page in PAGES:
        text = page.read_text()
        places = [block[2] for block in BLOCK.finditer(text)] + re.findall(r"`(orchestrator [^`\n]+)`", text)
        for place in places:
            for command in COMMAND.finditer(place):
                words = command[2].partition(" -- ")[0].split()
                flags = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
                found.append((str(page.relative_to(ROOT)), command[1], flags))
    return found


def test_commands_that_are_written_exist() -> None:
    known = {
        verb: {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
        for verb, command in commands().items()
    }
    found = [each for each in written() if each[1] in known]
    assert len(found) > 100
    assert [each for each in found if not set(each[2]) <= known[each[1]]] == []
    assert {verb for _, verb, _ in found} == set(known)


MARK = re.compile(r"^(?:<!-- ([^\n]*) -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_commands_in_blocks_are_run_or_say_why_not() -> None:
    for page in (page for page in PAGES if page.is_relative_to(ROOT / "docs") and page.parent.name != "tutorial"):
        files = False
        for remark, language, text in MARK.findall(page.read_text()):
            assert language, f"{page}: a block without a language: {text[:60]}"
            files |= language == "yaml" and FILE.match(text) is not None
            if language == "sh" and not (files and " -f " in text):  # those files are loaded together, above
                kind, _, reason = remark.partition(": ")
                assert kind in {"not run", "run by"}, f"{page}: {text}"
                assert kind == "not run" or (ROOT / reason.partition(",")[0]).exists(), reason


def samples() -> list[tuple[str, tuple[str, str, str]]]:
    """Return the blocks that show what a command prints: its remark, the command, the output."""
    return [
        (f"{page.relative_to(ROOT)}: {command}", (remark, command, output))
        for page in PAGES
        for remark, language, text in MARK.findall(page.read_text())
        if language == "text"
        for command, _, output in [text.removeprefix("$ ").partition("\n")]
        if text.startswith("$ ")
    ]


@named(samples())
def test_samples_of_output_are_true_or_say_why_nobody_knows(text: tuple[str, str, str]) -> None:
    remark, command, output = text
    if not remark.startswith("not run: "):
        words = command.split()
        assert words[0] == "orchestrator"
        said = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        assert said.stdout == output


def test_commands_of_examples_are_run() -> None:
    for page in ROOT.glob("topologies/*/README.md"):
        shown = [
            each for each in MARK.findall(page.read_text()) if re.match(r"(orchestrator|cc|[A-Z_]+=\S+) ", each[2])
        ]
        first = next(text for _, _, text in shown if text.startswith("orchestrator up "))  # by Machine.readme
        for remark, _, text in shown:
            assert text == first or (ROOT / remark.removeprefix("run by: ")).is_file(), f"{page}: {text}"


def test_no_topology_of_the_documentation_would_be_refused(tmp_path: Path) -> None:
    for place, text in topologies():
        (tmp_path / f"{re.sub(r'[/:.]', '-', place)}.topology.yaml").write_text(text)
    command = [sys.executable, "-m", "orchestrator", "validate", "--offline", "--no-config", "-q", str(tmp_path)]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


READERS: dict[str, Any] = {
    "json": lambda text: [json.loads(each) for each in ([text] if text.startswith("{\n") else text.splitlines())],
    "toml": tomllib.loads,
    "ini": lambda text: configparser.ConfigParser(strict=False).read_string(text),
    "yaml": yaml.safe_load,
}


@named([(place, (language, text)) for language in READERS for place, text in blocks(language)])
def test_data_can_be_read(text: tuple[str, str]) -> None:
    READERS[text[0]](text[1])
