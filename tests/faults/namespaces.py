"""Folders that are a world of their own: what harms them harms nobody else (user_namespaces(7))."""

from __future__ import annotations

import subprocess

import pytest

ALLOWED = (
    subprocess.run(["unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0
)

needs_namespaces = pytest.mark.skipif(not ALLOWED, reason="user namespaces with mounts are not allowed here")


def with_small_disk(folder: str, size: str, command: list[str]) -> list[str]:
    """Give a command line that runs a command with an empty file system of this size in place of a folder."""
    script = f'mount -t tmpfs -o size={size} none "$0" && exec "$@"'
    return ["unshare", "-Urm", "sh", "-c", script, folder, *command]
