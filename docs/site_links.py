"""Hooks of the site: pages and files outside of docs/ that its pages link to belong to it, too.

A link that leaves ``docs`` (an example's README, a program of the tests) works on GitHub as it is. In the site its
target lies below ``source/``, and the link leads there.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(\[[^\]]*\]\()([^)\s:#]+)((?:#[^)\s]*)?\))")


def target(page: str, link: str) -> str:
    """Return where a link of a page leads to, from the top of the repository; ``page`` is below docs or source."""
    folder = posixpath.dirname(page.removeprefix("source/") if page.startswith("source/") else f"docs/{page}")
    return posixpath.normpath(posixpath.join(folder, link))


def on_files(files: Files, config: Any) -> Files:
    """Add what pages link to outside of docs, and what the added pages link to."""
    waiting = [file for file in files if file.is_documentation_page()]
    while waiting:
        page = waiting.pop()
        for _, link, _ in LINK.findall(page.content_string):
            path = target(page.src_uri, link)
            if path.startswith("docs/") or not (ROOT / path).is_file() or files.get_file_from_path(f"source/{path}"):
                continue
            added = File.generated(config, f"source/{path}", abs_src_path=str(ROOT / path))
            files.append(added)
            if added.is_documentation_page():
                waiting.append(added)
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Lead links out of docs, and those back into it, to where their targets are in the site."""

    def led(found: re.Match[str]) -> str:
        path = target(page.file.src_uri, found[2])
        place = path.removeprefix("docs/") if path.startswith("docs/") else f"source/{path}"
        if files.get_file_from_path(place) is None:
            return found[0]
        return found[1] + os.path.relpath(place, posixpath.dirname(page.file.src_uri) or ".") + found[3]

    return LINK.sub(led, markdown)
