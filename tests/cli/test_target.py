from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.client import select_mesh
from orchestrator.project import select_files
from orchestrator.project.errors import UsageError
from orchestrator.topology.names import mesh_name

from .conftest import Mesh

KNOWN = {"feed": "feed", "bot-0": "bot", "bot-1": "bot", "bot-10": "bot", "book": "book"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.yaml", True),
        ("a.yml", True),
        ("a/b", True),
        ("-", True),
        ("bot", False),
        ("bot-3", False),
        ("bot-1*", False),
    ],
)
def test_what_means_a_file(text: str, expected: bool) -> None:
    assert select_files.is_file(text) is expected


def test_a_file_among_the_arguments() -> None:
    assert select_files.split(["bot", "x.yaml", "book"]) == ("x.yaml", ["bot", "book"])
    assert select_files.split(None) == (None, [])
    with pytest.raises(UsageError, match=r"b\.yaml: a second file.* -f a\.yaml -f b\.yaml"):
        select_files.split(["a.yaml", "b.yaml"])


def test_the_file_in_order_of_precedence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"no topology\.yaml here"):
        select_files.files(None)
    Path("topology.yaml").touch()
    (home / "work" / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir("a/b")
    assert select_files.files(None) == ["../../topology.yaml"]
    monkeypatch.setenv("ORCHESTRATOR_FILE", "/x/e.yaml")
    assert select_files.files(None) == ["/x/e.yaml"]
    assert select_files.files(None, ["f.yaml"]) == ["f.yaml"]
    assert select_files.files(None, ["a.yaml", "-"]) == ["a.yaml", "-"]
    assert select_files.files("-") == ["-"]
    with pytest.raises(UsageError, match=r"^a\.yaml: .* write -f a\.yaml -f b"):
        select_files.files("a.yaml", ["b"])
    with pytest.raises(UsageError, match="stands twice"):
        select_files.files(None, ["-", "-"])


def test_variables() -> None:
    assert select_files.sets(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    for wrong in ("a", "=1"):
        with pytest.raises(UsageError, match="expected NAME=VALUE"):
            select_files.sets([wrong])


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([], list(KNOWN)),
        (["bot"], ["bot-0", "bot-1", "bot-10"]),
        (["bot-1"], ["bot-1"]),
        (["bot-1*"], ["bot-1", "bot-10"]),
        (["book", "feed"], ["feed", "book"]),
    ],
)
def test_which_processes_are_meant(patterns: list[str], expected: list[str]) -> None:
    assert select_mesh.match(patterns, KNOWN) == expected


def test_a_process_that_is_not_there() -> None:
    with pytest.raises(UsageError, match=r"no process bot-2; did you mean bot-1\?|did you mean bot-0\?"):
        select_mesh.match(["bot-2"], KNOWN)
    with pytest.raises(UsageError, match="no process zzz; nodes: feed, bot, book"):
        select_mesh.match(["bot", "zzz"], KNOWN)


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("topology.yaml", "nodes: {}\n", "my-folder"),
        ("market.topology.yaml", "nodes: {}\n", "market"),
        ("Mar ket.yml", "", "mar-ket"),
        ("topology.yaml", "# x\nname: shop  # ours\nnodes: {}\n", "shop"),
        ("topology.yaml", "\ufeffname: 'shop'\n", "shop"),
        ("topology.yaml", "nodes:\n  a:\n    args: {}\n    name: no\n", "my-folder"),
    ],
)
def test_the_name_of_a_files_mesh(home: Path, file: str, text: str, name: str) -> None:
    folder = home / "My Folder"
    folder.mkdir()
    (folder / file).write_text(text)
    assert select_mesh.mesh("", str(folder / file)) == (name, "")


@pytest.mark.parametrize("file", ["topology.yaml", "topology.yml", "a.b.yaml", "A b.yaml", "sub/topology.yaml"])
def test_the_name_is_the_one_that_the_loader_gives(home: Path, file: str) -> None:
    assert select_files.default_name(file) == mesh_name(file)


def test_the_mesh_in_order_of_precedence(home: Path) -> None:
    with pytest.raises(UsageError, match="which mesh\\? none runs; say -m NAME"):
        select_mesh.mesh("", None)
    with Mesh("market").running():
        assert select_mesh.mesh("", None) == ("market", "market: the only mesh that runs")
        with Mesh("shop").running(), pytest.raises(UsageError, match="running: market, shop"):
            select_mesh.mesh("", None)
        Path("topology.yaml").write_text("name: here\n")
        assert select_mesh.mesh("", None) == ("here", "")
        assert select_mesh.mesh("named", None) == ("named", "")


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "Market", "x" * 64])
def test_a_name_never_leaves_the_folder_of_meshes(home: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no name of a mesh"):
        select_mesh.running(name)


def test_a_mesh_that_does_not_run(home: Path) -> None:
    with Mesh("shop").running(), pytest.raises(UsageError, match="market is not running; running: shop"):
        select_mesh.running("market")
    lost = Mesh("lost")
    lost.of.environment.write_text("{}")
    with pytest.raises(UsageError, match="its supervisor and its keeper are gone"):
        select_mesh.running("lost")


def test_processes_come_from_the_plan(home: Path) -> None:
    Mesh("market", "feed", "bot-0", "bot-1")
    assert select_mesh.processes("market") == {"feed": "feed", "bot-0": "bot", "bot-1": "bot"}
    with pytest.raises(UsageError, match="shop never ran; known: market"):
        select_mesh.processes("shop")
    Mesh("broken").of.plan.write_text("{")
    with pytest.raises(UsageError, match="cannot be read"):
        select_mesh.processes("broken")
