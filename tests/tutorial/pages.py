"""A page of the tutorial, followed as a reader does: files are written, commands run, what they print is compared."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/tutorial"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))

_BLOCK = re.compile(r"^(?:<!-- ([^\n]*) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"# (\S+\.\w+)\n")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_LOOKS = re.compile(r"orchestrator (ps|events|logs|journal ls)\b")
"""Commands that may be given again until they show what is to come."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and what the comment in front of it says."""

    language: str
    text: str
    remark: str

    @property
    def name(self) -> str:
        """Return the file that this block is, or an empty text."""
        found = _NAME.match(self.text)
        return found[1] if found else ""

    @property
    def content(self) -> str:
        return self.text.partition("\n")[2]

    @property
    def status(self) -> int:
        return int(self.remark.removeprefix("status: ")) if self.remark.startswith("status: ") else 0


def blocks(page: Path) -> Iterator[Block]:
    for found in _BLOCK.finditer(page.read_text()):
        yield Block(found[2], found[3], found[1] or "")


@dataclass
class Reader:
    """Somebody who follows the pages in a folder of their own; ``here`` is where their shell stands."""

    here: Path
    environment: Mapping[str, str]
    said: str = ""
    last: Block | None = None

    def follow(self, page: Path) -> None:
        """Do what a page says, block by block."""
        for block in blocks(page):
            if block.remark.startswith("not run"):
                continue
            if block.name:
                (self.here / block.name).write_text(block.content)
            elif block.language == "sh":
                self.run(block)
            elif block.language == "text":
                self.compare(block.text)

    def run(self, block: Block) -> None:
        ended = subprocess.run(
            ["bash", "-e", "-c", f"{block.text}\npwd > {self.environment['PLACE']}"],
            cwd=self.here, env=self.environment, text=True, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.said, self.last = ended.stdout, block
        assert ended.returncode == block.status, f"{block.text}{ended.stdout}"
        if not block.status:
            self.here = Path(Path(self.environment["PLACE"]).read_text().strip())

    def compare(self, expected: str) -> None:
        """Hold every line of a text against what the last commands printed, in order, numbers and spaces aside."""
        assert self.last is not None
        deadline = time.monotonic() + 20
        while missing := _missing(expected, self.said):
            assert _LOOKS.match(self.last.text), f"{missing!r} is not in\n{self.said}"
            assert time.monotonic() < deadline, f"{missing!r} is not in\n{self.said}"
            time.sleep(0.1)
            self.run(self.last)


def _missing(expected: str, said: str) -> str:
    """Return the first line that is not printed, or an empty text; lines of different processes have no order."""
    place, printed = 0, _plain(said)
    for line in expected.splitlines():
        found = printed.find(_plain(line), place if "|" not in line[:8] else 0)
        if found < 0:
            return line
        place = max(place, found)
    return ""


def _plain(text: str) -> str:
    return re.sub(r"[ \t]+", " ", _NUMBER.sub("N", text)).strip()
