"""Paths of a topology: each belongs to the folder of the file that writes it."""

from __future__ import annotations

import os
from typing import Any

from orchestrator.topology.parse.document import Document
from orchestrator.topology.parse.position import Path as KeyPath

SEAM = "/./"
"""Stands between a folder and a path that an item of ``each`` begins: its value may be absolute."""

_PATHS = frozenset({"working_dir", "env_file", "public_key"})
_PROGRAM = ("python", "command")


class Paths:
    """Makes the paths of one document absolute; ``folder`` is that of all its files, empty where they have several."""

    def __init__(self, document: Document) -> None:
        self._document = document
        folders = set(document.folders.values())
        self.folder = next(iter(folders)) if len(folders) == 1 else ""

    def of_program(self, name: str, body: dict[str, Any]) -> str:
        """Return the folder of the file that says what a node runs."""
        key = next((key for key in _PROGRAM if body.get(key) is not None), "external")
        return self._folder(("nodes", name, key))

    def settle(self, part: KeyPath, body: dict[str, Any]) -> None:
        """Make the paths in a shaped node absolute; what is no text is left for the model to refuse."""
        if _PATHS.isdisjoint(body):
            return
        for key in ("working_dir", "public_key"):
            if isinstance(body.get(key), str):
                body[key] = self._absolute((*part, key), body[key])
        files = body.get("env_file")
        if isinstance(files, tuple):
            listed = isinstance(self._document.at((*part, "env_file")), list)
            body["env_file"] = tuple(
                self._absolute((*part, "env_file", number) if listed else (*part, "env_file"), file)
                if isinstance(file, str)
                else file
                for number, file in enumerate(files)
            )

    def _absolute(self, path: KeyPath, written: str) -> str:
        behind = f"./{written}" if written.startswith("${each") else written
        joined = os.path.join(self.folder or self._folder(path), behind)
        return joined if f"{SEAM}${{each" in joined else os.path.normpath(joined)

    def _folder(self, path: KeyPath) -> str:
        document = self._document
        return document.folders.get(document.where(path, value=True).file) or document.folders[document.file]
