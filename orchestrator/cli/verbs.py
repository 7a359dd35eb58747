"""The verbs, and the flags of the command itself."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

import orchestrator
from orchestrator.cli import light
from orchestrator.cli.options import OBJECTS
from orchestrator.cli.signature import expanded

PANELS = {
    "Run": {
        "init": ("init", "Write a small mesh to begin with."),
        "up": ("up", "Start a mesh and stay with it, or leave it running (-d)."),
        "down": ("down", "Drain meshes and wait until they are gone."),
        "stop": ("lifecycle.stop", "Stop processes of a mesh that goes on."),
        "start": ("lifecycle.start", "Start processes that do not run."),
        "restart": ("lifecycle.restart", "Stop processes and start them anew."),
        "kill": ("lifecycle.kill", "Send processes a signal."),
        "wait": ("wait", "Wait until processes are ready, or have ended."),
        "run": ("run", "Run one process of a mesh in this terminal."),
    },
    "Inspect": {
        "attach": ("attach", "Show what a running mesh prints."),
        "ps": ("ps", "Show the processes of a mesh."),
        "top": ("top", "Show who uses what, and what flows on edges."),
        "logs": ("logs", "Show what processes printed."),
        "events": ("events", "Show what has happened to a mesh."),
        "ls": ("ls", "List your meshes."),
        "env": ("env", "Show the variables of one process."),
        "doctor": ("doctor", "Look whether meshes can run on this machine."),
    },
    "Messages": {
        "tap": ("tap", "Show what flows on an edge."),
        "record": ("record", "Write what flows on edges into a file."),
        "replay": ("replay", "Send what was recorded in the place of who sent it."),
        "journal": ("journal", "Look at what durable edges have on disk."),
    },
    "Check files": {
        "validate": ("validate", "Find what is wrong with topologies before anything runs."),
        "plan": ("plan", "Show what would run, without running it."),
        "config": ("config", "Show the topology that files make together."),
        "graph": ("graph", "Draw who talks to whom: mermaid, dot or text."),
        "explain": ("explain", "Explain the codes of findings."),
        "schema": ("schema", "Print the JSON Schema of the language, for editors."),
    },
}
"""The verbs in groups: each with its module here, which holds a function of its name, and its line in the help."""

VERBS = {verb: about for panel in PANELS.values() for verb, about in panel.items()}


def app(first: str = "") -> typer.Typer:
    """Return the command; where its first argument is a verb, that one alone, since making all takes time."""
    made = typer.Typer(
        cls=light.Group,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    made.callback(epilog="A FILE is topology.yaml here or above it, unless you name another.")(_root)
    for verb in [first] if first in VERBS else VERBS:
        module, line = VERBS[verb]
        panel = next(panel for panel, verbs in PANELS.items() if verb in verbs)
        room = import_module(f"orchestrator.cli.{module}")
        function = expanded(getattr(room, verb), OBJECTS | getattr(room, "OBJECTS", {}))
        made.command(verb, cls=light.Command, short_help=line, rich_help_panel=panel)(function)
    return made


def _version(wanted: bool) -> None:
    if wanted:
        print(f"orchestrator {orchestrator.__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Whole brokerless ZeroMQ meshes from one YAML file."""
