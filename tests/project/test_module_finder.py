from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from orchestrator.lint.core.facts import Program
from orchestrator.project.module_finder import MOST_BYTES, program


@pytest.fixture
def here(tmp_path: Path) -> Path:
    program.cache_clear()
    return tmp_path


def write(file: Path, text: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def find(module: str, *search: Path, installed: bool = False) -> Program | None:
    folders = tuple(map(str, search))
    return program(module, folders, installed, tuple(os.path.realpath(folder) for folder in folders[:1]))


def test_a_module_beside_the_file(here: Path) -> None:
    file = write(here / "feed.py", "def main(): ...")
    assert find("feed", here) == Program(file=str(file), text="def main(): ...")


def test_nothing_is_imported_not_even_the_package_around(here: Path) -> None:
    proof = here / "proof"
    code = f"open({str(proof)!r}, 'w').write('ran')\n"
    for file in ("pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/feed.py"):
        write(here / file, code)
    loaded = set(sys.modules)
    assert find("pkg.sub.feed", here) == Program(file=str(here / "pkg/sub/feed.py"), text=code)
    assert find("pkg.sub", here) == Program(file=str(here / "pkg/sub/__init__.py"), text=code)
    assert find("pkg.sub.gone", here) == Program(missing="pkg.sub.gone", package=True, beside=("feed",))
    assert not proof.exists()
    assert not {name for name in set(sys.modules) - loaded if name.startswith("pkg")}
    assert not list(here.rglob("__pycache__"))


def test_the_folders_are_searched_in_order_and_a_package_comes_before_a_module(here: Path) -> None:
    write(here / "work/feed.py", "1")
    write(here / "feed.py", "2")
    assert program("feed", (str(here / "work"), str(here)), False, (str(here),)) == Program(
        file=str(here / "work/feed.py"), text="1"
    )
    write(here / "feed/__init__.py", "3")
    found = find("feed", here)
    assert found is not None
    assert found.text == "3"


def test_what_is_missing_and_what_is_beside(here: Path) -> None:
    for name in ("feed.py", "pkg/__init__.py", "data/x.txt", "not-a-name.py"):
        write(here / name)
    assert find("fed", here) == Program(missing="fed", beside=("feed", "pkg"))
    assert find("fed.deep.er", here) == Program(missing="fed", beside=("feed", "pkg"))


def test_what_is_installed_is_found_too_and_nothing_of_it_is_loaded(here: Path) -> None:
    found = find("xml.dom.minidom", here, installed=True)
    assert found is not None
    assert found.file.endswith("minidom.py")
    assert find("xml.dom.minidom", here) == Program(missing="xml")


@pytest.mark.parametrize("name", ["sys", "math", "_socket"])
def test_what_has_no_source_is_not_known(here: Path, name: str) -> None:
    found = find(name, here, installed=True)
    assert found is None or not found.missing or name == "math"


def test_namespace_packages_can_have_parts_elsewhere(here: Path) -> None:
    write(here / "space/feed.py", "1")
    found = find("space.feed", here)
    assert found is not None
    assert found.text == "1"
    assert find("space.gone", here) == Program(missing="space", beside=())
    assert find("space", here) is None


@pytest.mark.parametrize("text", ["__path__.append('x')", "import sys\nsys.modules[__name__ + '.feed'] = 1"])
def test_a_package_that_makes_its_modules_is_not_known(here: Path, text: str) -> None:
    write(here / "pkg/__init__.py", text)
    assert find("pkg.feed", here) is None


def test_links_out_of_the_folder_are_not_followed(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    write(outside / "feed.py", "secret")
    write(outside / "pkg/__init__.py", "secret")
    write(outside / "pkg/feed.py", "secret")
    os.symlink(outside / "feed.py", here / "feed.py")
    os.symlink(outside / "pkg", here / "pkg")
    os.symlink("inside.py", here / "link.py")
    write(here / "inside.py", "fine")
    assert find("feed", here) is None
    assert find("pkg", here) is None
    assert find("pkg.feed", here) is None
    assert find("link", here) == Program(file=str(here / "link.py"), text="fine")
    assert program("feed", (str(outside),), False, (str(here),)) is None


def test_what_is_too_large_no_file_or_no_text_is_not_known(here: Path) -> None:
    write(here / "large.py", "#" * (MOST_BYTES + 1))
    os.mkfifo(here / "pipe.py")
    (here / "folder.py").mkdir()
    (here / "bytes.py").write_bytes(b"x = '\xff'")
    (here / "strange.py").write_bytes(b"# coding: nonsense\n")
    os.symlink("gone.py", here / "dead.py")
    for name in ("large", "pipe", "folder", "bytes", "strange", "dead"):
        assert find(name, here) is None, name


def test_a_declared_encoding_and_a_byte_order_mark(here: Path) -> None:
    (here / "latin.py").write_bytes("# coding: latin-1\nx = 'é'".encode("latin-1"))
    (here / "mark.py").write_bytes(b"\xef\xbb\xbfx = 1")
    assert "é" in (find("latin", here) or Program()).text  # type: ignore[operator]
    assert (find("mark", here) or Program()).text == "x = 1"
