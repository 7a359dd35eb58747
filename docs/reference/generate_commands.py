"""Write what the command itself says of its verbs into docs/reference/commands.md.

Run it as ``python docs/reference/generate_commands.py``. Between ``<!-- generated -->`` and ``<!-- end -->`` are the
list of all verbs and, in the section of each, its usage and its flags; the text around them is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer.main

from orchestrator.cli.verbs import PANELS, app

PAGE = Path(__file__).with_name("commands.md")
BLOCK = re.compile(r"<!-- generated -->\n.*?<!-- end -->\n\n", re.DOTALL)
HEADING = re.compile(r"^### (\w+)\n\n", re.MULTILINE)


def commands() -> dict[str, Any]:
    """Return the click commands of all verbs, by name."""
    root: Any = typer.main.get_command(app())
    found: dict[str, Any] = root.commands
    return found


def overview() -> Iterator[str]:
    """Yield the lines of the list of all verbs, in the groups of the help."""
    for panel, verbs in PANELS.items():
        yield from (f"| {panel.lower()} | |", "| --- | --- |")
        yield from (f"| [`{verb}`](#{verb}) | {about.rstrip('.')} |" for verb, (_, about) in verbs.items())
        yield ""


def section(verb: str, command: Any) -> Iterator[str]:
    """Yield the lines on one verb: how it is called, and what its arguments and flags mean."""
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and not each.hidden]
    usage = " ".join(["orchestrator", verb, *(["[OPTIONS]"] if options else []), *map(_argument, arguments)])
    yield from ("```text", usage, "```", "")
    rows = [(f"`{_argument(each)}`", _help(each)) for each in arguments]
    rows += [(_names(each), _help(each)) for each in options if each.name != "help"]
    if rows:
        yield from ("| | |", "| --- | --- |", *(f"| {names} | {about} |" for names, about in rows), "")


def _argument(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name.upper()).strip("[]{}.")
    several = "..." if parameter.nargs == -1 else ""
    return f"{name}{several}" if parameter.required else f"[{name}]{several}"


def _names(parameter: Any) -> str:
    names = [f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts)]
    if not parameter.is_flag:
        longest = max(parameter.opts, key=len)
        names[parameter.opts.index(longest)] = f"`{longest} {parameter.metavar or parameter.name.upper()}`"
    return ", ".join(sorted(names, key=lambda name: name.startswith("`--")))


def _help(parameter: Any) -> str:
    words = (parameter.help or "").split()
    if isinstance(parameter.default, Enum):
        words += ["One of", f"{', '.join(each.value for each in type(parameter.default))}."]
    return " ".join(words)


def page(text: str) -> str:
    """Return the page with its generated parts written anew; a verb without one gets it below its heading."""
    known = commands()
    text = BLOCK.sub("", text)
    text = HEADING.sub(lambda found: found[0] + _block(section(found[1], known[found[1]])), text)
    return text.replace("## Commands\n\n", "## Commands\n\n" + _block(overview()), 1)


def _block(lines: Iterator[str]) -> str:
    return "\n".join(["<!-- generated -->", "", *lines, "<!-- end -->", "", ""])


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text()))


if __name__ == "__main__":
    main()
