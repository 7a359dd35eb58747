"""The documentation as a site: it is built without a warning, and no page of it is left out."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import orchestrator.client
import orchestrator.node
import orchestrator.testing

ROOT = Path(__file__).parents[1]
MISSING = [name for name in ("mkdocs", "material", "mkdocstrings") if importlib.util.find_spec(name) is None]


@pytest.mark.long
@pytest.mark.skipif(bool(MISSING), reason=f"missing: {', '.join(MISSING)} (pip install '.[docs]')")
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", ".mkdocs.yml", "-d", str(tmp_path / "site")]
    built = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert "WARNING" not in built.stdout + built.stderr
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        assert (tmp_path / "site" / name.replace("README.html", "index.html")).exists()
    reference = (tmp_path / "site/reference/api.html").read_text()
    for package in (orchestrator.node, orchestrator.client, orchestrator.testing):
        for name in package.__all__:
            assert f'id="{package.__name__}.{name}"' in reference
    assert (tmp_path / "site/source/topologies/market/README.md").with_name("index.html").exists()


def test_every_page_is_in_the_navigation() -> None:
    text = (ROOT / ".mkdocs.yml").read_text().partition("\nnav:\n")[2]
    for page in (ROOT / "docs").rglob("*.md"):
        assert page.relative_to(ROOT / "docs").as_posix() in text
