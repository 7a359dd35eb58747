"""Arguments that are read without pydantic mean what typer says that they mean."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import typer
from typer.main import get_command

from orchestrator.cli import verbs

ONE = (None, "", "x", "3", "-1", "0", "1.5", "json", "JSON", "10s", "2026-01-31T12:00:00Z", "mesh.yaml")
SEVERAL = (None, ["a", "b"], ("a",), [], "a")


def said(reader: Any, value: object, parameter: Any, context: Any) -> object:
    try:
        read = reader.coerce(value, param=parameter, ctx=context)
    except typer.BadParameter as error:
        return str(error)
    return round(read, -3) if isinstance(read, float) and read > 1e6 else read  # a time, by now


@pytest.mark.parametrize("verb", verbs.VERBS)
def test_each_parameter_is_read_as_typer_reads_it(verb: str) -> None:
    group: Any = get_command(verbs.app(verb))
    command = group.commands[verb]
    with group.make_context("orchestrator", [verb, "--help"], resilient_parsing=True) as context:
        for parameter in command.get_params(context):
            typers = type(parameter).get_runtime_param(parameter)
            several = parameter.multiple or parameter.nargs == -1
            for value in (*(SEVERAL if several else ONE), parameter.default):
                mine = said(parameter.get_runtime_param(), value, parameter, context)
                assert mine == said(typers, value, parameter, context), (parameter.name, value)


@pytest.mark.parametrize("verb", ["ls", "ps", "logs", "events", "down", "attach", "top", "stop", "wait", "tap"])
def test_who_only_asks_a_mesh_loads_no_pydantic(verb: str) -> None:
    script = f"import sys; sys.argv = ['orchestrator', '{verb}', '--help']; import orchestrator.cli as c"
    script += "\ntry: c.main()\nexcept SystemExit: print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
