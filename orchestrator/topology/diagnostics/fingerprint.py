"""What a problem is known by while its file changes around it."""

from __future__ import annotations

import hashlib

from orchestrator.topology.diagnostics.diagnostic import Diagnostic


def fingerprint(problem: Diagnostic) -> str:
    """Return 32 hexadecimal digits that stay while file, code, path and message do, wherever the lines move."""
    return digest("\0".join((problem.file, problem.code, problem.path, problem.message)))


def digest(text: str) -> str:
    """Return 32 hexadecimal digits of a text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
