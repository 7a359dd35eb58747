"""The command line: parses, calls, prints. What a verb needs is imported when it runs, so that help comes at once."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Annotated

import typer

import orchestrator
from orchestrator.cli import down, explain, logs, plan, ps, schema, up, validate
from orchestrator.cli.mistake import Mistake

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
app.command("up", short_help="Start a mesh and stay with it, or leave it running (-d).")(up.up)
app.command("down", short_help="Drain meshes and wait until they are gone.")(down.down)
app.command("ps", short_help="Show the processes of a mesh.")(ps.ps)
app.command("logs", short_help="Show what processes printed.")(logs.logs)
app.command("ls", short_help="List your meshes.")(ps.ls)
app.command("plan", short_help="Show what would run, without running it.")(plan.plan)
app.command("validate", short_help="Find what is wrong with topologies before anything runs.")(validate.validate)
app.command("explain", short_help="Explain the codes of findings.")(explain.explain)
app.command("schema", short_help="Print the JSON Schema of the language, for editors.")(schema.schema)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"orchestrator {orchestrator.__version__}")
        raise typer.Exit


@app.callback(epilog="A FILE is topology.yaml here or above it, unless you name another.")
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Whole brokerless ZeroMQ meshes from one YAML file."""


def main() -> None:
    """Run the command; a mistake of whoever typed it is told in one line, with exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # no stream, or one that is not a text file
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except Mistake as mistake:
        print(mistake, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        pass  # whoever read has seen enough
    finally:
        _flush()


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
