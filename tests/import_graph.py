"""The imports inside a package, wherever they stand: also in functions, and for type checkers alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

Graph = Mapping[str, set[str]]


def graph(package: Path) -> dict[str, set[str]]:
    """Return which modules of the package each of its modules imports, by dotted names that begin with the package's.

    A folder that is imported is its ``__init__``.
    """
    files = {_name(file, package): file for file in package.rglob("*.py")}
    return {name: set(_modules(name, file, files)) - {name} for name, file in files.items()}


def circle(imports: Graph) -> list[str]:
    """Return a circle of imports, its first module again at the end; nothing where there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def rooms(imports: Graph) -> Iterator[tuple[str, dict[str, set[str]]]]:
    """Yield each package with what its folders and files import of one another."""
    packages = {".".join(parts[:depth]) for parts in map(_parts, imports) for depth in range(1, len(parts))}
    for package in sorted(packages):
        inside: dict[str, set[str]] = {}
        for name, others in imports.items():
            if room := _room(name, package):
                inside.setdefault(room, set()).update({_room(other, package) for other in others} - {room, ""})
        yield package, inside


def libraries(file: Path) -> set[str]:
    """Return the first names of all that a file imports."""
    return {name.partition(".")[0] for name in _imported("", file)}


def _name(file: Path, package: Path) -> str:
    return ".".join(file.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")


def _modules(name: str, file: Path, known: Mapping[str, Path]) -> Iterator[str]:
    for imported in _imported(name if file.name == "__init__.py" else name.rpartition(".")[0], file):
        while imported and imported not in known:
            imported = imported.rpartition(".")[0]
        if imported:
            yield imported


def _imported(package: str, file: Path) -> Iterator[str]:
    """Yield the dotted names that a file of a package imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def _parts(name: str) -> list[str]:
    return name.split(".")


def _room(name: str, package: str) -> str:
    """Return the folder or file of a package that a module is, or lies in; empty where it lies elsewhere."""
    return name.removeprefix(f"{package}.").partition(".")[0] if name.startswith(f"{package}.") else ""
