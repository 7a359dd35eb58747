"""A client of the Language Server Protocol over pipes: as much of an editor as the tests need.

Source: microsoft.github.io/language-server-protocol, 3.17.
"""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SETTINGS = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {},
    },
    "workspace": {"configuration": True},
}


class LanguageServer:
    """One running server. Lines and columns count from 0."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._folder, self._numbers = folder, itertools.count(1)
        self._said: dict[str, list[dict[str, Any]]] = {}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        self.request("initialize", processId=None, rootUri=self._folder.as_uri(), capabilities=CAPABILITIES)
        self._notify("initialized")
        self._notify("workspace/didChangeConfiguration", settings={"yaml": SETTINGS})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def open(self, text: str, name: str = "") -> str:
        """Open a document and wait until the server has judged it; give its address."""
        uri = (self._folder / (name or f"{next(self._numbers)}.yaml")).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._notify("textDocument/didOpen", textDocument=document)
        while uri not in self._said:
            self._read()
        return uri

    def diagnostics(self, text: str, name: str = "") -> list[tuple[int, str]]:
        """Give line and message of all that is wrong with a text."""
        return [(each["range"]["start"]["line"], each["message"]) for each in self._said[self.open(text, name)]]

    def completions(self, text: str) -> dict[str, dict[str, Any]]:
        """Give what is offered at the ``|`` of a text, by label."""
        offered = self._at("textDocument/completion", text)
        return {each["label"]: each for each in offered["items"]}

    def hover(self, text: str) -> str:
        """Give what is shown at the ``|`` of a text."""
        shown = self._at("textDocument/hover", text)
        return str(shown["contents"]["value"]) if shown else ""

    def request(self, method: str, **parameters: Any) -> Any:
        """Ask, and wait for the answer."""
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": parameters})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                return message["result"]

    def _at(self, method: str, text: str) -> Any:
        before, _, after = text.partition("|")
        position = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        return self.request(method, textDocument={"uri": self.open(before + after)}, position=position)

    def _notify(self, method: str, **parameters: Any) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        size = 0
        while header := self._process.stdout.readline().strip():
            name, _, content = header.partition(b":")
            size = int(content) if name.lower() == b"content-length" else size
        assert size, "the language server has ended"
        message: dict[str, Any] = json.loads(self._process.stdout.read(size))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._said[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            asked = [SETTINGS if each.get("section") == "yaml" else None for each in message["params"]["items"]]
            self._send({"id": message["id"], "result": asked})
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        return message
